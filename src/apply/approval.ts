import type { Approval } from '../model/applying.ts';
import type { PlanEventEntity } from '../model/operation.ts';

/**
 * The approval of a plan that a person gave before, which stands until the plan is used or expires; null where there is none, or
 * where the last word was no. One of other steps under the same id, by their identity, is none. Pure.
 */
export function standingApproval(events: readonly PlanEventEntity[], identity: string): Approval | null {
  const words = events.filter(
    ({ how, facts }) => (how === 'terminal' || how === 'elicitation') && facts['identity'] === identity,
  );
  const last = words.sort((a, b) => a.id - b.id).at(-1);
  return last?.type === 'approved' ? { by: last.who, how: last.how as Approval['how'] } : null;
}

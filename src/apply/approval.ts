import type { Approval } from '../model/applying.ts';
import type { PlanEventEntity } from '../model/operation.ts';

/**
 * An approval that a person gave earlier, valid until the plan is used or expires; null without one, or if the last answer was
 * no. An approval of other steps under the same id, by their identity, does not count. Pure.
 */
export function standingApproval(events: readonly PlanEventEntity[], identity: string): Approval | null {
  const words = events.filter(
    ({ how, facts }) => (how === 'terminal' || how === 'elicitation') && facts['identity'] === identity,
  );
  const last = words.sort((a, b) => a.id - b.id).at(-1);
  return last?.type === 'approved' ? { by: last.who, how: last.how as Approval['how'] } : null;
}

import { planCalled } from '../answers/desired/make-plan.ts';
import { planQuestion } from '../answers/desired/question.ts';
import type { Approving } from '../cli/host.ts';
import { openStore, type StoreOptions } from '../database/index.ts';
import { planIdentity } from '../desired/plan.ts';
import { formatTime } from '../history/moment.ts';
import type { PlanEntity } from '../model/plan.ts';

/** At a terminal, a person can read all of a value (characters). */
const VALUE_AT_MOST = 8_192;

/**
 * A person's approval of plans in a store; the cluster is not asked. `person`: their name on this machine; `now` (ms): the clock
 * that dates plans.
 */
export async function openApproving(
  options: StoreOptions,
  { timeZone, person, now }: { timeZone: string; person: string; now: () => number },
): Promise<Approving> {
  const store = await openStore(options);
  const shown = new Map<string, PlanEntity>();
  const identityOf = async (plan: PlanEntity) => {
    const cluster = await store.cluster();
    return planIdentity(`${cluster?.name ?? ''} ${cluster?.rootFingerprint ?? ''}`, plan);
  };
  return {
    plan: async id => {
      const plan = await planCalled(id, { store });
      shown.set(plan.id, plan);
      const cluster = await store.cluster();
      const text = planQuestion(plan, {
        cluster: cluster?.name ?? null,
        timeZone,
        why: null,
        limit: VALUE_AT_MOST,
      });
      return { id: plan.id, text, closed: closedBy(plan, now(), timeZone) };
    },
    decide: async (id, approved) => {
      const identity = await identityOf(shown.get(id)!);
      await store.addPlanEvent({
        plan: id,
        at: now(),
        type: approved ? 'approved' : 'refused',
        who: person,
        how: 'terminal',
        facts: { identity },
      });
    },
    close: () => store.close(),
  };
}

/** Why a plan can no longer be approved; null if it can. */
function closedBy({ usedAt, expiresAt }: PlanEntity, now: number, timeZone: string): string | null {
  if (usedAt !== null) return `it was used at ${formatTime(usedAt, timeZone)}`;
  return now > expiresAt ? `it expired at ${formatTime(expiresAt, timeZone)}` : null;
}

import type { ApplyRefusal } from '../model/applying.ts';
import type { PlanEntity } from '../model/plan.ts';

/** Most guests changed by one plan. */
export const GUESTS_AT_MOST = 25;

/**
 * Why a plan cannot be carried out, whatever the state of its guests; null where it can. `latest` is the latest known moment
 * (ms), so that setting a clock back does not make a plan valid again. Pure.
 */
export function planRefusal(plan: PlanEntity, latest: number): ApplyRefusal | null {
  if (plan.usedAt !== null)
    return {
      code: 'used',
      what: `Plan ${plan.id} was carried out already, and a plan is good for once: plan again.`,
    };
  if (plan.outcome === 'expired' || latest > plan.expiresAt)
    return {
      code: 'expired',
      what: `Plan ${plan.id} has expired: what it rests on may have changed. Plan again.`,
    };
  const guests = new Set(plan.steps.map(step => step.resource)).size;
  if (guests > GUESTS_AT_MOST)
    return {
      code: 'too-many',
      what: `Plan ${plan.id} changes ${guests} guests, and one plan changes at most ${GUESTS_AT_MOST}: plan for fewer.`,
    };
  return null;
}

import { UsageError } from '../../errors.ts';
import { LONGEST_JSON } from '../../model/limits.ts';
import type { PlanEntity } from '../../model/plan.ts';

/** @throws UsageError where a plan is more than can be kept, with how to plan for less */
export function checkPlanSize({ steps, leftOut }: Pick<PlanEntity, 'steps' | 'leftOut'>): void {
  if ([steps, leftOut].every(part => JSON.stringify(part).length <= LONGEST_JSON)) return;
  throw new UsageError('That is more than one plan can hold.', {
    hint: 'Plan for fewer guests at a time (a tag, pool or node), or for fewer fields.',
  });
}

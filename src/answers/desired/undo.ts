import type { ResourceFinding } from '../../desired/comparison.ts';
import { NOTHING_DECLARED, withFields } from '../../desired/declaration.ts';
import { listOf } from '../../desired/expected.ts';
import { selects } from '../../desired/selector.ts';
import type { Subject } from '../../desired/subject.ts';
import { UsageError } from '../../errors.ts';
import type { StepResult } from '../../model/applying.ts';
import type { DeclaredFields } from '../../model/declaration.ts';
import type { LeftOut, PlanEntity, PlanStep } from '../../model/plan.ts';
import { type Target, towards } from './target.ts';

/**
 * What a plan changed, to be undone; `results` are those of its steps. What somebody changed since is left out, and what no plan
 * undoes. Only those tags are removed, or given back, that the plan itself set or removed.
 * @throws UsageError if nothing was done
 */
export function towardsUndo(
  plan: PlanEntity,
  results: readonly StepResult[],
  subjects: readonly Subject[],
  now: number,
): Target {
  if (plan.usedAt === null || results.every(one => one.outcome === 'not_sent'))
    throw new UsageError(`Plan ${plan.id} was never carried out: there is nothing to take back.`, {
      hint: 'Let it expire, or plan to a moment: {"to":"yesterday"}.',
    });
  const target = {
    findings: [] as ResourceFinding[],
    leftOut: [] as LeftOut[],
    astray: [] as ResourceFinding[],
  };
  for (const [index, step] of plan.steps.entries()) {
    const { resource, path } = step;
    const leave = (why: string) => target.leftOut.push({ resource, path, why });
    const subject = subjects.find(one => selects({ resource })(one));
    const never = notTakenBack(step, results[index]!);
    if (subject === undefined || subject.incarnation !== step.incarnation)
      leave('that guest is not there any more');
    else if (never !== null) leave(never);
    else {
      // What waits for a restart is as the plan left it; what cannot be seen now is left out for that.
      const since = differences(subject, path === 'tags' ? {} : { [path]: step.to }, now).filter(
        ({ fields }) => fields.some(({ state }) => state !== 'pending' && state !== 'unseen'),
      );
      if (since.length > 0) {
        target.astray.push(...since);
        leave('somebody changed it since');
      } else target.findings.push(...differences(subject, formerOf(step), now));
    }
  }
  return target;
}

/** Why a step is never undone, whatever the present value; null if it can be. */
function notTakenBack({ path }: PlanStep, { outcome }: StepResult): string | null {
  if (outcome === 'failed' || outcome === 'reverted' || outcome === 'not_sent')
    return `that plan did not change it (${outcome.replace('_', ' ')})`;
  return path === 'snapshots' ? SNAPSHOTS_STAY : null;
}

const SNAPSHOTS_STAY = 'snapshots are never deleted by plans';

/** Which of these steps no plan could undo once they are carried out; undefined if all could be. */
export function notUndone(steps: readonly PlanStep[]): string | undefined {
  const forGood = steps.flatMap(({ resource, path, from }) => {
    if (path === 'snapshots') return [`a snapshot of ${resource} (${SNAPSHOTS_STAY})`];
    const guarded = /^config\.(?:(protection)|net\d+\.(firewall))$/.exec(path);
    if (guarded === null || Number(from) === 1) return [];
    return [`${guarded[1] ?? guarded[2]} of ${resource} (never switched off by a plan)`];
  });
  if (forGood.length === 0) return undefined;
  const more = forGood.length > NAMED ? ` and ${forGood.length - NAMED} more` : '';
  return `Once carried out, no plan takes back ${forGood.slice(0, NAMED).join(', ')}${more}.`;
}

/** Most names in one sentence. */
const NAMED = 5;

/** The values before a step: for tags only those that it set or removed. */
function formerOf({ path, from, to }: PlanStep): DeclaredFields {
  if (path !== 'tags') return { [path]: from };
  const [before, after] = [listOf(from), listOf(to)];
  return {
    'tags+': before.filter(tag => !after.includes(tag)),
    'tags-': after.filter(tag => !before.includes(tag)),
  };
}

function differences(subject: Subject, fields: DeclaredFields, now: number): ResourceFinding[] {
  const declared = withFields(NOTHING_DECLARED, { resource: subject.resource }, fields);
  return towards(declared, [subject], null, now).findings;
}

import type { ApplyRefusal, ApplyResult, StepResult } from '../model/applying.ts';
import type { OperationEntity } from '../model/operation.ts';
import type { PlanEntity, PlanStep } from '../model/plan.ts';
import type { JsonValue } from '../model/state.ts';
import { quoted } from '../text/cluster-text.ts';

/**
 * The outcome of each step of a plan that was begun, from the writes made for it. The last write for a field decides; `stopped`
 * says why guests were left out before anything was sent to them. Pure.
 */
export function stepResults(
  { steps, outcome }: Pick<PlanEntity, 'steps' | 'outcome'>,
  operations: readonly OperationEntity[],
  stopped: readonly Pick<ApplyRefusal, 'resource' | 'what'>[] = [],
): StepResult[] {
  // By number: the times are by the cluster's clock, which may turn out to be slower meanwhile.
  const counted = [...operations].sort((a, b) => numberOf(a) - numberOf(b));
  return steps.map(step => {
    const base = { resource: step.resource, path: step.path };
    const last = counted.findLast(one => isFor(one, step));
    if (last !== undefined) return { ...base, ...resultOf(last, step) };
    // It was as wanted already when its turn came.
    if (outcome === 'done') return { ...base, outcome: 'verified' };
    const why = stopped.find(one => one.resource === step.resource)?.what;
    return { ...base, outcome: 'not_sent', ...(why !== undefined && { error: why }) };
  });
}

/** The outcome of a plan, from the outcomes of its steps. An unknown one may have been done. */
export function outcomeOf(
  steps: readonly Pick<StepResult, 'outcome'>[],
): Exclude<ApplyResult['outcome'], 'refused'> {
  const done = steps.filter(({ outcome }) => outcome === 'verified' || outcome === 'pending').length;
  if (done === steps.length) return 'done';
  return done > 0 || steps.some(({ outcome }) => outcome === 'unknown') ? 'partial' : 'failed';
}

/** The number of a write within its plan: `p-7f3k9.3`. */
function numberOf({ id }: OperationEntity): number {
  return Number(id.slice(id.lastIndexOf('.') + 1));
}

function isFor(operation: OperationEntity, step: PlanStep): boolean {
  return (
    operation.takesBack === null &&
    operation.resource === step.resource &&
    operation.paths.includes(step.path)
  );
}

function resultOf(operation: OperationEntity, { path }: PlanStep): Omit<StepResult, 'resource' | 'path'> {
  const { state, liveDiffers } = operation;
  const key = keyOf(operation, path);
  const standing = operation.standings[key] as { standing: string; now: JsonValue } | undefined;
  // Of several fields in one write, some may be in force while others are pending.
  const inForce = state === 'pending' && standing?.standing === 'there';
  const outcome = inForce ? 'verified' : state === 'sent' ? 'unknown' : state;
  const error =
    outcome === 'verified' || outcome === 'pending' ? undefined : errorOf(operation, standing?.standing);
  return {
    outcome,
    ...(error !== undefined && { error }),
    ...(outcome === 'failed' && standing !== undefined && { now: standing.now }),
    ...(liveDiffers && outcome !== 'reverted' && { live_differs: true }),
  };
}

/** The key of an operation's wanted value for a path. */
function keyOf({ wanted, resource }: OperationEntity, path: string): string {
  if (path === 'snapshots') return wanted[0]?.key ?? path;
  if (path === 'name' && resource.startsWith('container/')) return 'hostname';
  return path.replace(/^config\./, '').split('.')[0]!;
}

type Answer = { kind?: string; why?: string; refusal?: { says?: string } };

/** What Proxmox answered to an operation, or what was observed instead. */
function errorOf(operation: OperationEntity, standing: string | undefined): string {
  const answer = (operation.outcome ?? {}) as Answer;
  const says = answer.refusal?.says ?? ((operation.taskEnd ?? {}) as Answer).refusal?.says;
  if (says !== undefined) return `Proxmox VE refused it: ${quoted(says, 200)}`;
  if (answer.kind === 'not-sent') return `it never reached the node: ${quoted(answer.why ?? '', 200)}`;
  if (operation.state === 'failed' && standing === 'other')
    return 'Proxmox VE stored another value than was sent';
  if (operation.state === 'failed') return 'it did not take effect';
  if (operation.state === 'reverted')
    return 'Proxmox VE stored another value than was sent, which was taken back';
  return answer.why === undefined
    ? 'whether it took effect is not known yet'
    : `whether it took effect is not known yet: ${quoted(answer.why, 200)}`;
}

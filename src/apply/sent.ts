import type { OperationEntity, OperationNews } from '../model/operation.ts';
import { parseGuestKey } from '../model/resource.ts';
import type { JsonObject } from '../model/state.ts';
import type { GuestAddress, Operation, Refusal, WriteOutcome } from '../proxmox/operations/index.ts';
import { maskValue } from '../text/mask.ts';
import { TASK_FIELDS } from './compose-task.ts';
import type { Reading } from './standing.ts';
import type { SentOperation, TaskEnd, Verdict } from './verdict.ts';

/** The address of an operation's guest when it was written to. */
export function addressOf({ resource, node }: Pick<OperationEntity, 'resource' | 'node'>): GuestAddress {
  const { type, id } = parseGuestKey(resource);
  return { type, vmid: id, node };
}

/** A stored operation, in the form for determining its outcome. */
export function sentOf(
  entity: OperationEntity,
  { takenBack = false, task }: { takenBack?: boolean; task?: TaskEnd | undefined } = {},
): SentOperation {
  const end = task ?? endOf(entity);
  return {
    type: addressOf(entity).type,
    wanted: entity.wanted,
    sentAt: entity.sentAt,
    outcome: outcomeOf(entity),
    ...(end !== undefined && { task: end }),
    managed: entity.managed,
    takenBack,
  };
}

/** What the store keeps of a write as JSON, in this program's own form. */
type Part = Operation | WriteOutcome | TaskEnd;

/** A part of an operation as the store keeps it: the lists in it are JSON's own, though nobody may change them here. */
export function kept(part: Part): JsonObject {
  return part as unknown as JsonObject;
}

function readBack<P extends Part>(part: JsonObject): P {
  return part as unknown as P;
}

function outcomeOf({ outcome }: Pick<OperationEntity, 'outcome'>): WriteOutcome | undefined {
  return outcome === null ? undefined : readBack(outcome);
}

function endOf({ taskEnd }: Pick<OperationEntity, 'taskEnd'>): TaskEnd | undefined {
  return taskEnd === null ? undefined : readBack(taskEnd);
}

/** What was sent, from the stored operation. */
export function operationOf({ sent }: OperationEntity): Operation {
  return readBack(sent);
}

/** The refusal that an operation met, at once or at the end of its task; null where none is known. */
export function refusalIn(entity: Pick<OperationEntity, 'outcome' | 'taskEnd'>): Refusal | null {
  const answer = outcomeOf(entity);
  if (answer?.kind === 'refused') return answer.refusal;
  const end = endOf(entity);
  return end?.ended ? end.refusal : null;
}

/** Whether an operation's effect is read from its guest's status, node and snapshots. */
export function isAboutFacts({ wanted }: Pick<OperationEntity, 'wanted'>): boolean {
  return wanted.some(({ key }) => key.startsWith('snapshot:') || TASK_FIELDS.some(field => field === key));
}

/** What a verdict changes about an operation: the state of each value, and the present value. */
export function newsOf(
  entity: OperationEntity,
  verdict: Verdict,
  reading: Reading | undefined,
  at: number,
): OperationNews {
  const standings = Object.entries(verdict.standings).map(([key, standing]) => {
    const now = Object.hasOwn(reading!.waiting, key)
      ? reading!.waiting[key]!
      : (reading!.values[key] ?? null);
    return [key, { standing, now: maskValue(key, now) }] as const;
  });
  return {
    state: verdict.state,
    liveDiffers: verdict.liveDiffers,
    mayBeCause: verdict.mayBeCause,
    judgedAt: at,
    ...(standings.length > 0 && { standings: Object.fromEntries(standings) as JsonObject }),
    ...(entity.digestAfter === null &&
      reading?.sameGuest &&
      reading.digest !== '' && { digestAfter: reading.digest }),
  };
}

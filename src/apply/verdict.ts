import type { OperationState, WantedValue } from '../model/operation.ts';
import type { GuestType } from '../model/resource.ts';
import type { Refusal, WriteOutcome } from '../proxmox/operations/index.ts';
import { type Reading, type Standing, standingOf } from './standing.ts';

/** How the task of an operation ended, where it made one. */
export type TaskEnd = { ended: false } | { ended: true; refusal: Refusal | null };

/** An operation as far as what became of it is judged by it. */
export interface SentOperation {
  type: GuestType;
  wanted: readonly WantedValue[];
  /** Milliseconds by the clock that dates the readings. */
  sentAt: number;
  /** How Proxmox answered; undefined where the process died before that was known. */
  outcome: WriteOutcome | undefined;
  task?: TaskEnd | undefined;
  /** It asks the manager of high availability, whose task ends before it acts: power or a move of a guest under it. */
  managed: boolean;
  /** Values that were taken back since, or were tried to be. */
  takenBack: boolean;
}

/** What became of an operation, and what stands now. */
export interface Verdict {
  state: OperationState;
  standings: { readonly [key: string]: Standing };
  /** A running container has values in force that its configuration does not show. */
  liveDiffers: boolean;
  /** It may be named as the cause of what changed: false where it is certain that it wrote nothing. */
  mayBeCause: boolean;
}

/** Proxmox works on for 30 s after it has given up a call; what nobody answered is over after this. */
export const SETTLED_MS = 35_000;

/**
 * What became of an operation, by the newest reading of its guest. The same facts give the same verdict, whenever and by
 * whichever process it is asked: an operation is settled by reading, never by what its sender remembers.
 */
export function judge(sent: SentOperation, reading: Reading | undefined): Verdict {
  const refusal = refusalOf(sent);
  const liveDiffers = sent.type === 'container' && refusal?.leaves === 'live' && !sent.takenBack;
  const verdict = (state: OperationState, standings: Verdict['standings'] = {}): Verdict => ({
    state,
    standings,
    liveDiffers,
    mayBeCause: sent.outcome?.kind !== 'not-sent' && refusal?.leaves !== 'nothing',
  });
  if (sent.outcome?.kind === 'not-sent') return verdict('not_sent');
  if (reading === undefined) return verdict(sent.outcome === undefined ? 'sent' : 'unknown');
  if (!reading.sameGuest) return verdict('unknown');
  const standings = Object.fromEntries(
    sent.wanted.map(wanted => [wanted.key, standingOf(sent.type, wanted, reading)]),
  );
  return verdict(stateOf(sent, reading, standings, refusal), standings);
}

function stateOf(
  sent: SentOperation,
  reading: Reading,
  standings: Verdict['standings'],
  refusal: Refusal | null,
): OperationState {
  const every = (...ones: Standing[]) => Object.values(standings).every(one => ones.includes(one));
  if (reading.busy) return 'unknown';
  if (sent.takenBack) return every('old') ? 'reverted' : 'failed';
  if (every('there')) return 'verified';
  if (!isOver(sent, reading)) return 'unknown';
  if (every('there', 'waiting') && !isOurs(refusal, standings)) return 'pending';
  return sent.managed && refusal === null ? 'unknown' : 'failed';
}

/**
 * Whether a refusal is about this operation: what could not be plugged and was to be in force at once is no success. A
 * running VM tries all that waits with every write, so that others' keys can fail in the answer to ours.
 */
function isOurs(refusal: Refusal | null, standings: Verdict['standings']): boolean {
  if (refusal === null) return false;
  return refusal.leaves !== 'pending' || refusal.keys.some(key => standings[key] === 'waiting');
}

/** Whether nothing can still be at work for this operation. */
function isOver({ outcome, task, sentAt }: SentOperation, reading: Reading): boolean {
  if (outcome?.kind === 'written' || outcome?.kind === 'refused') return true;
  if (outcome?.kind === 'task' && task?.ended) return true;
  // A clock that was set back meanwhile makes it wait longer, never less.
  return reading.at - sentAt >= SETTLED_MS;
}

function refusalOf({ outcome, task }: SentOperation): Refusal | null {
  if (outcome?.kind === 'refused') return outcome.refusal;
  return task?.ended ? task.refusal : null;
}

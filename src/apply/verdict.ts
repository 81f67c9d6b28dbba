import type { OperationState, WantedValue } from '../model/operation.ts';
import type { GuestType } from '../model/resource.ts';
import type { Refusal, WriteOutcome } from '../proxmox/operations/index.ts';
import { type Reading, type Standing, standingOf } from './standing.ts';

/** The state of an operation's task, if it has one. */
export type TaskEnd = { ended: false } | { ended: true; refusal: Refusal | null };

/** The parts of an operation that decide its outcome. */
export interface SentOperation {
  type: GuestType;
  wanted: readonly WantedValue[];
  /** Milliseconds by the clock that dates the readings. */
  sentAt: number;
  /** Proxmox's answer; undefined where the process died before it was known. */
  outcome: WriteOutcome | undefined;
  task?: TaskEnd | undefined;
  /** It asks the HA manager, whose task ends before it acts: power or migration of a guest managed by HA. */
  managed: boolean;
  /** It was undone since, or that was attempted. */
  takenBack: boolean;
}

/** The outcome of an operation, and the present values. */
export interface Verdict {
  state: OperationState;
  standings: { readonly [key: string]: Standing };
  /** Values in force in the running container differ from its configuration. */
  liveDiffers: boolean;
  /** It may be named as the cause of what changed; false where it certainly wrote nothing. */
  mayBeCause: boolean;
}

/** Proxmox works on for 30 s after it has given up a call; a write without an answer is over after this time. */
export const SETTLED_MS = 35_000;

/**
 * The outcome of an operation, from the newest reading of its guest. Equal facts give equal verdicts, whenever and by whichever
 * process: an operation is settled by reading, never by what its sender remembers.
 */
export function decideOutcome(sent: SentOperation, reading: Reading | undefined): Verdict {
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
 * Whether a refusal is about this operation: values that could not be hot-plugged although they were to take effect at once are
 * no success. A running VM retries everything pending with every write, so other people's keys can fail in the answer to ours.
 */
function isOurs(refusal: Refusal | null, standings: Verdict['standings']): boolean {
  if (refusal === null) return false;
  return refusal.leaves !== 'pending' || refusal.keys.some(key => standings[key] === 'waiting');
}

/** Whether nothing can still be under way for this operation. */
function isOver({ outcome, task, sentAt }: SentOperation, reading: Reading): boolean {
  if (outcome?.kind === 'written' || outcome?.kind === 'refused') return true;
  if (outcome?.kind === 'task' && task?.ended) return true;
  // A clock that was set back meanwhile makes this wait longer, never shorter.
  return reading.at - sentAt >= SETTLED_MS;
}

function refusalOf({ outcome, task }: SentOperation): Refusal | null {
  if (outcome?.kind === 'refused') return outcome.refusal;
  return task?.ended ? task.refusal : null;
}

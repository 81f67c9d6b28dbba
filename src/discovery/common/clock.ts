import type { CommitEntity } from '../../model/entity.ts';
import { CLOCK_OFFSET_NOTE, type CommitWriter, type StoreReader } from '../../model/store.ts';
import {
  type ClusterTime,
  earliest,
  later,
  latest,
  OFFSET_NOISE_MS,
  type OurTime,
  toClusterTime,
} from '../../model/time.ts';

/** An offset that moved further than this since the last run: somebody set a clock (ms). */
const JUMP_MS = 30_000;

/** How far the API's clock is ahead of ours (ms), once it has answered. */
export interface ClockOffset {
  clockOffset: () => number;
}

/** How long ago (ms). What seems to lie in the future is from before our clock was set back, and as good as old. */
export function age(at: number, now: number): number {
  return at > now ? Number.POSITIVE_INFINITY : now - at;
}

/** What the last run tells of the clocks. */
export interface ClockMemory {
  /** Boots and moments that earlier runs recorded can be compared with those of this one. */
  steady: boolean;
  /**
   * What is to be added to moments of our clock that earlier runs recorded (ms), since it was ours that was set: they then are
   * what it would have told had it gone as it goes now. 0 where no clock was set, or where it may have been the cluster's.
   */
  redateBy: number;
  /** A moment (ms) of what is known, redated, in the cluster's time: by what our clock's offset was when it was recorded. */
  recorded(at: OurTime): ClusterTime;
  /** ... the earliest and the latest that it may have been, should that not be how the clocks were set. */
  bounds(at: OurTime): [earliest: ClusterTime, latest: ClusterTime];
  /** When a commit's look was (ms, in the cluster's time): its moment is not redated. */
  looked(commit: Look): ClusterTime;
  /** Keeps this run's offset where it is another one: together with what is dated by it, or a crash would redate it twice. */
  remember(commit: Pick<CommitWriter, 'saveNote'>): Promise<void>;
}

/** When something began to run by our clock (ms): as it was known and as it is seen now. */
export interface Boots {
  was: OurTime;
  is: OurTime;
}

/** What tells whose clock was set. */
export interface SinceLastLook {
  /** All that ran then and does now. */
  boots: readonly Boots[];
  /** How long ago it was by our clock as it goes now (ms); negative where it seems to lie in the future. */
  elapsed: number;
}

type Look = Pick<CommitEntity, 'at' | 'observedAt'>;

/** How far the API's clock was ahead of ours in the last run (ms); null where none is recorded. */
export async function formerOffset(store: StoreReader): Promise<number | null> {
  const note = await store.note(CLOCK_OFFSET_NOTE);
  return note === null ? null : Number(note);
}

/**
 * When a commit's look was (ms, in the cluster's time), by the offset of the last run. That may not be the commit's own, but
 * commits are dated by the cluster's clock, and none was written before its look.
 */
export function lookedAt(former: number | null, { at, observedAt }: Look): ClusterTime {
  return earliest(at, toClusterTime(observedAt, former ?? 0));
}

/**
 * Compares the offset of our clock (ms) with that of the last run. To be called after the API has answered: before, there is
 * no offset.
 */
export function recallClock(
  former: number | null,
  { clockOffset }: ClockOffset,
  { boots, elapsed }: SinceLastLook,
): ClockMemory {
  const offset = clockOffset();
  const was = former ?? offset;
  const moved = Math.round(was - offset);
  const jumped = Math.abs(moved) >= JUMP_MS;
  // No clock went ahead by more than it tells to have passed; one that went back was set.
  const wentBack = elapsed < -OFFSET_NOISE_MS;
  const wasSet = wentBack || wasOurs(moved, boots);
  const redateBy = jumped && moved <= elapsed + OFFSET_NOISE_MS && wasSet ? moved : 0;
  const readings = (at: OurTime): [ClusterTime, ClusterTime] => [
    toClusterTime(at, offset),
    redateBy === 0 ? toClusterTime(at, was) : toClusterTime(later(at, -redateBy), offset),
  ];
  return {
    steady: !jumped || redateBy !== 0,
    redateBy,
    recorded: at => toClusterTime(at, redateBy === 0 ? was : offset),
    bounds: at => [earliest(...readings(at)), latest(...readings(at))],
    looked: commit =>
      redateBy === 0 ? earliest(lookedAt(was, commit), lookedAt(offset, commit)) : lookedAt(was, commit),
    remember: async commit => {
      if (former === null || Math.abs(moved) >= OFFSET_NOISE_MS)
        await commit.saveNote(CLOCK_OFFSET_NOTE, String(Math.round(offset)));
    },
  };
}

/**
 * Whether it was our clock that was set `by` so much (ms), and not the cluster's: then most of what runs seems to have begun
 * later, or earlier, by that. Uptimes do not depend on any clock.
 */
function wasOurs(by: number, boots: readonly Boots[]): boolean {
  const near = (to: number) =>
    boots.filter(({ was, is }) => Math.abs(is - was - to) < Math.abs(by) / 2).length;
  return near(by) > near(0);
}

import type { CommitEntity } from '../../model/entity.ts';
import { CLOCK_OFFSET_NOTE, type CommitWriter, type StoreReader } from '../../model/store.ts';
import {
  type ClusterTime,
  earliest,
  later,
  latest,
  OFFSET_NOISE_MS,
  type OurTime,
  parseOffset,
  toClusterTime,
} from '../../model/time.ts';

/** If the offset moved by more than this since the last run, somebody set a clock (ms). */
const JUMP_MS = 30_000;

/** How far the API's clock is ahead of ours (ms). Known once the API has answered. */
export interface ClockOffset {
  clockOffset: () => number;
}

/** The age of a moment (ms). A moment in the future dates from before our clock was set back, and counts as infinitely old. */
export function age(at: number, now: number): number {
  return at > now ? Number.POSITIVE_INFINITY : now - at;
}

/** What can be said about the clocks since the last run. */
export interface ClockMemory {
  /** Moments recorded by earlier runs can be compared with this run's. */
  steady: boolean;
  /**
   * What to add to moments that earlier runs recorded by our clock (ms), where it was our clock that was set: the result is what
   * our present clock would have shown. 0 where no clock was set, or where it may have been the cluster's.
   */
  redateBy: number;
  /** A recorded moment, already redated, in the cluster's time. */
  recorded(at: OurTime): ClusterTime;
  /** The earliest and the latest cluster time that a recorded moment may stand for, where it is uncertain which clock was set. */
  bounds(at: OurTime): [earliest: ClusterTime, latest: ClusterTime];
  /** When the reading behind a commit took place, in the cluster's time. Takes the commit's moment as stored, not redated. */
  looked(commit: Look): ClusterTime;
  /**
   * Saves this run's offset if it changed. Belongs in the same transaction as the redated rows, or a crash would redate them
   * twice.
   */
  remember(commit: Pick<CommitWriter, 'saveNote'>): Promise<void>;
}

/** The moment something started by our clock (ms): as recorded, and as seen now. */
export interface Boots {
  was: OurTime;
  is: OurTime;
}

/** The evidence on whose clock was set. */
export interface SinceLastLook {
  /** Everything that was running then and still is. */
  boots: readonly Boots[];
  /** Time since the last look by our present clock (ms); negative where that look seems to lie in the future. */
  elapsed: number;
}

type Look = Pick<CommitEntity, 'at' | 'observedAt'>;

/** How far the API's clock was ahead of ours in the last run (ms); null where none was recorded. */
export async function formerOffset(store: StoreReader): Promise<number | null> {
  return parseOffset(await store.note(CLOCK_OFFSET_NOTE));
}

/**
 * When the reading behind a commit took place, in the cluster's time, judged by the last run's offset. That offset may not be the
 * commit's own, but commits are dated by the cluster's clock and are never written before their reading.
 */
export function lookedAt(former: number | null, { at, observedAt }: Look): ClusterTime {
  return earliest(at, toClusterTime(observedAt, former ?? 0));
}

/**
 * Compares the offset of our clock with that of the last run. Call it only after the API has answered: before, no offset is
 * known.
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
  // A clock cannot have gone ahead by more than the time it says has passed; one that went back was set.
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
 * Whether it was our clock, rather than the cluster's, that was set by this much (ms). Then most boot times seem to have moved by
 * that amount, since uptimes depend on no clock.
 */
function wasOurs(by: number, boots: readonly Boots[]): boolean {
  const near = (to: number) =>
    boots.filter(({ was, is }) => Math.abs(is - was - to) < Math.abs(by) / 2).length;
  return near(by) > near(0);
}

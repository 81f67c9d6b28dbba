import { type ClusterTime, earliest, later, latest, type NodeTime } from '../../model/time.ts';
import type { Upid } from '../../model/upid.ts';

/** Tasks are dated in whole seconds, are listed a moment after they begin, and offsets are known to seconds (ms). */
const SLACK_MS = 10_000;
/** How far in the future a moment may seem to be (ms). */
const FUTURE_MS = 5_000;
/** How late a node's boot may seem by its uptime, as rows lag (ms). */
const ROW_LAG_MS = 12_000;
/** How far a moment counted from the boot may be off then, with clocks read in whole seconds (ms). */
const BY_TICKS_MS = ROW_LAG_MS / 2 + 4_000;

/** What tells when a node's tasks began and ended. */
export interface TaskClock {
  /** The moments that one by the node's clock may stand for: several where it was set around then. */
  dates: (at: NodeTime) => readonly [ClusterTime, ...ClusterTime[]];
  /** When the node booted, by its uptime; null where that is not known. */
  bootAt: ClusterTime | null;
  /** What began before this was read before; null where that is not certain. */
  readTo: ClusterTime | null;
  present: ClusterTime;
}

/** The moments at which a task that was not read before may have begun; none where its clock was set and nobody has noticed. */
export function possibleStarts({ startedAt }: Upid, clock: TaskClock): ClusterTime[] {
  return clock.dates(startedAt).filter(at => isPossible(at, clock));
}

function isPossible(at: ClusterTime, { readTo, present }: TaskClock): boolean {
  return at <= present + FUTURE_MS && (readTo === null || at >= readTo - SLACK_MS);
}

/**
 * When a task that was not read before began. Where its node's clock was set around then, the ticks in its UPID decide, which
 * count from the node's boot whatever the clock says. They do not for a task of an earlier boot, whose clock is the former one.
 */
export function beganAt(upid: Upid, clock: TaskClock): ClusterTime {
  const { bootAt } = clock;
  const possible = possibleStarts(upid, clock);
  const [first, ...others] = possible;
  if (first !== undefined && others.length === 0) return first;
  const asNow = clock.dates(upid.startedAt).at(-1)!;
  if (bootAt === null) return possible.at(-1) ?? asNow;
  const byTicks = later(bootAt, upid.pstart * 10 - ROW_LAG_MS / 2);
  if (first === undefined) return isPossible(byTicks, clock) ? byTicks : asNow;
  const off = (at: ClusterTime) => Math.abs(at - byTicks);
  const nearest = possible.reduce((a, b) => (off(b) < off(a) ? b : a));
  if (off(nearest) <= BY_TICKS_MS) return nearest;
  return possible.find(at => at < bootAt) ?? possible.at(-1)!;
}

/** When a task ended that began at `began`: by the clock that dated its beginning, unless that was set before it ended. */
export function endedAt(
  end: NodeTime,
  { startedAt }: Upid,
  began: ClusterTime,
  clock: TaskClock,
): ClusterTime {
  const fits = (at: ClusterTime) => at >= began && at <= clock.present + FUTURE_MS;
  const isDated = clock.dates(startedAt).includes(began);
  const [only, ...others] = isDated ? clock.dates(end).filter(fits) : [];
  if (only !== undefined && others.length === 0) return only;
  const sameClock = later(began, end - startedAt);
  return fits(sameClock) ? sameClock : latest(began, earliest(sameClock, clock.present));
}

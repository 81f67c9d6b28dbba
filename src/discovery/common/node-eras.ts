import { isObject } from '../../model/state.ts';
import {
  type ClusterTime,
  earliest,
  fromNodeTime,
  later,
  latest,
  type NodeTime,
  toNodeTime,
} from '../../model/time.ts';

/** How far a node's clock was ahead of the cluster's (ms, as last read), from the first reading that found it so to the last. */
export interface Era {
  ahead: number;
  from: ClusterTime;
  to: ClusterTime;
}

/** Offsets below this are none (ms), and up to as far apart the same: both clocks are read in whole seconds, and answers take a moment. */
const NOISE_MS = 3_000;
/** How exactly it is known when an offset was read, and what it dates (ms). */
const SLACK_MS = 5_000;
/** Eras kept of each node: clocks are rarely set. */
const KEPT = 4;

/** Whether a value from the store is an era. */
export function isEra(value: unknown): value is Era {
  return isObject(value) && [value.ahead, value.from, value.to].every(Number.isFinite);
}

/** How far a node's clock was ahead in an era (ms); 0 where that may be noise, or where there is none. */
export function aheadIn(era: Era | undefined): number {
  return era === undefined || Math.abs(era.ahead) < NOISE_MS ? 0 : era.ahead;
}

/** The eras of a node's clock, oldest first, with a further reading. */
export function withReading(eras: readonly Era[], ahead: number, at: ClusterTime): Era[] {
  const last = eras.at(-1);
  if (last === undefined || Math.abs(last.ahead - ahead) > NOISE_MS)
    return [...eras, { ahead, from: at, to: at }].slice(-KEPT);
  return [...eras.slice(0, -1), { ahead, from: last.from, to: latest(last.to, at) }];
}

/**
 * The moments that one by a node's clock may stand for, oldest era first: several where the clock was set around then, since that
 * happened somewhere between two readings. Never none: what no reading explains is dated by the clock as it is now.
 */
export function possibleDates(eras: readonly Era[], at: NodeTime): [ClusterTime, ...ClusterTime[]] {
  const dates = eras.flatMap((era, n) => {
    const date = fromNodeTime(at, aheadIn(era));
    const [before, after] = [eras[n - 1], eras[n + 1]];
    const isTooEarly = before !== undefined && date < later(before.to, -SLACK_MS);
    const isTooLate = after !== undefined && date > later(after.from, SLACK_MS);
    return isTooEarly || isTooLate ? [] : [date];
  });
  const [first = fromNodeTime(at, aheadIn(eras.at(-1))), ...others] = dates;
  return [first, ...others];
}

/** The earliest that a node's clock may have shown at a moment. */
export function earliestShown(eras: readonly Era[], at: ClusterTime): NodeTime {
  const possible = eras.filter((_, n) => (eras[n + 1]?.from ?? at) >= at);
  return earliest(toNodeTime(at, aheadIn(eras.at(-1))), ...possible.map(era => toNodeTime(at, aheadIn(era))));
}

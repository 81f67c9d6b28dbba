import type { UsageRow } from '../facts.ts';

/** A line over time. */
export interface Chart {
  /** When it begins and ends (ms). */
  from: number;
  to: number;
  points: readonly { at: number; value: number | null }[];
  /** What was recorded without a gap between: `x` from 0 to 1. */
  runs: readonly (readonly { x: number; value: number }[])[];
  /** The value at the upper edge; the lower one is 0. */
  top: number;
  /** Values with a line across: half and whole of the capacity. */
  marks: readonly number[];
}

/** The chart of a row; null where it has no points. */
export function chartOf({ points = [], unit, max, ...row }: UsageRow): Chart | null {
  const capacity = row.capacity ?? (unit === '%' ? 100 : undefined);
  const read = points.map(([time, value]) => ({ at: Date.parse(time), value: value ?? null }));
  const [first, last] = [read[0], read.at(-1)];
  if (first === undefined || last === undefined || first === last || Number.isNaN(first.at + last.at))
    return null;
  const top =
    Math.max(capacity ?? 0, max, ...read.map(({ value }) => value ?? 0)) *
      (capacity === undefined ? 1.1 : 1) || 1;
  return {
    from: first.at,
    to: last.at,
    points: read,
    runs: runsOf(read.map(({ at, value }) => ({ x: (at - first.at) / (last.at - first.at), value }))),
    top,
    marks: capacity === undefined ? [] : [capacity / 2, capacity],
  };
}

/** A gap is a gap: no line leads over it, and it is not zero. */
function runsOf(points: readonly { x: number; value: number | null }[]): { x: number; value: number }[][] {
  const runs: { x: number; value: number }[][] = [[]];
  for (const { x, value } of points) {
    if (value === null) runs.push([]);
    else runs.at(-1)!.push({ x, value });
  }
  return runs.filter(run => run.length > 0);
}

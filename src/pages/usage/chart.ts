import type { UsageRow } from '../facts.ts';

/** A line over time. */
export interface Chart {
  /** Start and end (ms). */
  from: number;
  to: number;
  points: readonly { at: number; value: number | null }[];
  /** Stretches of readings without a gap; `x` runs from 0 to 1. */
  runs: readonly (readonly { x: number; value: number }[])[];
  /** The value at the top edge; the bottom edge is 0. */
  top: number;
  /** Values marked with a horizontal line: half and full capacity. */
  marks: readonly number[];
}

/** The chart of a row; null if it has no points. */
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

/** Splits the points at gaps: a gap is neither bridged by a line nor drawn as zero. */
function runsOf(points: readonly { x: number; value: number | null }[]): { x: number; value: number }[][] {
  const runs: { x: number; value: number }[][] = [[]];
  for (const { x, value } of points) {
    if (value === null) runs.push([]);
    else runs.at(-1)!.push({ x, value });
  }
  return runs.filter(run => run.length > 0);
}

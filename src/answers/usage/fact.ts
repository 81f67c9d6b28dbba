import { lineOf, type UntilFull, untilFull } from '../../health/line.ts';
import type { Reason } from '../../model/reason.ts';
import { formatKey } from '../../model/resource.ts';
import type { Gap, MetricSummary, Timeframe, UsageFacts, UsageMetric } from '../../model/usage.ts';
import { type Shown, shownAs } from './measures.ts';
import type { NamedSubject } from './subjects.ts';

/** One metric of one resource over a time frame, values in its unit; what was not recorded is null, never 0. */
export interface UsageFact {
  /** `vm/101`, `node/pve1`, `storage/local`. */
  resource: string;
  /** The cluster's own text. */
  name: string | null;
  /** The node a guest is on, or that a storage is local to. */
  node: string | null;
  metric: UsageMetric;
  unit: Shown['unit'];
  /** What is measured, in words, if the metric's name leaves that open. */
  of: string | null;
  /** In its unit; null for a rate. */
  capacity: number | null;
  /** How many CPUs the percentages refer to; null for other metrics. */
  cpus: number | null;
  timeframe: Timeframe;
  min: number;
  median: number;
  p95: number;
  max: number;
  /** Null if nothing was recorded just now. */
  now: number | null;
  /** Null if too little was recorded to say. */
  slopePerDay: number | null;
  /** Null if it cannot fill up. */
  untilFull: UntilFull | null;
  /** Averages of equal intervals, oldest first: `at` (ms) is the beginning of one. At most 60. */
  points: { at: number; value: number | null }[];
  /** The longest times without a record, in order; at most 10. */
  gaps: Gap[];
  everyMs: number;
  /** When it was read (ms). */
  readAt: number;
  /** Why this is not all there is, or not of now; null where it is. */
  unseen: Reason | null;
}

/** One metric from what was recorded of a resource; null if it has no such metric, or nothing was recorded. */
export function factOf(
  subject: NamedSubject,
  metric: UsageMetric,
  { from, everyMs, metrics, unread = [] }: UsageFacts,
  { timeframe, readAt, unseen }: Pick<UsageFact, 'timeframe' | 'readAt' | 'unseen'>,
): UsageFact | null {
  const shown = shownAs(subject.type, metric);
  const summary = metrics[metric];
  if (shown === undefined || summary === undefined) return null;
  const { unit, perUnit, of, fills } = shown;
  const inUnit = (value: number) => value / perUnit;
  const points = summary.points.map((value, index) => ({
    at: from + index * everyMs,
    value: value === null ? null : inUnit(value),
  }));
  const line = lineOf(samplesOf(points, everyMs));
  return {
    resource: formatKey(subject),
    name: subject.name,
    node: subject.on,
    metric,
    unit,
    of,
    capacity: unit === '%' || summary.capacity === null ? null : inUnit(summary.capacity),
    cpus: unit === '%' ? summary.capacity : null,
    timeframe,
    min: inUnit(summary.min),
    median: inUnit(summary.median),
    p95: inUnit(summary.p95),
    max: inUnit(summary.max),
    now: summary.now === null ? null : inUnit(summary.now),
    slopePerDay: line?.perDay ?? null,
    untilFull: fills ? fullOf(summary, points, everyMs, inUnit) : null,
    points,
    gaps: summary.gaps,
    everyMs,
    readAt,
    unseen: unseen ?? (unread.includes(metric) ? PARTLY_UNREAD : null),
  };
}

/** Why records are missing that Proxmox has. */
export const PARTLY_UNREAD: Reason = { code: 'records-partly-unread' };

/** Each interval's average, at the middle of the interval. */
function samplesOf(points: UsageFact['points'], everyMs: number): { at: number; value: number }[] {
  return points.flatMap(({ at, value }) => (value === null ? [] : [{ at: at + everyMs / 2, value }]));
}

/** Only records since the present size are used. */
function fullOf(
  { capacity, capacitySince }: MetricSummary,
  points: UsageFact['points'],
  everyMs: number,
  inUnit: (value: number) => number,
): UntilFull | null {
  if (capacity === null) return null;
  const since = points.filter(one => one.at >= capacitySince);
  return untilFull(samplesOf(since, everyMs), inUnit(capacity));
}

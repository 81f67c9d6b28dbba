import { dayOf, dayRange, whyNotFull } from '../../health/words.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import { reasonText } from '../../model/reason-text.ts';
import { clusterText } from '../format/text.ts';
import { percent } from '../format/units.ts';
import type { UsageFact } from './fact.ts';
import { sparkline, thinned } from './sparkline.ts';

/** Points of one resource, and of all rows of an answer together: more would not fit. */
const POINTS_AT_MOST = 60;
const POINTS_IN_ALL = 300;

const GAPS_SHOWN = { concise: 2, full: 10 };

/** Rows of an answer; with `points`, as many points as fit. */
export function usageRows(
  facts: readonly UsageFact[],
  options: { timeZone: string; points: boolean },
): Row[] {
  const points = options.points
    ? Math.max(10, Math.min(POINTS_AT_MOST, Math.floor(POINTS_IN_ALL / facts.length)))
    : 0;
  return facts.map(fact => usageRow(fact, options.timeZone, points));
}

function usageRow(fact: UsageFact, timeZone: string, points: number): Row {
  const { name, node, capacity, now, untilFull, slopePerDay } = fact;
  return {
    resource: fact.resource,
    name: name === null ? null : clusterText(name, 80),
    node,
    metric: fact.metric,
    of: fact.of,
    unit: fact.unit,
    capacity: capacity === null ? null : three(capacity),
    cpus: fact.cpus,
    min: three(fact.min),
    median: three(fact.median),
    p95: three(fact.p95),
    max: three(fact.max),
    now: now === null ? null : three(now),
    now_percent: percent(now, capacity),
    slope_per_day: slopePerDay === null ? null : three(slopePerDay),
    until_full: untilFull === null ? null : fullRow(untilFull),
    sparkline: sparkline(
      fact.points.map(point => point.value),
      { magnified: untilFull !== null },
    ),
    ...(fact.unseen !== null && {
      unseen_since: formatTime(fact.readAt, timeZone),
      unseen_reason: reasonText(fact.unseen),
    }),
    gaps: gapRows(fact, timeZone, points > 0 ? GAPS_SHOWN.full : GAPS_SHOWN.concise),
    ...(points > 0 && { points: pointRows(fact, timeZone, points) }),
  };
}

function fullRow(full: NonNullable<UsageFact['untilFull']>): Row {
  return 'why' in full ? { why: whyNotFull(full.why) } : { at: dayOf(full.at), ...dayRange(full) };
}

/** The longest times without a record, as pairs of beginning and end. */
function gapRows({ gaps }: UsageFact, timeZone: string, atMost: number): [string, string][] | null {
  const longest = gaps.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, atMost);
  if (longest.length === 0) return null;
  return longest
    .sort((a, b) => a.from - b.from)
    .map(({ from, to }) => [formatTime(from, timeZone), formatTime(to, timeZone)]);
}

/** The beginning of each interval with its average; null for a gap. */
function pointRows(
  { points, everyMs }: UsageFact,
  timeZone: string,
  atMost: number,
): [string, number | null][] {
  const each = Math.ceil(points.length / atMost);
  const from = points[0]?.at ?? 0;
  return thinned(
    points.map(point => point.value),
    atMost,
  ).map((value, index) => [
    formatTime(from + index * each * everyMs, timeZone),
    value === null ? null : three(value),
  ]);
}

/** Three digits are enough to compare; whole numbers keep all of theirs. */
function three(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

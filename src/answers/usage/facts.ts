import { UsageError } from '../../errors.ts';
import { lineOf, type UntilFull, untilFull } from '../../health/line.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Freshness } from '../../model/freshness.ts';
import { formatKey } from '../../model/resource.ts';
import type {
  Gap,
  MetricSummary,
  Timeframe,
  UsageFacts,
  UsageMetric,
  UsageReading,
} from '../../model/usage.ts';
import { metricsOf, type Shown, shownAs } from './measures.ts';
import { type NamedSubject, namedSubjects } from './subjects.ts';
import { type Ranked, topSubjects } from './top.ts';

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
  /** What it is of, in words, where its name leaves that open. */
  of: string | null;
  /** In its unit; null of a rate. */
  capacity: number | null;
  /** How many CPUs the percents are of; null of another metric. */
  cpus: number | null;
  timeframe: Timeframe;
  min: number;
  median: number;
  p95: number;
  max: number;
  /** Null where nothing was recorded just now. */
  now: number | null;
  /** Null where too little was recorded to say. */
  slopePerDay: number | null;
  /** Null where it does not fill up. */
  untilFull: UntilFull | null;
  /** Means of equal intervals, oldest first: `at` (ms) is where one begins. At most 60. */
  points: { at: number; value: number | null }[];
  /** The longest times without a record, in their order; at most 10. */
  gaps: Gap[];
  everyMs: number;
  /** When it was read (ms). */
  readAt: number;
}

/** What is asked for. */
export interface UsageQuestion {
  /** Names with commas between. */
  resource?: string | undefined;
  top?: number | undefined;
  type?: Ranked | undefined;
  metric?: UsageMetric | undefined;
  timeframe?: Timeframe | undefined;
  maxAgeMs?: number | undefined;
}

/** What is found, and what is to be said with it. */
export interface UsageAnswer {
  facts: UsageFact[];
  timeframe: Timeframe;
  notes: (string | undefined)[];
}

const TOP = 10;

/**
 * What resources used. What could not be read now is named in `unseen` of the context's freshness, which also learns how old the
 * oldest reading is. @throws UsageError for names that fit none, and for metrics that none of the resources has.
 */
export async function usageFacts(context: ToolContext, question: UsageQuestion): Promise<UsageAnswer> {
  const { readUsage, freshness } = context;
  if (readUsage === undefined)
    throw new UsageError('Usage cannot be read here.', {
      hint: 'list_guests with detail full shows the present.',
    });
  const { subjects, notes, metric } = await subjectsAsked(context, question);
  const withMetric = subjects.filter(one => metric === undefined || shownAs(one.type, metric) !== undefined);
  if (withMetric.length === 0 && subjects.length > 0) throw withoutMetric(subjects[0]!, metric!);
  const timeframe = question.timeframe ?? (withMetric.every(one => one.type === 'storage') ? 'month' : 'day');
  const readings = await readUsage(withMetric, {
    timeframe,
    maxAgeMs: question.maxAgeMs,
    live: freshness.stale === null,
  });
  const facts = withMetric.flatMap((subject, index) => {
    const { facts: recorded, readAt, fault } = readings[index]!;
    const reason = fault ?? (readAt === null ? freshness.stale?.reason : undefined);
    if (reason !== undefined)
      freshness.unseen.push({ what: `usage of ${formatKey(subject)}`, reason, since: readAt });
    if (recorded === null || readAt === null) return [];
    const metrics = metric === undefined ? metricsOf(subject.type) : [metric];
    return metrics.flatMap(one => factOf(subject, one, recorded, { timeframe, readAt }) ?? []);
  });
  age(freshness, readings);
  const empty = withMetric.filter(
    (subject, index) =>
      readings[index]!.fault === null &&
      !facts.some(fact => fact.resource === formatKey(subject) && fact.node === subject.on),
  );
  return { facts, timeframe, notes: [...notes, nothingRecorded(empty)] };
}

/** What the answer rests on now: how old the oldest reading is, and whether none of them could be had anew. */
function age(freshness: Freshness, readings: readonly UsageReading[]): void {
  const times = readings.flatMap(({ readAt }) => readAt ?? []);
  const failed = readings.filter(({ fault }) => fault !== null);
  if (times.length > 0) freshness.asOf.usage = Math.min(...times);
  if (failed.some(({ facts }) => facts !== null)) freshness.source = 'store';
  if (failed.length > 0 && failed.length === readings.length)
    freshness.stale ??= { since: freshness.asOf.usage ?? null, reason: failed[0]!.fault! };
}

async function subjectsAsked(
  context: ToolContext,
  { resource, top, type, metric }: UsageQuestion,
): Promise<{ subjects: NamedSubject[]; notes: (string | undefined)[]; metric: UsageMetric | undefined }> {
  if (resource !== undefined) {
    if (top !== undefined)
      throw new UsageError('Give resource or top, not both.', { hint: 'top ranks all of a type.' });
    const { subjects, notes } = await namedSubjects(context, resource);
    const wanted = subjects.filter(one => type === undefined || type === 'guest' || one.type === type);
    return { subjects: wanted.length > 0 ? wanted : subjects, notes, metric };
  }
  const ranked = type ?? (metric === 'storage' ? 'storage' : 'guest');
  const by = metric ?? (ranked === 'storage' ? 'storage' : 'cpu');
  const count = top ?? TOP;
  const subjects = await topSubjects(context, ranked, by, count);
  const note =
    by === 'disk' && ranked !== 'node'
      ? `No listing tells what reads and writes most: these are the ${subjects.length} that use most CPU.`
      : undefined;
  return { subjects, notes: [note], metric: by };
}

function withoutMetric({ type }: NamedSubject, metric: UsageMetric): UsageError {
  return new UsageError(`Of a ${type} no ${metric} is recorded.`, {
    hint: `Ask for ${metricsOf(type).join(', ')}.`,
  });
}

function nothingRecorded(subjects: readonly NamedSubject[]): string | undefined {
  if (subjects.length === 0) return undefined;
  const names = subjects.slice(0, 5).map(one => formatKey(one));
  return `Nothing was recorded of ${names.join(', ')} in that time, as of what is off.`;
}

function factOf(
  subject: NamedSubject,
  metric: UsageMetric,
  { from, everyMs, metrics }: UsageFacts,
  { timeframe, readAt }: { timeframe: Timeframe; readAt: number },
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
  };
}

/** Each interval's mean at its middle. */
function samplesOf(points: UsageFact['points'], everyMs: number): { at: number; value: number }[] {
  return points.flatMap(({ at, value }) => (value === null ? [] : [{ at: at + everyMs / 2, value }]));
}

/** Of what had another size before, only what is younger counts. */
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

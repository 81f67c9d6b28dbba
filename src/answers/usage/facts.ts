import { UsageError } from '../../errors.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Freshness } from '../../model/freshness.ts';
import { formatKey } from '../../model/resource.ts';
import type { Timeframe, UsageMetric, UsageReading } from '../../model/usage.ts';
import { factOf, PARTLY_UNREAD, type UsageFact } from './fact.ts';
import { metricsOf, shownAs } from './measures.ts';
import { type NamedSubject, namedSubjects } from './subjects.ts';
import { isListed, type Ranked, topSubjects } from './top.ts';

/** Which usage is asked for. */
export interface UsageQuestion {
  /** Names separated by commas. */
  resource?: string | undefined;
  top?: number | undefined;
  type?: Ranked | undefined;
  metric?: UsageMetric | undefined;
  timeframe?: Timeframe | undefined;
  maxAgeMs?: number | undefined;
}

/** The result, with hints. */
export interface UsageAnswer {
  facts: UsageFact[];
  timeframe: Timeframe;
  notes: (string | undefined)[];
}

const TOP = 10;

/**
 * What resources used. What could not be read now is added to `unseen` of the context's freshness, along with the age of the
 * oldest reading.
 * @throws UsageError for unknown names, and for metrics that none of the resources has
 */
export async function usageFacts(context: ToolContext, question: UsageQuestion): Promise<UsageAnswer> {
  const { readUsage, freshness } = context;
  if (readUsage === undefined)
    throw new UsageError('Usage cannot be read here.', {
      hint: 'list_guests with detail full shows the present.',
    });
  const { subjects, notes, metric, rankedAfter } = await subjectsAsked(context, question);
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
    const metrics = metric === undefined ? metricsOf(subject.type) : [metric];
    const failed = fault ?? freshness.stale?.reason ?? null;
    const partly = recorded?.unread?.some(one => metrics.includes(one)) ? PARTLY_UNREAD : null;
    const reason = fault ?? (readAt === null ? failed : partly);
    if (reason !== null)
      freshness.unseen.push({ what: { code: 'usage', resource: formatKey(subject) }, reason, since: readAt });
    if (recorded === null || readAt === null) return [];
    return metrics.flatMap(
      one => factOf(subject, one, recorded, { timeframe, readAt, unseen: failed }) ?? [],
    );
  });
  noteAge(freshness, readings);
  const empty = withMetric.filter(
    (subject, index) =>
      readings[index]!.fault === null &&
      (readings[index]!.facts?.unread ?? []).length === 0 &&
      !facts.some(fact => fact.resource === formatKey(subject) && fact.node === subject.on),
  );
  if (rankedAfter) facts.sort((a, b) => b.median - a.median);
  return { facts, timeframe, notes: [...notes, nothingRecorded(empty)] };
}

/** Adds to the answer's freshness how old the oldest reading is, and whether no reading could be renewed. */
function noteAge(freshness: Freshness, readings: readonly UsageReading[]): void {
  const times = readings.flatMap(({ readAt }) => readAt ?? []);
  const failed = readings.filter(({ fault }) => fault !== null);
  if (times.length > 0) freshness.asOf.usage = Math.min(...times);
  if (failed.some(({ facts }) => facts !== null)) freshness.source = 'store';
  if (failed.length > 0 && failed.length === readings.length)
    freshness.stale ??= { since: freshness.asOf.usage ?? null, reason: failed[0]!.fault! };
}

interface Asked {
  subjects: NamedSubject[];
  notes: (string | undefined)[];
  metric: UsageMetric | undefined;
  /** The store does not rank by this metric: they are ranked by what was read. */
  rankedAfter?: boolean;
}

async function subjectsAsked(
  context: ToolContext,
  { resource, top, type, metric }: UsageQuestion,
): Promise<Asked> {
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
  const rankedAfter = !isListed(ranked, by);
  const note = rankedAfter
    ? `No listing tells who uses most of it: these are the ${subjects.length} that use most CPU, in the order of what was recorded.`
    : undefined;
  return { subjects, notes: [note], metric: by, rankedAfter };
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

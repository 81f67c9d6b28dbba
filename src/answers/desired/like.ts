import { fieldCalled, typesOf } from '../../desired/fields.ts';
import { isNeverTaken, takenFrom } from '../../desired/like.ts';
import { selects } from '../../desired/selector.ts';
import type { Subject } from '../../desired/subject.ts';
import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { DeclaredFields, Selector } from '../../model/declaration.ts';
import { beforeHistory } from '../changes/history-start.ts';
import { resolvePast } from '../moments.ts';
import { pastSubjects, presentSubjects, withConfigs } from './subjects.ts';

/** A rule for each resource with the values it had, and notes about what was left out. */
export interface LikeTaken {
  rules: { match: Selector; fields: DeclaredFields }[];
  /** The fields that were asked for; null for all. */
  paths: readonly string[] | null;
  notes: string[];
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone'>;

/** Names shown in one sentence. */
const NAMED = 5;

/**
 * The values at a moment as explicit rules, one for each resource that the selector matches now.
 * @throws UsageError for a moment before history, and where nothing is left to declare
 */
export async function likeMoment(
  like: string,
  match: Selector,
  fields: readonly string[] | undefined,
  asking: Asking,
): Promise<LikeTaken> {
  const paths = fields?.map(name => fieldCalled(name, typesOf(match)).field.path) ?? null;
  const never = paths?.filter(isNeverTaken) ?? [];
  if (never.length > 0)
    throw new UsageError(`like never takes ${never.join(', ')}: that names this guest or its volumes.`, {
      hint: 'Use set with the value itself where it is meant.',
    });
  const { subjects, at } = await subjectsLike(like, match, asking);
  if (subjects.length === 0)
    throw new UsageError('There was nothing then that fits.', {
      hint: 'list_vms with at shows what there was; a selector fits what it fits now.',
    });
  const unseen = subjects.filter(
    subject => subject.unknown !== null || (subject.config === null && subject.type !== 'storage'),
  );
  const taken = subjects
    .filter(subject => !unseen.includes(subject))
    .map(subject => ({ subject, ...takenFrom(subject, paths) }));
  const rules = taken
    .filter(one => Object.keys(one.fields).length > 0)
    .map(({ subject, fields: values }) => ({ match: { resource: subject.resource }, fields: values }));
  if (rules.length === 0)
    throw new UsageError(
      unseen.length > 0
        ? `Nothing could be taken: ${unseenText(unseen)}`
        : 'None of these fields had a value then.',
      { hint: 'Declare values with set, or name another moment.' },
    );
  const then = at === null ? [] : [`Values are those of ${formatTime(at, asking.timeZone)}.`];
  return { rules, paths, notes: [...then, ...notesOf(unseen, taken)] };
}

/** The matching resources as they were, and when that was (ms); null for the present. */
async function subjectsLike(
  like: string,
  match: Selector,
  asking: Asking,
): Promise<{ subjects: Subject[]; at: number | null }> {
  const { store } = asking;
  const present = await presentSubjects(store);
  const about = present.filter(selects(match));
  const moment = await resolvePast(like, asking);
  if (moment.beforeHistory) throw await beforeHistory(asking);
  const newest = (await store.lastCommit())?.seq ?? 0;
  if (moment.seq >= newest) return { subjects: await withConfigs(store, about), at: null };
  const then = await pastSubjects(store, moment.seq);
  // A named resource is the same one then and now; other conditions are those of what matches now.
  if (match.resource !== undefined) return { subjects: then.filter(selects(match)), at: moment.at };
  const lives = new Map(about.map(subject => [subject.resource, subject.incarnation]));
  return {
    subjects: then.filter(subject => lives.get(subject.resource) === subject.incarnation),
    at: moment.at,
  };
}

function notesOf(
  unseen: readonly Subject[],
  taken: readonly { subject: Subject; left: { path: string; why: string }[] }[],
): string[] {
  const left = taken.flatMap(({ subject, left: some }) =>
    some.map(one => ({ ...one, resource: subject.resource })),
  );
  const reasons = [...Map.groupBy(left, one => one.why)].map(([why, some]) => {
    const named = some.slice(0, NAMED).map(one => `${one.resource} ${one.path}`);
    return `${named.join(', ')}${some.length > NAMED ? ` and ${some.length - NAMED} more` : ''} (${why})`;
  });
  return [
    ...(unseen.length > 0 ? [`Left out: ${unseenText(unseen)}`] : []),
    ...(reasons.length > 0 ? [`Not taken: ${reasons.join('; ')}.`] : []),
  ];
}

function unseenText(unseen: readonly Subject[]): string {
  const named = unseen.slice(0, NAMED).map(subject => subject.resource);
  const more = unseen.length > NAMED ? ` and ${unseen.length - NAMED} more` : '';
  return `${named.join(', ')}${more} could not be seen then.`;
}

import {
  certainConflicts,
  conflictsAmong,
  conflictText,
  contentHash,
  withException,
  withFields,
  withoutFields,
  withoutPaths,
} from '../../desired/declaration.ts';
import { fieldCalled, typesOf } from '../../desired/fields.ts';
import { untilOf } from '../../desired/file.ts';
import { selectorId, selects } from '../../desired/selector.ts';
import { readSetting, splitSetting } from '../../desired/setting.ts';
import type { Subject } from '../../desired/subject.ts';
import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Declaration, DeclaredFields, RevisionEntity, Selector } from '../../model/declaration.ts';
import { clusterText, quoted } from '../format/text.ts';
import { clusterOffset } from '../tasks/span.ts';
import { declarationInForce, type InForce, recorded } from './in-force.ts';
import { type LikeTaken, likeMoment } from './like.ts';
import { type MeantSelector, type SelectorInput, selectorOf } from './selectors.ts';
import { presentSubjects } from './subjects.ts';

/** What a call declares. */
export interface DeclareInput extends SelectorInput {
  set?: string[] | undefined;
  like?: string | undefined;
  fields?: string[] | undefined;
  accept?: string[] | undefined;
  until?: string | undefined;
  owner?: string | undefined;
  why?: string | undefined;
  remove?: string[] | undefined;
  rollback_to?: number | undefined;
}

/** What a declaring call came to. */
export interface Declared {
  inForce: InForce;
  /** What the call asks to be declared; with a declared file it is not in force. */
  content: Declaration;
  /** The rules it touched, by id. */
  touched: ReadonlySet<string>;
  /** Whether a revision was written. */
  written: boolean;
  notes: string[];
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone' | 'declaring' | 'client'>;

/** Another writer may come between so often before that is said. */
const ATTEMPTS = 5;
/** A declaration is kept as one text (characters). */
const CONTENT_AT_MOST = 3_900_000;

/** Whether a call only asks what is declared. */
export function isQuestion({ set, like, accept, remove, rollback_to: rollback }: DeclareInput): boolean {
  return [set, like, accept, remove, rollback].every(one => one === undefined);
}

/** Declares what a call says, as one revision. @throws UsageError for what cannot be declared, with what could be */
export async function declare(input: DeclareInput, asking: Asking): Promise<Declared> {
  const meant = await selectorOf(input, asking);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const inForce = await declarationInForce(asking);
    const change = await changed(input, meant, inForce.declaration, asking);
    const same = contentHash(change.content) === contentHash(inForce.declaration);
    if (!same) await check(change, asking);
    if (same) change.notes.unshift('That was declared already: nothing changed.');
    if (same || asking.declaring.file !== null) return { inForce, written: false, ...change };
    const why = input.why === undefined ? null : clusterText(input.why, 1_000);
    const added = await recorded(change.content, inForce.revision, asking, {
      author: clusterText(asking.client, 200) || 'unknown',
      why,
      source: 'store',
    });
    if (added !== null) return { inForce: ruledBy(added), written: true, ...change };
  }
  throw new UsageError('Others declare at the same time.', { hint: 'Ask again in a moment.' });
}

function ruledBy(revision: RevisionEntity): InForce {
  return { declaration: revision.content, revision, fault: undefined };
}

interface Change {
  content: Declaration;
  touched: Set<string>;
  notes: string[];
}

async function changed(
  input: DeclareInput,
  { match, note }: MeantSelector,
  before: Declaration,
  asking: Asking,
): Promise<Change> {
  const notes = note === undefined ? [] : [note];
  if (input.rollback_to !== undefined) return rolledBack(input, match, asking);
  const change: Change = { content: before, touched: new Set(), notes };
  if (input.remove !== undefined) removeFrom(change, input.remove, match);
  if (input.like !== undefined) addLike(change, await likeMoment(input.like, match, input.fields, asking));
  else if (input.fields !== undefined && input.remove === undefined)
    throw new UsageError('fields narrows like, and there is no like.', {
      hint: 'Pass like, such as "now", or set with values: {"set":["memory=8192"]}.',
    });
  if (input.set !== undefined) {
    needsSelector(match, 'set');
    const fields = readSettings(input.set, match);
    change.content = withFields(change.content, match, fields);
    change.touched.add(selectorId(match));
  }
  if (input.accept !== undefined) await acceptIn(change, input, match, asking);
  return change;
}

/** Settings of one selector together. @throws UsageError for one that cannot be read, and for two of one field */
export function readSettings(texts: readonly string[], match: Selector): DeclaredFields {
  const fields: DeclaredFields = {};
  for (const text of texts.flatMap(splitSettings)) {
    const read = readSetting(splitSetting(text), typesOf(match));
    for (const [path, value] of Object.entries(read)) {
      const was = fields[path];
      const both = was !== undefined && Array.isArray(was) && Array.isArray(value) && /[+-]$/.test(path);
      if (was !== undefined && !both)
        throw new UsageError(`${path} is set twice.`, { hint: 'Give each field one value.' });
      fields[path] = both ? [...new Set([...(was as string[]), ...(value as string[])])].sort() : value;
    }
  }
  if (Object.keys(fields).length > 0) return fields;
  throw new UsageError('set names no setting.', { hint: 'Write {"set":["memory=8192","tags+=prod"]}.' });
}

/** Several settings in one text, as models write lists: `memory=8192,onboot=1`, but not the parts of a property string. */
function splitSettings(text: string): string[] {
  const parts = text.split(/,\s*(?=[A-Za-z][\w.-]*[+-]?=)/);
  return parts.every(part => /^[^=]*=[^=]*$/.test(part)) ? parts : [text];
}

function needsSelector(match: Selector, what: string): void {
  if (Object.keys(match).length > 0) return;
  throw new UsageError(`${what} needs to know of which resources.`, {
    hint: 'Name a resource, or give type, name, tag, pool or node. type vm means all VMs.',
  });
}

/** What a resource's own rule said of these fields before does not stand beside what was taken: an absent key is not owned. */
function addLike(change: Change, { rules, paths, notes }: LikeTaken): void {
  const before = new Map(change.content.rules.map(rule => [rule.id, rule]));
  for (const { match, fields } of rules) {
    const said = Object.keys(before.get(selectorId(match))?.fields ?? {});
    const gone = said.filter(
      path => paths === null || paths.some(one => path === one || path.startsWith(`${one}.`)),
    );
    if (gone.length > 0) change.content = withoutPaths(change.content, match, gone);
    change.content = withFields(change.content, match, fields);
    change.touched.add(selectorId(match));
  }
  change.notes.push(...notes);
}

function removeFrom(change: Change, remove: readonly string[], match: Selector): void {
  const everything = remove.some(one => /^(?:true|yes|all|1)$/i.test(one));
  const rules = change.content.rules.filter(rule => remove.includes(rule.id));
  for (const rule of rules) {
    change.content = withoutFields(change.content, rule.match, null);
    change.touched.add(rule.id);
  }
  const fields = remove.filter(one => !rules.some(rule => rule.id === one));
  if (fields.length === 0 && rules.length > 0) return;
  if (Object.keys(match).length === 0)
    throw new UsageError(`No rule is called ${quoted(fields.join(', '))}.`, {
      hint: `Name the rule's id, or its selector with remove true. ${idsText(change.content)}`,
    });
  const paths = everything
    ? null
    : fields.map(name => fieldCalled(name.replace(/[+-]$/, ''), typesOf(match)).field.path);
  change.content = withoutFields(change.content, match, paths);
  change.touched.add(selectorId(match));
}

function idsText({ rules }: Declaration): string {
  if (rules.length === 0) return 'Nothing is declared.';
  return `Rules: ${rules
    .slice(0, 10)
    .map(rule => quoted(rule.id))
    .join(', ')}.`;
}

async function acceptIn(change: Change, input: DeclareInput, match: Selector, asking: Asking): Promise<void> {
  needsSelector(match, 'accept');
  if (input.until === undefined)
    throw new UsageError('accept needs until: an exception without an end is a rule.', {
      hint: 'Add until, such as 2026-12-15; set declares the value for good.',
    });
  const until = untilOf(input.until, asking.timeZone);
  const now = asking.now + (await clusterOffset(asking.store));
  if (until <= now)
    throw new UsageError(`until lies in the past: it is ${formatTime(now, asking.timeZone)} now.`, {
      hint: 'Name a day to come, such as the last one on which the value is accepted.',
    });
  const owner = clusterText(input.owner ?? asking.client, 100) || 'unknown';
  for (const [path, value] of Object.entries(readSettings(input.accept!, match))) {
    if (/[+-]$/.test(path))
      throw new UsageError('accept takes whole values.', { hint: 'Write the whole list: tags=prod;web.' });
    const why = input.why === undefined ? null : clusterText(input.why, 1_000);
    change.content = withException(change.content, { match, path, value, owner, until, why });
    const declared = change.content.rules.some(rule => rule.fields[path] !== undefined);
    if (!declared)
      change.notes.push(`No rule declares ${path}: there is nothing yet that this excepts from.`);
  }
  change.touched.add(selectorId(match));
}

async function rolledBack(input: DeclareInput, match: Selector, { store }: Asking): Promise<Change> {
  const others = [input.set, input.like, input.accept, input.remove].some(one => one !== undefined);
  if (others || Object.keys(match).length > 0)
    throw new UsageError('rollback_to brings back a whole revision: nothing else goes with it.', {
      hint: 'Call it alone: {"rollback_to":3}.',
    });
  const revision = await store.revision(input.rollback_to!);
  const newest = await store.declaration();
  if (revision === null)
    throw new UsageError(`There is no revision ${input.rollback_to}.`, {
      hint: newest === null ? 'Nothing was ever declared.' : `Revisions go from 1 to ${newest.number}.`,
    });
  const { rules, exceptions } = revision.content;
  return { content: { rules, exceptions }, touched: new Set(rules.map(rule => rule.id)), notes: [] };
}

/** @throws UsageError where rules that were touched contradict others, and where there is too much to keep */
async function check({ content, touched }: Change, { store }: Asking): Promise<void> {
  if (JSON.stringify(content).length > CONTENT_AT_MOST)
    throw new UsageError('That is more than one declaration can hold.', {
      hint: 'Declare fewer fields or fewer guests, or one value for many with a tag or type.',
    });
  const conflict =
    certainConflicts(content.rules).find(one => one.rules.some(rule => touched.has(rule.id))) ??
    conflictsAmong(content.rules, await subjectsOf(content, store)).find(one =>
      one.rules.some(rule => touched.has(rule.id)),
    );
  if (conflict !== undefined)
    throw new UsageError(conflictText(conflict), {
      hint: 'Declare the same value in both, remove one of them, or name the resource: its own rule comes first.',
    });
}

/** Whom rules that are not about one named resource may be about; without any there is no conflict to look for. */
async function subjectsOf({ rules }: Declaration, store: Asking['store']): Promise<Subject[]> {
  return rules.some(rule => rule.match.resource === undefined) ? presentSubjects(store) : [];
}

/** How many resources a selector is about at present. */
export function matchesOf(match: Selector, subjects: readonly Subject[]): number {
  return subjects.filter(selects(match)).length;
}

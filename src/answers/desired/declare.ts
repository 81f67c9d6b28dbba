import { isAboutCheck } from '../../desired/accepted-check.ts';
import {
  certainConflicts,
  conflictsAmong,
  conflictText,
  contentHash,
  withFields,
  withoutFields,
  withoutPaths,
} from '../../desired/declaration.ts';
import { fieldCalled, typesOf } from '../../desired/fields.ts';
import { selectorId, selects } from '../../desired/selector.ts';
import type { Subject } from '../../desired/subject.ts';
import { UsageError } from '../../errors.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { CHECK_PATH, type Declaration, type RevisionEntity, type Selector } from '../../model/declaration.ts';
import { clusterText, quoted } from '../format/text.ts';
import { type AcceptInput, ALL_OF_IT, accepted, isAboutFindings } from './accept.ts';
import { declarationInForce, type InForce, recorded } from './in-force.ts';
import { type LikeTaken, likeMoment } from './like.ts';
import { type MeantSelector, type SelectorInput, selectorOf } from './selectors.ts';
import { needsSelector, readSettings } from './settings.ts';
import { presentSubjects } from './subjects.ts';

/** What a call declares. */
export interface DeclareInput extends SelectorInput, AcceptInput {
  set?: string[] | undefined;
  like?: string | undefined;
  fields?: string[] | undefined;
  remove?: string[] | undefined;
  rollback_to?: number | undefined;
}

/** The result of a declaring call. */
export interface Declared {
  inForce: InForce;
  /** The declaration the call asks for; where a declared file rules, it does not come into force. */
  content: Declaration;
  /** The rules it touched, by id. */
  touched: ReadonlySet<string>;
  /** Whether a revision was written. */
  written: boolean;
  notes: string[];
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone' | 'declaring' | 'client'>;

/** Attempts before giving up because other writers keep getting in between. */
const ATTEMPTS = 5;
/** Largest size of a declaration as one text (characters). */
const CONTENT_AT_MOST = 3_900_000;

/** Whether a call only asks what is declared. */
export function isQuestion({ set, like, accept, remove, rollback_to: rollback }: DeclareInput): boolean {
  return [set, like, accept, remove, rollback].every(one => one === undefined);
}

/** Declares what a call says, as one revision. @throws UsageError for what cannot be declared, with what could be */
export async function declare(input: DeclareInput, asking: Asking): Promise<Declared> {
  const meant = await selectorOf(input, asking, { ofFindings: isAboutFindings(input) });
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
  const { accept } = input;
  if (accept !== undefined) {
    change.content = await accepted(change.content, { ...input, accept }, match, { asking, notes });
    change.touched.add(selectorId(match));
  }
  return change;
}

/**
 * Replaces what a resource's own rule said about these fields: a key that is absent in the values taken is no longer declared.
 */
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
  const everything = remove.some(one => ALL_OF_IT.test(one));
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
    : fields.map(field =>
        isAboutCheck({ field })
          ? CHECK_PATH
          : fieldCalled(field.replace(/[+-]$/, ''), typesOf(match)).field.path,
      );
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

/** The resources that rules without a named resource may match; without such rules there is no conflict to look for. */
async function subjectsOf({ rules }: Declaration, store: Asking['store']): Promise<Subject[]> {
  return rules.some(rule => rule.match.resource === undefined) ? presentSubjects(store) : [];
}

/** How many resources a selector matches at present. */
export function matchesOf(match: Selector, subjects: readonly Subject[]): number {
  return subjects.filter(selects(match)).length;
}

import type { HistoryRow, TimelineFacts } from '../facts.ts';
import { type Authors, authorOf, rankAuthors } from './authors.ts';
import { type Off, type Span, spansOff } from './off.ts';

/** A change or task with its position in time (ms). */
export interface Item {
  /** `created`, `updated`, `deleted` and so on, or `task`. */
  kind: string;
  resource: string;
  /** It happened after this moment; equal to `before` where no earlier bound is known. */
  after: number;
  /** It happened no later than this moment. */
  before: number;
  /** Who did it; empty if unknown. */
  author: string;
  row: HistoryRow;
  /** The lower-case text that filters search. */
  words: string;
}

/** One resource with all of its items, oldest first. */
export interface Lane {
  resource: string;
  name: string;
  items: readonly Item[];
  /** When it was off or out of sight. */
  off: readonly Off[];
}

/** A complete timeline. */
export interface Timeline {
  span: Span;
  zone: string;
  lanes: readonly Lane[];
  items: readonly Item[];
  authors: Authors;
  /** When history begins; the start of the span if the answer does not say. */
  start: number;
}

/** The lane for rows that belong to no single resource. */
function laneOf({ resource, plan }: HistoryRow): string {
  return resource ?? (plan === undefined ? 'declaration' : 'plans');
}

/** Reads an answer. Rows without a time are left out: they have no position. */
export function readTimeline(facts: TimelineFacts, now: number): Timeline {
  const rows = facts.history ?? facts.changes ?? [];
  const to = timeOf(facts.to) ?? now;
  const items = rows.flatMap(row => itemOf(row, to) ?? []);
  const span = spanOf(facts, items, to);
  return {
    span,
    zone: facts.time_zone ?? offsetOf(rows),
    items,
    authors: rankAuthors(items),
    start: timeOf(facts.history_starts_at) ?? span.from,
    lanes: lanesOf(items, facts, span),
  };
}

function itemOf(row: HistoryRow, end: number): Item | null {
  const isTask = row.task !== undefined;
  const at = timeOf(row.at) ?? timeOf(row.window?.before);
  if (at === null) return null;
  const before = isTask
    ? (timeOf(row.until) ?? (row.status === 'running' ? end : at))
    : (timeOf(row.window?.before) ?? at);
  const after = isTask ? at : (timeOf(row.window?.after) ?? before);
  const item = {
    kind: isTask ? 'task' : (row.change ?? 'updated'),
    resource: laneOf(row),
    after: Math.min(after, before),
    before,
    author: authorOf(row),
    row,
  };
  return { ...item, words: wordsOf(item) };
}

function wordsOf({ kind, resource, author, row }: Omit<Item, 'words'>): string {
  const fields = (row.fields ?? []).map(({ path, from, to }) => `${path} ${plain(from)} ${plain(to)}`);
  const causes = (row.causes ?? []).map(({ type, user, status }) => `${type} ${user} ${status ?? ''}`);
  const parts = [kind, resource, row.name, row.node, author, row.type, row.status, ...fields, ...causes];
  return parts.filter(Boolean).join(' ').toLowerCase();
}

/** Whether it is a task that failed; a task still running, or whose end is unknown, has not. */
export function hasFailed({ task, result, status = '' }: HistoryRow): boolean {
  if (task === undefined) return false;
  return result === undefined ? !WELL.test(status) : result === 'error';
}

/** Statuses of tasks that did not fail, for answers without a `result`: `OK`, `WARNINGS: 2`. */
const WELL = /^(?:OK|running|unknown|WARNINGS.*|)$/i;

/** A field's value in one line. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function lanesOf(items: readonly Item[], facts: TimelineFacts, span: Span): Lane[] {
  const lanes = [...Map.groupBy(items, item => item.resource)].map(([resource, own]): Lane => {
    const sorted = own.toSorted((a, b) => a.before - b.before || a.after - b.after);
    const name = sorted.findLast(({ row }) => row.name !== undefined)?.row.name ?? '';
    return { resource, name, items: sorted, off: spansOff(resource, sorted, facts, span) };
  });
  return lanes.sort((a, b) => newest(b) - newest(a) || (a.resource < b.resource ? -1 : 1));
}

function newest({ items }: Lane): number {
  return items.at(-1)?.before ?? 0;
}

/** The requested span; if the answer does not say, the span of its items. */
function spanOf(facts: TimelineFacts, items: readonly Item[], to: number): Span {
  const seen = items.reduce((first, { after }) => Math.min(first, after), to);
  const from = timeOf(facts.from) ?? seen;
  const end = items.reduce((last, { before }) => Math.max(last, before), to);
  return { from: Math.min(from, end - 60_000), to: end };
}

/** An ISO time in ms; null for anything else. */
export function timeOf(text: string | undefined): number | null {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** The offset used in the times, as a zone; UTC if there is none. */
function offsetOf(rows: readonly HistoryRow[]): string {
  const offset = /[+-]\d\d:\d\d$/.exec(rows[0]?.at ?? '')?.[0];
  return offset === undefined || offset === '+00:00' ? 'UTC' : offset;
}

/** What to show: words that must all occur, whether tasks are included, and one author (null: all). */
export interface Filter {
  text: string;
  tasks: boolean;
  author: string | null;
}

/** The lanes with matching items, each reduced to those. */
export function filterLanes(lanes: readonly Lane[], { text, tasks, author }: Filter): Lane[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const isWanted = (item: Item) =>
    (tasks || item.kind !== 'task') &&
    (author === null || item.author === author) &&
    words.every(word => item.words.includes(word));
  return lanes.flatMap(lane => {
    const items = lane.items.filter(isWanted);
    return items.length === 0 ? [] : [{ ...lane, items }];
  });
}

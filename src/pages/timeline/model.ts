import type { HistoryRow, TimelineFacts } from '../facts.ts';
import { type Authors, authorOf, rankAuthors } from './authors.ts';
import { type Off, type Span, spansOff } from './off.ts';

/** A change or task with its place in time (ms). */
export interface Item {
  /** created, updated, deleted ... or task. */
  kind: string;
  resource: string;
  /** It happened after this moment; the same as `before` where nobody knows since when it may have. */
  after: number;
  /** ... and not later than this one. */
  before: number;
  /** Who did it; empty where nobody is named. */
  author: string;
  row: HistoryRow;
  /** What a filter looks through, in lower case. */
  words: string;
}

/** One resource and all that is known of it, oldest first. */
export interface Lane {
  resource: string;
  name: string;
  items: readonly Item[];
  /** When it was off or out of sight. */
  off: readonly Off[];
}

/** A whole timeline. */
export interface Timeline {
  span: Span;
  zone: string;
  lanes: readonly Lane[];
  items: readonly Item[];
  authors: Authors;
  /** When history begins; the beginning of the span where an answer does not say. */
  start: number;
}

/** Where what is of no one resource stands. */
function laneOf({ resource, plan }: HistoryRow): string {
  return resource ?? (plan === undefined ? 'declaration' : 'plans');
}

/** Reads an answer. What has no time is left out: it has no place. */
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

/** Whether it is a task that ended otherwise than well; one that still runs, or whose end is not known, has not. */
export function hasFailed({ task, result, status = '' }: HistoryRow): boolean {
  if (task === undefined) return false;
  return result === undefined ? !WELL.test(status) : result === 'error';
}

/** What tasks end with, as answers without a result's code tell it: `OK`, `WARNINGS: 2`. */
const WELL = /^(?:OK|running|unknown|WARNINGS.*|)$/i;

/** A value of a field in one line. */
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

/** The span that was asked for; where an answer does not say, that of what it holds. */
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

/** The offset that times are written with, as a zone; UTC where none is. */
function offsetOf(rows: readonly HistoryRow[]): string {
  const offset = /[+-]\d\d:\d\d$/.exec(rows[0]?.at ?? '')?.[0];
  return offset === undefined || offset === '+00:00' ? 'UTC' : offset;
}

/** What to show: words that must all occur, whether tasks count, and one author (null: all). */
export interface Filter {
  text: string;
  tasks: boolean;
  author: string | null;
}

/** The lanes that hold something of it, each with that alone. */
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

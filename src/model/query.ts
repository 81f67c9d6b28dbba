import type { Facet } from './facet.ts';

/*
 * SQL over documented views (src/sql): what a statement may read was decided before the store sees it.
 */

/** The views a statement may read. */
export const VIEW_NAMES = [
  'guests',
  'guest_tags',
  'config',
  'pending',
  'disks',
  'nics',
  'addresses',
  'snapshots',
  'nodes',
  'storage',
  'backups',
  'backup_jobs',
  'tasks',
  'changes',
  'change_fields',
] as const;
/** One of `VIEW_NAMES`. */
export type ViewName = (typeof VIEW_NAMES)[number];

/** The smallest part of a statement. Whoever writes it for an engine writes `identifier` in quotes and `text` as a literal. */
export interface SqlToken {
  kind: 'keyword' | 'identifier' | 'function' | 'type' | 'text' | 'number' | 'sign' | 'moment';
  /**
   * What it says: keywords, functions and types in lower case, names and texts without quotes. A moment counts ms before
   * the present.
   */
  text: string;
}

/** One SELECT that reads nothing but views and calls nothing but known functions. */
export interface CheckedQuery {
  tokens: readonly SqlToken[];
  /** What the columns of the answer are called; null where the views tell, as of `*`. */
  columns: readonly string[] | null;
  views: ReadonlySet<ViewName>;
  /** What has to be young for it. */
  facets: readonly Facet[];
  /** What its sums count that was perhaps not meant. */
  cautions: readonly string[];
  /** It reads who made changes. */
  readsAuthors: boolean;
}

/** A value in a row of an answer: times are ISO 8601 text, flags 0 or 1. */
export type SqlValue = string | number | null;

/**
 * Rows that views stand on but that no table holds, since they are judged rather than stored: by their name, each an array
 * of values in the order of the view's columns.
 */
export type GivenRows = { readonly [name in GivenName]?: readonly (readonly SqlValue[])[] };
/**
 * `nodes` and `storage` are those views; `unseen_guests` has guests (`vm/101`) with the reason, `unjudged_backups` guests of
 * whose backups nobody knows yet whether they are their own, `seen_task_nodes` nodes whose running tasks can be seen,
 * `authors` version ids with users. `seen_resources` (`vm/101`), `seen_nodes`, `seen_users`, `seen_pools` and `seen_details` (topic,
 * subject and source) are there where the asker may see a part of the store: what that part is.
 */
export type GivenName =
  | 'nodes'
  | 'storage'
  | 'unseen_guests'
  | 'unjudged_backups'
  | 'seen_task_nodes'
  | 'authors'
  | 'seen_resources'
  | 'seen_nodes'
  | 'seen_users'
  | 'seen_pools'
  | 'seen_details';

/** What a query is answered with, and how much of it is wanted. */
export interface QueryOptions {
  /** The most rows. */
  limit: number;
  given: GivenRows;
  /** How long it may take, the wait for its turn included (ms). */
  withinMs: number;
  /** The present (ms), which `now()` and `ago()` mean. */
  now: number;
}

/** What a query found. */
export interface QueryResult {
  columns: string[];
  rows: SqlValue[][];
  /** There is more than these rows. */
  truncated: boolean;
}

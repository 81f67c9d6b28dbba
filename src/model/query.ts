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

/** The smallest unit of a statement. Engines write an `identifier` quoted, and `text` as a literal. */
export interface SqlToken {
  kind: 'keyword' | 'identifier' | 'function' | 'type' | 'text' | 'number' | 'sign' | 'moment';
  /**
   * Its content: keywords, functions and types in lower case, names and texts without quotes. A moment is the number of ms before
   * the present.
   */
  text: string;
}

/** A SELECT that reads only views and calls only known functions. */
export interface CheckedQuery {
  tokens: readonly SqlToken[];
  /** The names of the result's columns; null where the views determine them, as for `*`. */
  columns: readonly string[] | null;
  views: ReadonlySet<ViewName>;
  /** The facets that have to be young for it. */
  facets: readonly Facet[];
  /** What its sums include that may not have been meant. */
  cautions: readonly string[];
  /** It reads the authors of changes. */
  readsAuthors: boolean;
}

/** A value in a row of an answer: times are ISO 8601 text, flags 0 or 1. */
export type SqlValue = string | number | null;

/**
 * Rows of views that no table holds, because they are computed rather than stored: by name, each an array of values in the order
 * of the view's columns.
 */
export type GivenRows = { readonly [name in GivenName]?: readonly (readonly SqlValue[])[] };
/**
 * `nodes` and `storage` are the views of those names. `unseen_guests` has guests (`vm/101`) with the reason, `unjudged_backups`
 * guests whose backups may belong to a predecessor, `seen_task_nodes` nodes whose running tasks can be seen, `authors` version
 * ids with users. `seen_resources` (`vm/101`), `seen_nodes`, `seen_users`, `seen_pools` and `seen_details` (topic, subject and
 * source) are only given where the asker may see just this part of the store.
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

/** The input of a query, and its limits. */
export interface QueryOptions {
  /** Most rows to return. */
  limit: number;
  given: GivenRows;
  /** How long it may take, including the wait for its turn (ms). */
  withinMs: number;
  /** The present (ms), for `now()` and `ago()`. */
  now: number;
}

/** What a query found. */
export interface QueryResult {
  columns: string[];
  rows: SqlValue[][];
  /** There are more rows than these. */
  truncated: boolean;
}

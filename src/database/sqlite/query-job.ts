import type { QueryResult } from '../../model/query.ts';

/** The SQL function of the connection that replaces seals in a text. */
export const UNSEALED = 'unsealed';

/** What the process that runs a query receives. */
export interface QueryJob {
  /** The store's file. */
  path: string;
  sql: string;
  /** JSON by parameter name. */
  parameters: { [name: string]: string };
  /** Most rows to return. */
  limit: number;
}

/** The answer of that process: rows, or why there are none. */
export type QueryReport = QueryResult | { failed: 'sql' | 'memory'; message: string };

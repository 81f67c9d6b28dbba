import type { QueryResult } from '../../model/query.ts';

/** What text that holds seals is handed to: a function of the connection that runs a query. */
export const UNSEALED = 'unsealed';

/** What the process that runs a query is given. */
export interface QueryJob {
  /** The store's file. */
  path: string;
  sql: string;
  /** JSON by the name of the parameter. */
  parameters: { [name: string]: string };
  /** The most rows. */
  limit: number;
}

/** What it answers: rows, or why there are none. */
export type QueryReport = QueryResult | { failed: 'sql' | 'memory'; message: string };

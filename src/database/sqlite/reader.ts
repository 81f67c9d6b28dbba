import type { Sql } from '@prisma/client/runtime/client';
import Database from 'better-sqlite3';
import { logged, type QueryLog } from '../session/query-log.ts';
import type { Session } from '../session/session.ts';
import { keptStatements } from './statement-cache.ts';

/** Reads one file. */
export interface Reader {
  select: Session['select'];
  close(): void;
}

/**
 * Reads on a connection of its own, past Prisma's client: that spends 50 microseconds on a statement that takes SQLite 10, and
 * an answer takes many small ones. Has no busy timeout, as the client has none.
 */
export function openReader(path: string, queryLog: QueryLog): Reader {
  const connection = new Database(path, { fileMustExist: true, timeout: 0 });
  connection.pragma('query_only = ON');
  connection.pragma('cache_size = -16000');
  const prepared = keptStatements(sql => connection.prepare(sql));
  return {
    select: <R>({ sql, values }: Sql) =>
      logged(queryLog, sql, () => prepared(sql).all(...values.map(bindable)) as R[]),
    close: () => void connection.close(),
  };
}

/** SQLite has no booleans. */
function bindable(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}

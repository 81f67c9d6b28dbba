import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type Database from 'better-sqlite3';
import type { Connection } from './connection.ts';

const KEPT = 100;
type Statement = Database.Statement<unknown[]>;

/** The same function, which prepares a text again only if a hundred others were used since. */
export function keptStatements(prepare: (sql: string) => Statement): (sql: string) => Statement {
  const kept = new Map<string, Statement>();
  return sql => {
    const statement = kept.get(sql) ?? prepare(sql);
    // The newest comes last, so that the one used longest ago comes first.
    kept.delete(sql);
    kept.set(sql, statement);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    return statement;
  };
}

/**
 * Makes Prisma's adapter reuse prepared statements and pass values at each run. The adapter prepares anew each time and binds for
 * good, so every bulk write's text stays outside the heap until the garbage collector, which does not see its size, finds the
 * statement.
 */
export function cacheStatements(adapter: SqlDriverAdapter): void {
  const { client } = adapter as { client?: Connection };
  if (!client) return;
  const prepared = keptStatements(client.prepare.bind(client) as (sql: string) => Statement);
  const columns = new WeakMap<Statement, Database.ColumnDefinition[]>();
  const columnsOf = (statement: Statement) => {
    const known = columns.get(statement) ?? statement.columns();
    columns.set(statement, known);
    return known;
  };
  const bound = (statement: Statement, values: unknown[]) => ({
    reader: statement.reader,
    columns: () => columnsOf(statement),
    run: () => statement.run(...values),
    raw: () => ({ all: () => statement.raw().all(...values) }),
  });
  client.prepare = ((sql: string) => {
    const statement = prepared(sql);
    return { ...bound(statement, []), bind: (values: unknown[]) => bound(statement, values) };
  }) as unknown as Connection['prepare'];
}

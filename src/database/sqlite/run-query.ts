import Database from 'better-sqlite3';
import type { SqlValue } from '../../model/query.ts';
import { ROWS_AT_MOST, TEXT_AT_MOST } from '../query/limits.ts';
import { type QueryJob, type QueryReport, UNSEALED } from './query-job.ts';
import { checkPlan } from './query-plan.ts';

const SEAL = /\(secret~[0-9a-f]{4}\)/g;

/** Runs one statement on a read-only connection, up to the limit of rows. Never throws. */
export function runQuery({ path, sql, parameters, limit }: QueryJob): QueryReport {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
    for (const pragma of [
      'query_only = ON',
      'trusted_schema = OFF',
      'temp_store = MEMORY',
      'cache_size = -32000',
    ])
      db.pragma(pragma);
    db.function(UNSEALED, { deterministic: true }, text => String(text).replace(SEAL, '(secret)'));
    const statement = db.prepare(sql);
    if (!statement.readonly || !statement.reader) return { failed: 'sql', message: 'it is no question' };
    checkPlan(db, sql, parameters);
    const columns = statement.columns().map(column => column.name);
    return { columns, ...rowsOf(statement.raw().iterate(parameters) as Iterable<unknown[]>, limit) };
  } catch (error) {
    return { failed: 'sql', message: (error as Error).message };
  } finally {
    db?.close();
  }
}

function rowsOf(found: Iterable<unknown[]>, limit: number): { rows: SqlValue[][]; truncated: boolean } {
  const rows: SqlValue[][] = [];
  let length = 0;
  for (const row of found) {
    if (rows.length === limit || length > ROWS_AT_MOST) return { rows, truncated: true };
    const values = row.map(asValue);
    length += values.reduce<number>((sum, value) => sum + String(value).length + 3, 0);
    rows.push(values);
  }
  return { rows, truncated: false };
}

function asValue(value: unknown): SqlValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return value.slice(0, TEXT_AT_MOST);
  return value === null || value === undefined ? null : String(value).slice(0, TEXT_AT_MOST);
}

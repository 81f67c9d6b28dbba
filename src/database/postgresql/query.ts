import { UsageError } from '../../errors.ts';
import type { CheckedQuery, GivenName, QueryOptions, QueryResult, SqlValue } from '../../model/query.ts';
import { QueryLimitError } from '../errors.ts';
import { ROWS_AT_MOST, TEXT_AT_MOST } from '../query/limits.ts';
import { sightedViews } from '../query/sighted-views.ts';
import { QueryTurns, tookTooLong } from '../query/turns.ts';
import { withViews } from '../query/with-views.ts';
import { type PgConnection, withConnection } from './connection.ts';
import { checkPlan } from './query-plan.ts';
import { postgresqlViews } from './view-dialect.ts';

/**
 * Creates the function that runs queries over a PostgreSQL store: each on its own connection, in a read-only transaction that the
 * server itself stops, with an empty search path, so that only qualified tables are found.
 */
export function postgresqlQueries(url: string) {
  const turns = new QueryTurns();
  return (query: CheckedQuery, options: QueryOptions): Promise<QueryResult> =>
    turns.run(options.withinMs, msLeft =>
      inTime(
        msLeft,
        withConnection(url, connection => run(connection, query, options, msLeft)),
      ),
    );
}

async function run(
  connection: PgConnection,
  query: CheckedQuery,
  { limit, given, now }: QueryOptions,
  msLeft: number,
): Promise<QueryResult> {
  const { rows: found } = await connection.query('SELECT current_schema() AS schema');
  const names: GivenName[] = [];
  const parameter = (name: GivenName) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  };
  const schema = String(found[0]?.schema ?? 'public');
  const sql = withViews(query, sightedViews(postgresqlViews(schema, parameter), given), now);
  const values = names.map(name => JSON.stringify(given[name] ?? []));
  for (const setting of settings(msLeft)) await connection.query(setting);
  try {
    await checkPlan(connection, sql, values, schema);
    return await rowsOf(connection, sql, values, limit);
  } catch (error) {
    throw refusalOf(error);
  } finally {
    await connection.query('ROLLBACK').catch(() => {});
  }
}

/** The settings of the transaction: it writes nothing, finds nothing by an unqualified name, and runs only so long. */
function settings(msLeft: number): string[] {
  return [
    'BEGIN READ ONLY',
    `SET LOCAL statement_timeout = ${Math.max(1, Math.round(msLeft))}`,
    "SET LOCAL search_path = ''",
    "SET LOCAL timezone = 'UTC'",
    'SET LOCAL standard_conforming_strings = on',
    "SET LOCAL work_mem = '16MB'",
    'SET LOCAL hash_mem_multiplier = 1',
    'SET LOCAL max_parallel_workers_per_gather = 0',
    'SET LOCAL jit = off',
  ];
}

/** The rows, with every value as text and cut by the server, so that no row is larger than what is shown. */
async function rowsOf(
  connection: PgConnection,
  sql: string,
  values: string[],
  limit: number,
): Promise<QueryResult> {
  const { fields = [] } = await connection.query(`SELECT * FROM (${sql}) AS q LIMIT 0`, values);
  const aliases = fields.map((_, at) => `c${at}`);
  const cut = aliases.map(alias => `left(${alias}::text, ${TEXT_AT_MOST}) AS ${alias}`);
  const { rows } = await connection.query(
    `SELECT ${cut.join(', ')} FROM (${sql}) AS q(${aliases.join(', ')}) LIMIT ${limit + 1}`,
    values,
  );
  const shown: SqlValue[][] = [];
  let length = 0;
  for (const row of rows) {
    if (shown.length === limit || length > ROWS_AT_MOST) break;
    const line = aliases.map((alias, at) => asValue(row[alias] ?? null, fields[at]!.dataTypeID));
    length += line.reduce<number>((sum, value) => sum + String(value).length + 3, 0);
    shown.push(line);
  }
  return { columns: fields.map(field => field.name), rows: shown, truncated: shown.length < rows.length };
}

/** Numeric types by their number in pg_type. */
const NUMBERS = new Set([20, 21, 23, 700, 701, 1700]);
const BOOLEAN = 16;

function asValue(text: string | null, type: number): SqlValue {
  if (text === null) return null;
  if (type === BOOLEAN) return text === 'true' ? 1 : 0;
  if (!NUMBERS.has(type)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** The server stops a statement by itself; this timeout is for a server that does not answer at all. */
async function inTime<T>(msLeft: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tookTooLong()), msLeft + 500);
  work.catch(() => {});
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/**
 * What to throw for an error of the driver: a UsageError where PostgreSQL refuses the statement itself, a QueryLimitError where
 * it was stopped, otherwise the error itself, as a fault of ours or of the connection.
 */
export function refusalOf(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === '57014') return tookTooLong();
  if (code === '53200' || code === '54000' || code?.startsWith('54'))
    return new QueryLimitError('The query needed more memory than one may have, and was stopped.');
  if (code === undefined || !/^(?:42|22|0A|21|25006)/.test(code)) return error;
  return new UsageError(`SQL: ${message}.`, {
    hint: 'proxmox://schema has the columns of every view and their types; flags are 1 and 0, not true and false.',
  });
}

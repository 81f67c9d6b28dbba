import { noLog } from '../../log.ts';
import { assertOurs, compareHistory } from '../migrate/history.ts';
import { type Migration, migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { LINES_NOTE, withNewLine } from '../sql/lines.ts';
import { STORE_TABLES } from '../sql/tables.ts';
import { dumpBefore } from './backup.ts';
import { columnsOf } from './columns.ts';
import { type PgConnection, withConnection } from './connection.ts';
import { type DumpHeader, type DumpTable, notADump, readDump } from './dump-format.ts';
import { lastRun, leapRuns } from './leap-runs.ts';
import { migratePostgresql } from './migrate.ts';
import { inSchemaOf, lockSchema } from './own-schema.ts';

const ROWS_AT_ONCE = 1_000;
/** Most characters inserted with one statement, since a row may be megabytes. */
const CHARACTERS_AT_ONCE = 8_000_000;

/**
 * Replaces a store with a dump, in one transaction. The dump is first read to its end; what then goes into the SQL text are names
 * and types of tables that our own migrations make, and its cells go in as parameters. Returns where the former store is kept.
 * @throws NotADatabaseError, SchemaTooNewError or MigrationEditedError, with the store untouched.
 */
export async function loadFrom(
  url: string,
  file: string,
  packageRoot: string,
  folder: string | undefined,
): Promise<string | null> {
  const known = await readMigrations(migrationsFolder(packageRoot, 'postgresql'));
  const applied = await verifyDump(file, known);
  const kept = folder ? await dumpBefore(url, folder, known, 'restore', file) : null;
  // Creates `_prisma_migrations` where the database is empty.
  await migratePostgresql({ url, packageRoot, autoMigrate: true, log: noLog });
  await withConnection(url, async connection => {
    await lockSchema(connection);
    const former = await lastRun(connection);
    await connection.query('BEGIN');
    try {
      await connection.query(`DROP TABLE IF EXISTS ${STORE_TABLES.map(table => `"${table}"`).join(', ')}`);
      for (const migration of applied) await connection.query(inSchemaOf(url, migration.sql));
      await noteApplied(connection, applied);
      await loadRows(connection, file);
      await continueSequences(connection);
      await beginLine(connection, former);
      await connection.query("UPDATE lease SET expires_at = timestamp 'epoch'");
      await connection.query('COMMIT');
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => {});
      // Classes 22 and 23: a value or key that no store of ours can contain.
      const { code } = error as { code?: unknown };
      throw /^2[23]/.test(String(code)) ? notADump(file, error) : error;
    }
  });
  return kept;
}

/**
 * Reads a dump to its end. Returns the migrations it was taken at. @throws NotADatabaseError, SchemaTooNewError or
 * MigrationEditedError
 */
async function verifyDump(file: string, known: Migration[]): Promise<Migration[]> {
  let header: DumpHeader | undefined;
  for await (const part of readDump(file)) if (typeof part === 'object' && 'format' in part) header = part;
  const { migrations } = header!;
  assertOurs(
    compareHistory(
      known,
      migrations.map(row => ({ ...row, finished: true })),
    ),
  );
  const names = migrations.map(({ name }) => name).sort();
  const applied = known.slice(0, names.length);
  // The migrations of a store are always the first ones of ours, without gaps.
  if (names.length === 0 || applied.some(({ name }, at) => name !== names[at])) throw notADump(file);
  return applied;
}

/** Records which migrations were applied, by our own files: the dump's list is not trusted. */
async function noteApplied(connection: PgConnection, applied: Migration[]): Promise<void> {
  await connection.query('DELETE FROM _prisma_migrations');
  for (const [at, { name, checksum }] of applied.entries())
    await connection.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES (gen_random_uuid()::text, $1, $2, now() + $3 * interval '1 millisecond', now() + $3 * interval '1 millisecond', 1)`,
      [checksum, name, at],
    );
}

async function loadRows(connection: PgConnection, file: string): Promise<void> {
  let table: DumpTable | null = null;
  let rows: string[] = [];
  let size = 0;
  const flush = async () => {
    if (table !== null && rows.length > 0) await insert(connection, table, rows);
    rows = [];
    size = 0;
  };
  for await (const part of readDump(file)) {
    if (typeof part === 'string') {
      if (table === null) continue;
      rows.push(part);
      size += part.length;
      if (rows.length >= ROWS_AT_ONCE || size >= CHARACTERS_AT_ONCE) await flush();
    } else if ('table' in part) {
      await flush();
      table = part.table === '_prisma_migrations' ? null : part;
      if (table !== null && !sameColumns(table.columns, await columnsOf(connection, table.table)))
        throw notADump(file, new Error(`the table ${table.table} has other columns than ours`));
    }
  }
  await flush();
}

/** In any order: a column added by a migration comes last. */
function sameColumns(dumped: DumpTable['columns'], ours: DumpTable['columns']): boolean {
  const listed = (columns: DumpTable['columns']) =>
    columns
      .map(({ name, type }) => `${name} ${type}`)
      .sort()
      .join();
  return listed(dumped) === listed(ours);
}

async function insert(
  connection: PgConnection,
  { table, columns }: DumpTable,
  rows: string[],
): Promise<void> {
  const cells = columns.map(({ type }, n) =>
    type.startsWith('timestamp without')
      ? `(timestamp 'epoch' + (source.value->>${n})::bigint * interval '1 millisecond')`
      : `(source.value->>${n})::${type}`,
  );
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const text = `[${rows.join(',')}]`;
  await connection.query(
    `INSERT INTO "${table}" (${names}) SELECT ${cells.join(', ')} FROM json_array_elements($1::json) AS source(value)`,
    [text],
  );
}

/** Makes the numbers of new rows continue after those of the dump. */
async function continueSequences(connection: PgConnection): Promise<void> {
  for (const [table, column] of [
    ['state_snapshots', 'id'],
    ['discovery_runs', 'id'],
    ['commits', 'seq'],
  ]) {
    await connection.query(
      `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${column}), 1), max(${column}) IS NOT NULL) FROM ${table}`,
    );
  }
}

/** Begins a new line of the store: what was recorded after the backup is gone, and its numbers will be used again. */
async function beginLine(connection: PgConnection, former: number): Promise<void> {
  const { rows: notes } = await connection.query('SELECT value FROM notes WHERE key = $1', [LINES_NOTE]);
  const { rows: commits } = await connection.query('SELECT coalesce(max(seq), 0)::int AS seq FROM commits');
  await connection.query(
    "INSERT INTO notes (key, value, updated_at) VALUES ($1, $2, clock_timestamp() AT TIME ZONE 'UTC') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [LINES_NOTE, withNewLine((notes[0]?.value as string | undefined) ?? null, Number(commits[0]?.seq))],
  );
  await leapRuns(connection, former);
}

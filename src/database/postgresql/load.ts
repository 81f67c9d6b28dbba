import { noLog } from '../../log.ts';
import { assertOurs, compareHistory } from '../migrate/history.ts';
import { type Migration, migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { STORE_TABLES } from '../tables.ts';
import { dumpBefore } from './backup.ts';
import { type PgConnection, withConnection } from './connection.ts';
import { type DumpHeader, type DumpTable, notADump, readDump } from './dump-format.ts';
import { MIGRATION_LOCK, migratePostgresql } from './migrate.ts';

const ROWS_AT_ONCE = 1_000;

/** Replaces a store by a verified dump, in one transaction: all of it or nothing. Returns where the old one is kept. */
export async function loadFrom(
  url: string,
  file: string,
  packageRoot: string,
  folder: string | undefined,
): Promise<string | null> {
  const known = await readMigrations(migrationsFolder(packageRoot, 'postgresql'));
  const header = await verifyDump(file, known);
  const kept = folder ? await dumpBefore(url, folder, known, 'restore', file) : null;
  // Creates `_prisma_migrations` where the database is empty.
  await migratePostgresql({ url, packageRoot, autoMigrate: true, log: noLog });
  await withConnection(url, async connection => {
    await connection.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await connection.query('BEGIN');
    await connection.query(`DROP TABLE IF EXISTS ${STORE_TABLES.map(table => `"${table}"`).join(', ')}`);
    await connection.query('DELETE FROM _prisma_migrations');
    const names = new Set(header.migrations.map(({ name }) => name));
    for (const migration of known.filter(({ name }) => names.has(name)))
      await connection.query(migration.sql);
    await loadRows(connection, file);
    await continueSequences(connection);
    await connection.query("UPDATE lease SET expires_at = timestamp 'epoch'");
    await connection.query('COMMIT');
  });
  return kept;
}

/** Reads a dump to its end. @throws NotADatabaseError, SchemaTooNewError or MigrationEditedError */
async function verifyDump(file: string, known: Migration[]): Promise<DumpHeader> {
  let header: DumpHeader | undefined;
  for await (const line of readDump(file)) {
    header ??=
      typeof line === 'object' && 'format' in line && line.format === 'proxmox-mpc-dump' ? line : undefined;
    if (!header) throw notADump(file);
  }
  if (!header) throw notADump(file);
  assertOurs(
    compareHistory(
      known,
      header.migrations.map(row => ({ ...row, finished: true })),
    ),
  );
  return header;
}

async function loadRows(connection: PgConnection, file: string): Promise<void> {
  let table: DumpTable | undefined;
  let rows: string[] = [];
  const flush = async () => {
    if (table && rows.length > 0) await insert(connection, table, rows);
    rows = [];
  };
  for await (const line of readDump(file)) {
    if (typeof line === 'string') {
      rows.push(line);
      if (rows.length >= ROWS_AT_ONCE) await flush();
    } else {
      await flush();
      table = 'table' in line ? line : undefined;
    }
  }
  await flush();
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

/** New rows get numbers behind those of the dump. */
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

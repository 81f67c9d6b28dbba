import type { Log } from '../../log.ts';
import { MigrationFailedError, MigrationPendingError } from '../errors.ts';
import { applyMigrations } from '../migrate/apply.ts';
import {
  type AppliedMigration,
  assertOurs,
  HISTORY_SQL,
  type History,
  historyOf,
} from '../migrate/history.ts';
import { type Migration, migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { type PgConnection, withConnection } from './connection.ts';
import { migrationFactory } from './migration-adapter.ts';
import { createSchema, lockSchema } from './own-schema.ts';

/** What the server says about the store's migrations. @throws NotADatabaseError when its tables belong to another program. */
export async function readHistory(connection: PgConnection, known: Migration[]): Promise<History> {
  const { rows } = await connection.query(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()',
  );
  const tables = rows.map(({ name }) => name as string);
  const applied = tables.includes('_prisma_migrations') ? (await connection.query(HISTORY_SQL)).rows : [];
  return historyOf(known, tables, applied as AppliedMigration[]);
}

/**
 * Brings a PostgreSQL store's schema up to date. Returns the names of the migrations applied.
 * @throws MigrationPendingError unless `autoMigrate`, MigrationFailedError with nothing of it left, SchemaTooNewError or
 * MigrationEditedError.
 */
export async function migratePostgresql(options: {
  url: string;
  packageRoot: string;
  autoMigrate: boolean;
  log: Log;
}): Promise<string[]> {
  const folder = migrationsFolder(options.packageRoot, 'postgresql');
  const known = await readMigrations(folder);
  return withConnection(options.url, async connection => {
    const before = await readHistory(connection, known);
    assertOurs(before);
    if (before.pending.length === 0 && before.failed.length === 0) return [];
    if (!options.autoMigrate)
      throw new MigrationPendingError(before.pending.map(migration => migration.name));
    await createSchema(connection, options.url);
    await lockSchema(connection);
    const history = await readHistory(connection, known);
    assertOurs(history);
    // A migration is one transaction: one that never finished has left only its row.
    if (history.failed.length > 0) await forgetFailed(connection, history.failed);
    const pending = history.pending.map(migration => migration.name);
    if (pending.length === 0) return [];
    try {
      const applied = await applyMigrations(
        options.packageRoot,
        folder,
        migrationFactory(options.url),
        known,
      );
      options.log.info('migrated the store', { applied });
      return applied;
    } catch (cause) {
      const { failed } = await readHistory(connection, known);
      await forgetFailed(connection, failed);
      throw new MigrationFailedError(
        `The store could not be migrated (${pending.join(', ')}); nothing of it stayed.`,
        { cause },
      );
    }
  });
}

async function forgetFailed(connection: PgConnection, names: string[]): Promise<void> {
  await connection.query(
    'UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL AND migration_name = ANY($1)',
    [names],
  );
}

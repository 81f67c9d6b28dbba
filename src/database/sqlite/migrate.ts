import type { Log } from '../../log.ts';
import { DatabaseError, MigrationFailedError, MigrationPendingError } from '../errors.ts';
import { applyMigrations } from '../migrate/apply.ts';
import {
  type AppliedMigration,
  assertOurs,
  HISTORY_SQL,
  type History,
  historyOf,
} from '../migrate/history.ts';
import { type Migration, migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { retrying } from '../session/retry.ts';
import {
  backupBeforeMigration,
  dropAllTables,
  holdsNothing,
  newestBackup,
  restoreInPlace,
  spanOf,
} from './backup.ts';
import { type Connection, withConnection } from './connection.ts';
import { withFileLock } from './file-lock.ts';
import { migrationFactory } from './migration-adapter.ts';

/** How a SQLite store is brought up to date. `busyMs` is how long it waits for others' locks. */
export interface MigrateOptions {
  path: string;
  packageRoot: string;
  autoMigrate: boolean;
  busyMs: number;
  log: Log;
}

/** How long a migration may wait for locks of others: it blocks the event loop, in ms. */
const BLOCKED_MS = 2_000;
/** How long another process may take for its migration, in ms. */
const LOCK_MS = 120_000;

/** What a store's file says about its migrations. @throws NotADatabaseError when it belongs to another program. */
export function readHistory(connection: Connection, known: Migration[]): History {
  const tables = connection
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const rows = tables.includes('_prisma_migrations') ? connection.prepare(HISTORY_SQL).all() : [];
  return historyOf(known, tables, rows as AppliedMigration[]);
}

/**
 * Brings a SQLite store's schema up to date; cheap when it is. Returns the names of the migrations applied.
 * @throws MigrationPendingError unless `autoMigrate`, MigrationFailedError with the store in its former state, SchemaTooNewError
 * or MigrationEditedError.
 */
export async function migrateSqlite(options: MigrateOptions): Promise<string[]> {
  const folder = migrationsFolder(options.packageRoot, 'sqlite');
  const known = await readMigrations(folder);
  const look = () =>
    retrying({ forMs: options.busyMs }, () => withConnection(options.path, db => readHistory(db, known)));
  const needsWork = (history: History) => history.pending.length > 0 || history.failed.length > 0;

  const before = await look();
  assertOurs(before);
  if (!needsWork(before)) return [];
  if (!options.autoMigrate) throw new MigrationPendingError(before.pending.map(migration => migration.name));

  return withFileLock(options.path, LOCK_MS, async () => {
    const history = await look();
    assertOurs(history);
    if (history.failed.length > 0) await recover(options, history);
    const pending = history.failed.length > 0 ? (await look()).pending : history.pending;
    return pending.length === 0 ? [] : applyPending(options, folder, known, pending);
  });
}

async function applyPending(
  options: MigrateOptions,
  folder: string,
  known: Migration[],
  pending: Migration[],
): Promise<string[]> {
  const { path, packageRoot, log, busyMs } = options;
  const backup = await backupBeforeMigration(path, spanOf(pending.map(migration => migration.name)));
  try {
    const applied = await applyMigrations(
      packageRoot,
      folder,
      migrationFactory(path, Math.min(busyMs, BLOCKED_MS)),
      known,
    );
    log.info('migrated the store', { path, applied, backup });
    return applied;
  } catch (cause) {
    if (backup) await retrying({ forMs: busyMs }, () => restoreInPlace(backup, path));
    else await dropAllTables(path);
    const name = pending.map(migration => migration.name).join(', ');
    throw new MigrationFailedError(`The store could not be migrated (${name}); it was put back as it was.`, {
      cause,
    });
  }
}

/** After a process died in the middle of a migration: restores the backup taken before it. */
async function recover({ path, log, busyMs }: MigrateOptions, history: History): Promise<void> {
  const backup = await newestBackup(path, history.failed[0]!);
  log.warn('a migration was interrupted; putting the store back as it was', {
    path,
    failed: history.failed,
    backup,
  });
  if (backup) return retrying({ forMs: busyMs }, () => restoreInPlace(backup, path));
  // Without a backup the store was empty when its first migration began: dropping what it left loses nothing.
  if (history.applied.length === 0 || (await holdsNothing(path))) return dropAllTables(path);
  throw new DatabaseError(
    'migration_interrupted',
    `A migration of ${path} was interrupted and its backup is gone.`,
    {
      hint: 'Restore a backup with `proxmox-mpc db restore FILE`.',
    },
  );
}

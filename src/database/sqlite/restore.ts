import { rm } from 'node:fs/promises';
import { MissingError, NotADatabaseError } from '../errors.ts';
import { applyMigrations } from '../migrate/apply.ts';
import { assertOurs } from '../migrate/history.ts';
import { type Migration, migrationsFolder } from '../migrate/migrations.ts';
import { retrying } from '../session/retry.ts';
import { LINES_NOTE, withNewLine } from '../sql/lines.ts';
import { backupBeforeMigration, restoreInPlace } from './backup.ts';
import { type Connection, withConnection } from './connection.ts';
import { copyRows } from './copy-rows.ts';
import { createFile, inspectFile } from './file.ts';
import { withFileLock } from './file-lock.ts';
import { assertPlainTables, assertSameTables, distrust } from './foreign-schema.ts';
import { lastRun, leapRuns } from './leap-runs.ts';
import { readHistory } from './migrate.ts';
import { migrationFactory } from './migration-adapter.ts';

const WAIT_MS = 30_000;
const HINT = 'Name a file that `proxmox-mpc db backup` wrote of a SQLite store.';

/**
 * Replaces a store with a backup, page by page under SQLite's locks. The backup's rows are copied into a new file made by our own
 * migrations, and only that replaces the store, so nothing of the backup's schema ever does. Returns where the former store is
 * kept. @throws NotADatabaseError, SchemaTooNewError or MigrationEditedError, with the store untouched.
 */
export async function restoreFile(
  path: string,
  backup: string,
  known: Migration[],
  packageRoot: string,
): Promise<string | null> {
  const before = await inspectFile(path);
  const applied = await verifyBackup(backup, known);
  if (before === 'absent') await createFile(path);
  return withFileLock(path, WAIT_MS, async () => {
    const fresh = `${path}.restoring`;
    await removeFile(fresh);
    try {
      await createFile(fresh);
      await applyMigrations(
        packageRoot,
        migrationsFolder(packageRoot, 'sqlite'),
        migrationFactory(fresh),
        applied,
      );
      await readBackup(backup, source => withConnection(fresh, made => fill(made, source, backup)));
      const former = await withConnection(path, store => {
        readHistory(store, known);
        return lastRun(store);
      });
      await withConnection(fresh, made => beginLine(made, former));
      const kept = await backupBeforeMigration(path, 'restore', backup);
      await retrying({ forMs: WAIT_MS }, () => restoreInPlace(fresh, path));
      return kept;
    } finally {
      await removeFile(fresh);
    }
  });
}

async function removeFile(path: string): Promise<void> {
  for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) await rm(name, { force: true });
}

/**
 * The migrations that the file was at. @throws NotADatabaseError, SchemaTooNewError or MigrationEditedError unless it is ours.
 */
async function verifyBackup(file: string, known: Migration[]): Promise<Migration[]> {
  const state = await inspectFile(file, { writable: false }).catch(error => rejected(file, error));
  if (state === 'absent')
    throw new MissingError(`There is no file ${file}.`, { hint: 'Name a backup that exists.' });
  if (state === 'empty') throw new NotADatabaseError(`${file} is empty.`, { hint: HINT });
  return readBackup(file, connection => {
    const history = readHistory(connection, known);
    assertOurs(history);
    const names = history.applied.toSorted();
    if (names.length === 0) throw new NotADatabaseError(`${file} holds no store.`);
    const applied = known.slice(0, names.length);
    if (history.failed.length > 0 || applied.some(({ name }, at) => name !== names[at]))
      throw new NotADatabaseError(`${file} stands in the middle of a migration.`);
    return applied;
  });
}

/** The only way in which a backup is read: read-only, and trusting nothing in it. */
function readBackup<T>(file: string, work: (connection: Connection) => T | Promise<T>): Promise<T> {
  const read = (connection: Connection) => {
    distrust(connection);
    assertPlainTables(connection);
    return work(connection);
  };
  return withConnection(file, read, { readonly: true }).catch(error => rejected(file, error));
}

function fill(made: Connection, source: Connection, file: string): void {
  assertSameTables(source, made);
  const [found] = source.pragma('integrity_check(1)') as { integrity_check: string }[];
  if (found?.integrity_check !== 'ok') throw new NotADatabaseError(`${file} is damaged.`);
  copyRows(source, made);
  // Nobody holds the lease of a store that was just restored.
  made.exec('UPDATE lease SET expires_at = 0');
}

/** Begins a new line of the store: what was recorded after the backup is gone, and its numbers will be used again. */
function beginLine(made: Connection, former: number): void {
  const [note] = made.prepare('SELECT value FROM notes WHERE key = ?').all(LINES_NOTE) as { value: string }[];
  const [last] = made.prepare('SELECT coalesce(max(seq), 0) AS seq FROM commits').all() as { seq: number }[];
  made
    .prepare('INSERT OR REPLACE INTO notes (key, value, updated_at) VALUES (?, ?, ?)')
    .run(LINES_NOTE, withNewLine(note?.value ?? null, last!.seq), Date.now());
  leapRuns(made, former);
}

function rejected(file: string, error: unknown): never {
  const { code, message, cause } = error as { code?: string; message: string; cause?: unknown };
  // A duplicate key, or one that refers to nothing, is the backup's fault and not the store's.
  const unfit = ['duplicate', 'foreign_key', 'validation', 'not_a_database'].includes(String(code));
  if (!unfit) throw error;
  throw new NotADatabaseError(message.includes(file) ? message : `${file}: ${message}`, {
    hint: HINT,
    cause,
  });
}

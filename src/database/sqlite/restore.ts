import { MissingError, NotADatabaseError } from '../errors.ts';
import { assertOurs } from '../migrate/history.ts';
import type { Migration } from '../migrate/migrations.ts';
import { retrying } from '../retry.ts';
import { backupBeforeMigration, restoreInPlace } from './backup.ts';
import { withConnection } from './connection.ts';
import { createFile, inspectFile } from './file.ts';
import { withFileLock } from './file-lock.ts';
import { readHistory } from './migrate.ts';

const WAIT_MS = 30_000;

/** Replaces a store by a verified backup, page by page under SQLite's locks. Returns where the old one is kept. */
export async function restoreFile(path: string, backup: string, known: Migration[]): Promise<string | null> {
  const before = await inspectFile(path);
  await verifyBackup(backup, known);
  if (before === 'absent') await createFile(path);
  return withFileLock(path, WAIT_MS, async () => {
    const kept = await backupBeforeMigration(path, 'restore', backup);
    await retrying({ forMs: WAIT_MS }, () => restoreInPlace(backup, path));
    // Nobody holds the lease of a store that was just put back.
    await retrying({ forMs: WAIT_MS }, () =>
      withConnection(path, db => void db.exec('UPDATE lease SET expires_at = 0')),
    );
    return kept;
  });
}

/** @throws NotADatabaseError, SchemaTooNewError or MigrationEditedError unless the file is a whole store of ours. */
async function verifyBackup(file: string, known: Migration[]): Promise<void> {
  const hint = 'Name a file that `proxmox-mpc db backup` wrote of a SQLite store.';
  const rejected = (error: unknown): never => {
    if (!(error instanceof NotADatabaseError)) throw error;
    const { message, cause } = error;
    throw new NotADatabaseError(message.includes(file) ? message : `${file}: ${message}`, { hint, cause });
  };
  const state = await inspectFile(file, { writable: false }).catch(rejected);
  if (state === 'absent')
    throw new MissingError(`There is no file ${file}.`, { hint: 'Name a backup that exists.' });
  if (state === 'empty') throw new NotADatabaseError(`${file} is empty.`, { hint });
  await withConnection(
    file,
    connection => {
      const [found] = connection.pragma('integrity_check(1)', { simple: false }) as {
        integrity_check: string;
      }[];
      if (found?.integrity_check !== 'ok')
        throw new NotADatabaseError(`${file} is damaged: ${found?.integrity_check}.`, { hint });
      const history = readHistory(connection, known);
      assertOurs(history);
      if (history.applied.length === 0) throw new NotADatabaseError(`${file} holds no store.`, { hint });
    },
    { readonly: true },
  ).catch(rejected);
}

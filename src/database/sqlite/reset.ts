import { noLog } from '../../log.ts';
import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { retrying } from '../session/retry.ts';
import { backupBeforeMigration, dropAllTables, restoreInPlace } from './backup.ts';
import { withConnection } from './connection.ts';
import { createFile, inspectFile } from './file.ts';
import { withFileLock } from './file-lock.ts';
import { lastRun, leapRuns } from './leap-runs.ts';
import { migrateSqlite, readHistory } from './migrate.ts';

/**
 * Empties a store's file and migrates it anew, waiting `busyMs` for others' locks. Returns where the former store is kept.
 * @throws DatabaseError with the file in its former state
 */
export async function resetFile(path: string, packageRoot: string, busyMs: number): Promise<string | null> {
  if ((await inspectFile(path)) === 'absent') await createFile(path);
  const known = await readMigrations(migrationsFolder(packageRoot, 'sqlite'));
  let runs = 0;
  const kept = await withFileLock(path, busyMs, async () => {
    runs = await withConnection(path, connection => {
      readHistory(connection, known);
      return lastRun(connection);
    });
    const copy = await backupBeforeMigration(path, 'reset');
    await retrying({ forMs: busyMs }, () => dropAllTables(path));
    return copy;
  });
  try {
    await migrateSqlite({ path, packageRoot, autoMigrate: true, busyMs, log: noLog });
  } catch (error) {
    if (kept) await retrying({ forMs: busyMs }, () => restoreInPlace(kept, path));
    throw error;
  }
  await retrying({ forMs: busyMs }, () => withConnection(path, connection => leapRuns(connection, runs)));
  return kept;
}

import { noLog } from '../../log.ts';
import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { retrying } from '../session/retry.ts';
import { backupBeforeMigration, dropAllTables } from './backup.ts';
import { withConnection } from './connection.ts';
import { createFile, inspectFile } from './file.ts';
import { withFileLock } from './file-lock.ts';
import { lastRun, leapRuns } from './leap-runs.ts';
import { migrateSqlite, readHistory } from './migrate.ts';

const WAIT_MS = 30_000;

/** Empties a store's file and migrates it anew. Returns where the former store is kept. */
export async function resetFile(path: string, packageRoot: string): Promise<string | null> {
  if ((await inspectFile(path)) === 'absent') await createFile(path);
  const known = await readMigrations(migrationsFolder(packageRoot, 'sqlite'));
  let runs = 0;
  const kept = await withFileLock(path, WAIT_MS, async () => {
    runs = await withConnection(path, connection => {
      readHistory(connection, known);
      return lastRun(connection);
    });
    const copy = await backupBeforeMigration(path, 'reset');
    await retrying({ forMs: WAIT_MS }, () => dropAllTables(path));
    return copy;
  });
  await migrateSqlite({ path, packageRoot, autoMigrate: true, busyMs: WAIT_MS, log: noLog });
  await retrying({ forMs: WAIT_MS }, () => withConnection(path, connection => leapRuns(connection, runs)));
  return kept;
}

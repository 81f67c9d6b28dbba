import { MigrationFailedError } from '../errors.ts';
import type { Migration } from '../migrate/migrations.ts';
import { newestApplied } from '../migrate/newest.ts';
import type { RolledBack } from '../migrate/rolled-back.ts';
import { retrying } from '../session/retry.ts';
import { backupBeforeMigration, restoreInPlace } from './backup.ts';
import { type Connection, withConnection } from './connection.ts';
import { assertStore } from './file.ts';
import { withFileLock } from './file-lock.ts';
import { readHistory } from './migrate.ts';

/**
 * Undoes the newest migration of a store's file, after copying it; waits `busyMs` for others' locks. @throws MigrationFailedError with the file in its former
 * state.
 */
export async function rollbackFile(path: string, known: Migration[], busyMs: number): Promise<RolledBack> {
  await assertStore(path);
  return withFileLock(path, busyMs, async () => {
    const history = await withConnection(path, connection => readHistory(connection, known));
    const migration = newestApplied(history, known);
    const backup = await backupBeforeMigration(path, `rollback-of-${migration.name}`);
    try {
      await retrying({ forMs: busyMs }, () =>
        withConnection(path, connection => undo(connection, migration)),
      );
    } catch (cause) {
      if (backup) await retrying({ forMs: busyMs }, () => restoreInPlace(backup, path));
      throw new MigrationFailedError(`${migration.name} could not be rolled back.`, { cause });
    }
    return { migration: migration.name, backup, left: history.applied.length - 1 };
  });
}

function undo(connection: Connection, migration: Migration & { down: string }): void {
  // Before the transaction, since it has no effect inside one: rebuilding a table would empty those that refer to it.
  connection.pragma('foreign_keys = OFF');
  const all = connection.transaction(() => {
    connection.exec(migration.down);
    const broken = connection.pragma('foreign_key_check') as { table: string }[];
    if (broken.length > 0) throw new Error(`rows of ${broken[0]!.table} would refer to rows that are gone`);
    connection
      .prepare(
        'UPDATE _prisma_migrations SET rolled_back_at = ? WHERE migration_name = ? AND rolled_back_at IS NULL',
      )
      .run(new Date().toISOString().replace('Z', '+00:00'), migration.name);
  });
  all.immediate();
}

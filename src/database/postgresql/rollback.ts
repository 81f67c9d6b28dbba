import { MigrationFailedError } from '../errors.ts';
import type { Migration } from '../migrate/migrations.ts';
import { newestApplied } from '../migrate/newest.ts';
import type { RolledBack } from '../migrate/rolled-back.ts';
import { dumpBefore } from './backup.ts';
import { withConnection } from './connection.ts';
import { MIGRATION_LOCK, readHistory } from './migrate.ts';

/**
 * Undoes the newest migration of a database in one transaction, after a dump into `folder`.
 * @throws MigrationFailedError with nothing undone.
 */
export async function rollbackDatabase(
  url: string,
  known: Migration[],
  folder: string | undefined,
): Promise<RolledBack> {
  return withConnection(url, async connection => {
    await connection.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const history = await readHistory(connection, known);
    const migration = newestApplied(history, known);
    const backup = folder ? await dumpBefore(url, folder, known, `rollback-of-${migration.name}`) : null;
    await connection.query('BEGIN');
    try {
      await connection.query(migration.down);
      await connection.query(
        'UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = $1 AND rolled_back_at IS NULL',
        [migration.name],
      );
      await connection.query('COMMIT');
    } catch (cause) {
      await connection.query('ROLLBACK');
      throw new MigrationFailedError(`${migration.name} could not be rolled back.`, { cause });
    }
    return { migration: migration.name, backup, left: history.applied.length - 1 };
  });
}

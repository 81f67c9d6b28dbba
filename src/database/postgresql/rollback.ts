import { MigrationFailedError } from '../errors.ts';
import type { Migration } from '../migrate/migrations.ts';
import { newestApplied } from '../migrate/newest.ts';
import type { RolledBack } from '../migrate/rolled-back.ts';
import { dumpBefore } from './backup.ts';
import { withConnection } from './connection.ts';
import { readHistory } from './migrate.ts';
import { inSchemaOf, lockSchema } from './own-schema.ts';

/**
 * Undoes a database's newest migration in one transaction, after a dump into `folder`.
 * @throws MigrationFailedError with nothing undone.
 */
export async function rollbackDatabase(
  url: string,
  known: Migration[],
  folder: string | undefined,
): Promise<RolledBack> {
  return withConnection(url, async connection => {
    await lockSchema(connection);
    const history = await readHistory(connection, known);
    const migration = newestApplied(history, known);
    const backup = folder ? await dumpBefore(url, folder, known, `rollback-of-${migration.name}`) : null;
    await connection.query('BEGIN');
    try {
      await connection.query(inSchemaOf(url, migration.down));
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

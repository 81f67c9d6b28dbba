import { noLog } from '../../log.ts';
import { SchemaTooNewError } from '../errors.ts';
import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { STORE_TABLES } from '../sql/tables.ts';
import { withConnection } from './connection.ts';
import { lastRun, leapRuns } from './leap-runs.ts';
import { migratePostgresql, readHistory } from './migrate.ts';
import { lockSchema } from './own-schema.ts';

/**
 * Drops the store's tables and migrates anew.
 * @throws NotADatabaseError when they belong to another program, SchemaTooNewError when there may be tables we do not know.
 */
export async function resetDatabase(url: string, packageRoot: string): Promise<void> {
  const known = await readMigrations(migrationsFolder(packageRoot, 'postgresql'));
  const tables = [...STORE_TABLES, '_prisma_migrations'].map(table => `"${table}"`);
  let runs = 0;
  await withConnection(url, async connection => {
    await lockSchema(connection);
    const { unknown } = await readHistory(connection, known);
    if (unknown.length > 0) throw new SchemaTooNewError(unknown);
    runs = await lastRun(connection);
    await connection.query(`DROP TABLE IF EXISTS ${tables.join(', ')}`);
  });
  await migratePostgresql({ url, packageRoot, autoMigrate: true, log: noLog });
  await withConnection(url, connection => leapRuns(connection, runs));
}

import { noLog } from '../../log.ts';
import { STORE_TABLES } from '../tables.ts';
import { withConnection } from './connection.ts';
import { migratePostgresql } from './migrate.ts';

/** Drops the store's tables, no others, and migrates anew. */
export async function resetDatabase(url: string, packageRoot: string): Promise<void> {
  const tables = [...STORE_TABLES, '_prisma_migrations'].map(table => `"${table}"`);
  await withConnection(url, connection => connection.query(`DROP TABLE IF EXISTS ${tables.join(', ')}`));
  await migratePostgresql({ url, packageRoot, autoMigrate: true, log: noLog });
}

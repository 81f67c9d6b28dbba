import { noLog } from '../../log.ts';
import { parseTarget, type StoreOptions } from '../options.ts';
import { SESSION_DEFAULTS } from '../session/session.ts';

/**
 * Applies pending migrations on request. Returns their names: none where the store was up to date.
 * @throws MigrationFailedError with the store in its former state.
 */
export async function migrateStore(options: StoreOptions): Promise<string[]> {
  const target = parseTarget(options);
  const common = { packageRoot: options.packageRoot, autoMigrate: true, log: options.log ?? noLog };
  if (target.provider === 'postgresql') {
    const { migratePostgresql } = await import('../postgresql/migrate.ts');
    return migratePostgresql({ ...common, url: target.url });
  }
  const { migrateSqlite } = await import('../sqlite/migrate.ts');
  const { createFile, inspectFile } = await import('../sqlite/file.ts');
  if ((await inspectFile(target.path)) === 'absent') await createFile(target.path);
  return migrateSqlite({ ...common, path: target.path, busyMs: options.busyMs ?? SESSION_DEFAULTS.busyMs });
}

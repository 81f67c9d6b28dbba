import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import type { RolledBack } from '../migrate/rolled-back.ts';
import { parseTarget, type StoreOptions } from '../options.ts';
import { SESSION_DEFAULTS } from '../session/session.ts';

/**
 * Undoes the newest migration with its `down.sql`, in one transaction, keeping all data that the older schema can hold. Meant to
 * be run before an older version of the program is installed: this version would migrate again.
 * @throws MigrationFailedError with the store in its former state.
 */
export async function rollbackStore(options: StoreOptions): Promise<RolledBack> {
  const target = parseTarget(options);
  const known = await readMigrations(migrationsFolder(options.packageRoot, target.provider));
  if (target.provider === 'sqlite') {
    const { rollbackFile } = await import('../sqlite/rollback.ts');
    return rollbackFile(target.path, known, options.busyMs ?? SESSION_DEFAULTS.busyMs);
  }
  const { rollbackDatabase } = await import('../postgresql/rollback.ts');
  return rollbackDatabase(target.url, known, options.backupFolder);
}

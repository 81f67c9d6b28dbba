import { resolve } from 'node:path';
import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { parseTarget, type StoreOptions } from '../options.ts';

/**
 * Replaces the store with a backup. The backup is verified first (complete, undamaged, ours, not newer than this version), and
 * the present store is kept. Older schemas are migrated when the store is next opened. Returns where the former store is kept, or
 * null when it was empty.
 * @throws NotADatabaseError, SchemaTooNewError or MigrationEditedError, with the store untouched.
 */
export async function restoreStore(options: StoreOptions, file: string): Promise<string | null> {
  const target = parseTarget(options);
  const known = await readMigrations(migrationsFolder(options.packageRoot, target.provider));
  if (target.provider === 'sqlite') {
    const { restoreFile } = await import('../sqlite/restore.ts');
    return restoreFile(target.path, resolve(file), known, options.packageRoot);
  }
  const { loadFrom } = await import('../postgresql/load.ts');
  return loadFrom(target.url, resolve(file), options.packageRoot, options.backupFolder);
}

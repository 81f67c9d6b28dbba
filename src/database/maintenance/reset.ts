import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { parseTarget, type StoreOptions } from '../options.ts';
import { SESSION_DEFAULTS } from '../session/session.ts';

/**
 * Empties the store and applies all migrations anew, after taking a copy. Returns the copy's path; null where there was nothing
 * to copy or no folder for it.
 */
export async function resetStore(options: StoreOptions): Promise<string | null> {
  const target = parseTarget(options);
  if (target.provider === 'sqlite') {
    const { resetFile } = await import('../sqlite/reset.ts');
    return resetFile(target.path, options.packageRoot, options.busyMs ?? SESSION_DEFAULTS.busyMs);
  }
  const [{ resetDatabase }, { dumpBefore }] = await Promise.all([
    import('../postgresql/reset.ts'),
    import('../postgresql/backup.ts'),
  ]);
  const known = await readMigrations(migrationsFolder(options.packageRoot, 'postgresql'));
  const { backupFolder } = options;
  const kept = backupFolder ? await dumpBefore(target.url, backupFolder, known, 'reset') : null;
  await resetDatabase(target.url, options.packageRoot);
  return kept;
}

import { parseTarget, type StoreOptions } from '../options.ts';

/**
 * Empties the store and applies all migrations anew. SQLite's file is copied beside itself first; the copy's path is
 * returned, null where there was nothing to copy or the engine is PostgreSQL.
 */
export async function resetStore(options: StoreOptions): Promise<string | null> {
  const target = parseTarget(options);
  if (target.provider === 'sqlite') {
    const { resetFile } = await import('../sqlite/reset.ts');
    return resetFile(target.path, options.packageRoot);
  }
  const { resetDatabase } = await import('../postgresql/reset.ts');
  await resetDatabase(target.url, options.packageRoot);
  return null;
}

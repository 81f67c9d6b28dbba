import { join } from 'node:path';
import { type AdapterFactory, NO_FILTERS, withSchemaEngine } from './engine.ts';
import type { Migration } from './migrations.ts';

/** Applies pending migrations with Prisma's schema engine, which maintains `_prisma_migrations`. Returns their names. */
export async function applyMigrations(
  packageRoot: string,
  folder: string,
  factory: AdapterFactory,
  migrations: Migration[],
): Promise<string[]> {
  const provider = factory.provider === 'sqlite' ? 'sqlite' : 'postgresql';
  return withSchemaEngine(packageRoot, factory, async engine => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: folder,
        lockfile: { path: join(folder, 'migration_lock.toml'), content: `provider = "${provider}"\n` },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
      filters: NO_FILTERS,
    });
    return appliedMigrationNames;
  });
}

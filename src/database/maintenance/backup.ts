import { link, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorCode } from '../../errors.ts';
import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { parseTarget, type StoreOptions } from '../options.ts';
import { assertFree, taken } from './files.ts';

/**
 * Writes a copy of the store to a new file that only its owner may read: a SQLite file, or for PostgreSQL a dump that
 * `restoreStore` reads. The store may be in use.
 * @throws DuplicateError when the file exists already, MissingError when the store does not, NotADatabaseError when it is none of
 * ours.
 */
export async function backupStore(options: StoreOptions, file: string): Promise<void> {
  const target = parseTarget(options);
  const destination = resolve(file);
  await assertFree(destination);
  // Under another name until it is complete, so that half a copy is never taken for a whole one.
  const partial = `${destination}.partial`;
  await rm(partial, { force: true });
  try {
    if (target.provider === 'sqlite') {
      const { assertStore } = await import('../sqlite/file.ts');
      const { copyTo } = await import('../sqlite/backup.ts');
      const { withConnection } = await import('../sqlite/connection.ts');
      const { readHistory } = await import('../sqlite/migrate.ts');
      await assertStore(target.path);
      const known = await readMigrations(migrationsFolder(options.packageRoot, 'sqlite'));
      await withConnection(target.path, connection => readHistory(connection, known), { readonly: true });
      await copyTo(target.path, partial);
    } else {
      const { dumpTo } = await import('../postgresql/dump.ts');
      const known = await readMigrations(migrationsFolder(options.packageRoot, 'postgresql'));
      await dumpTo(target.url, partial, known);
    }
    await moveTo(partial, destination);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Gives a file its final name, unless something took that meanwhile: a rename would overwrite it. */
async function moveTo(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw taken(to);
    // Not every file system has hard links.
    await rename(from, to);
  }
}

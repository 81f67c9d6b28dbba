import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One migration of this version of the program. */
export interface Migration {
  /** The folder's name: a time stamp and a word. */
  name: string;
  sql: string;
  /** The SQL that undoes it; null where there is none. */
  down: string | null;
  /** SHA-256 of `sql`, as Prisma keeps it. */
  checksum: string;
}

/** The folder of an engine's migrations. */
export function migrationsFolder(packageRoot: string, provider: 'sqlite' | 'postgresql'): string {
  return provider === 'sqlite'
    ? join(packageRoot, 'prisma', 'migrations')
    : join(packageRoot, 'prisma', 'postgresql', 'migrations');
}

/** All migrations of an engine, oldest first. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
  return Promise.all(
    names.sort().map(async name => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      const downPath = join(folder, name, 'down.sql');
      const down = existsSync(downPath) ? await readFile(downPath, 'utf8') : null;
      return { name, sql, down, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

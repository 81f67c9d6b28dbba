import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { backupPath, dropOldBackups } from '../backups.ts';
import type { Migration } from '../migrate/migrations.ts';
import { withConnection } from './connection.ts';
import { dumpTo } from './dump.ts';
import { readHistory } from './migrate.ts';

/** A dump taken before `next` happens; the oldest beyond three of this database go. Null for a database without a store. */
export async function dumpBefore(
  url: string,
  folder: string,
  known: Migration[],
  next: string,
  restoring?: string,
): Promise<string | null> {
  const { applied } = await withConnection(url, connection => readHistory(connection, known));
  if (applied.length === 0) return null;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres';
  const base = join(folder, name.replace(/[^\w.-]/g, '_'));
  const dump = backupPath(base, next);
  await dumpTo(url, dump, known);
  await dropOldBackups(base, restoring);
  return dump;
}

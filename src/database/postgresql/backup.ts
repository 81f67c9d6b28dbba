import { mkdir, rm } from 'node:fs/promises';
import { backupPath, dropOldBackups, dumpBase } from '../maintenance/kept-backups.ts';
import type { Migration } from '../migrate/migrations.ts';
import { withConnection } from './connection.ts';
import { dumpTo } from './dump.ts';
import { readHistory } from './migrate.ts';

/**
 * Takes a dump before `next`, and removes the oldest beyond three of this database. Returns its path; null for a database without
 * a store.
 */
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
  const base = dumpBase(url, folder);
  const dump = backupPath(base, next);
  try {
    await dumpTo(url, dump, known);
  } catch (error) {
    await rm(dump, { force: true });
    throw error;
  }
  await dropOldBackups(base, restoring);
  return dump;
}

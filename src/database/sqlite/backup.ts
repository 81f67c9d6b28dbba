import { rm } from 'node:fs/promises';
import { createPrivate } from '../../private-file.ts';
import { backupPath, backupsOf, dropOldBackups } from '../maintenance/kept-backups.ts';
import { type Connection, withConnection } from './connection.ts';

/** Writes a compact copy of a store into a new file that only its owner may read, right from its first byte. */
export async function copyTo(path: string, copy: string): Promise<void> {
  // SQLite treats an empty file as a new one, and keeps its mode.
  await (await createPrivate(copy)).close();
  try {
    await withConnection(path, connection => {
      connection.pragma('busy_timeout = 5000');
      connection.prepare('VACUUM INTO ?').run(copy);
    });
  } catch (error) {
    // Half a copy would be mistaken for a backup.
    await rm(copy, { force: true });
    throw error;
  }
}

/** The newest backup taken before a set of migrations that includes this one; null when there is none. */
export async function newestBackup(path: string, migration: string): Promise<string | null> {
  const backups = await backupsOf(path);
  const span = (backup: string) => /-before-(\d+_\w+?)(?:-to-(\d+_\w+))?$/.exec(backup);
  const found = backups.findLast(backup => {
    const [, first, last = first] = span(backup) ?? [];
    return first !== undefined && first <= migration && migration <= last!;
  });
  return found ?? null;
}

/** Whether no table of a store contains a row, so that nothing is lost with it. */
export function holdsNothing(path: string): Promise<boolean> {
  return withConnection(path, connection =>
    tablesOf(connection).every(
      table => connection.prepare(`SELECT 1 FROM "${table}" LIMIT 1`).get() === undefined,
    ),
  );
}

/** The part of a backup's name for these consecutive migrations. */
export function spanOf(names: string[]): string {
  const [first, last] = [names[0]!, names.at(-1)!];
  return first === last ? first : `${first}-to-${last}`;
}

/**
 * Takes a backup beside the store, named after what comes next, and removes the oldest beyond three. Null for a file without
 * tables.
 */
export async function backupBeforeMigration(
  path: string,
  next: string,
  restoring?: string,
): Promise<string | null> {
  const empty = await withConnection(path, db => tablesOf(db).length === 0);
  if (empty) return null;
  const backup = backupPath(path, next);
  await copyTo(path, backup);
  await dropOldBackups(path, restoring);
  return backup;
}

/** Copies a backup over a store page by page, under SQLite's own locks: readers see one or the other. */
export async function restoreInPlace(backup: string, path: string): Promise<void> {
  await withConnection(backup, connection => connection.backup(path), { readonly: true });
}

/**
 * Removes all tables: what an interrupted first migration left behind, or what a reset is to forget. The table of migrations
 * stays, empty, because the schema engine refuses a file that has tables of SQLite's own but not that one.
 */
export async function dropAllTables(path: string): Promise<void> {
  await withConnection(path, connection => {
    connection.pragma('foreign_keys = OFF');
    const drop = connection.transaction(() => {
      for (const table of tablesOf(connection)) connection.exec(`DROP TABLE "${table}"`);
      const list = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'").get();
      if (list) connection.exec('DELETE FROM _prisma_migrations');
    });
    drop.immediate();
  });
}

/** A file's tables, without SQLite's own and the table of migrations. */
function tablesOf(connection: Connection): string[] {
  const names = connection
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .pluck()
    .all() as string[];
  return names.filter(name => !name.startsWith('sqlite_') && name !== '_prisma_migrations');
}

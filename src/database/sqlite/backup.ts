import { rm } from 'node:fs/promises';
import { createPrivate } from '../../private-file.ts';
import { backupPath, backupsOf, dropOldBackups } from '../maintenance/kept-backups.ts';
import { type Connection, withConnection } from './connection.ts';

/** Writes a compact copy of a store into a new file that only its owner may read from its first byte on. */
export async function copyTo(path: string, copy: string): Promise<void> {
  // SQLite takes an empty file for a new one, and leaves its mode alone.
  await (await createPrivate(copy)).close();
  try {
    await withConnection(path, connection => {
      connection.pragma('busy_timeout = 5000');
      connection.prepare('VACUUM INTO ?').run(copy);
    });
  } catch (error) {
    // Half a copy would be taken for one when it is needed.
    await rm(copy, { force: true });
    throw error;
  }
}

/** The newest backup taken before several migrations of which this is one; null when there is none. */
export async function newestBackup(path: string, migration: string): Promise<string | null> {
  const backups = await backupsOf(path);
  const span = (backup: string) => /-before-(\d+_\w+?)(?:-to-(\d+_\w+))?$/.exec(backup);
  const found = backups.findLast(backup => {
    const [, first, last = first] = span(backup) ?? [];
    return first !== undefined && first <= migration && migration <= last!;
  });
  return found ?? null;
}

/** Whether no table of a store holds a row: nothing is lost with it. */
export function holdsNothing(path: string): Promise<boolean> {
  return withConnection(path, connection =>
    tablesOf(connection).every(
      table => connection.prepare(`SELECT 1 FROM "${table}" LIMIT 1`).get() === undefined,
    ),
  );
}

/** What a backup before these migrations, one after the other, is named after. */
export function spanOf(names: string[]): string {
  const [first, last] = [names[0]!, names.at(-1)!];
  return first === last ? first : `${first}-to-${last}`;
}

/** A backup beside the store, named after what comes next; the oldest beyond three go. Null for a store without rows. */
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

/** Copies a backup over a store page by page, under SQLite's own locks: readers see the one or the other. */
export async function restoreInPlace(backup: string, path: string): Promise<void> {
  await withConnection(backup, connection => connection.backup(path), { readonly: true });
}

/**
 * Removes all tables: what an interrupted first migration left, or what a reset is to forget. The list of migrations
 * stays, empty, for the schema engine migrates nothing into a file where it finds no list but SQLite's own tables.
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

/** A file's tables, without SQLite's own and the list of migrations. */
function tablesOf(connection: Connection): string[] {
  const names = connection
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .pluck()
    .all() as string[];
  return names.filter(name => !name.startsWith('sqlite_') && name !== '_prisma_migrations');
}

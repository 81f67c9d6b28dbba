import { readdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { schemaOf, type Target } from '../options.ts';

/** How many of the copies taken by migrations, rollbacks, restores and resets are kept. */
const KEPT = 3;

/** A new name for a copy taken before `next`; `base` is the store's file, or the path made of its database's name. */
export function backupPath(base: string, next: string): string {
  return `${base}.backup-${new Date().toISOString().replace(/\D/g, '')}-before-${next}`;
}

/** The beginning of the names of a PostgreSQL store's copies in a folder. */
export function dumpBase(url: string, folder: string): string {
  const name = decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres';
  const schema = schemaOf(url);
  return join(folder, `${name.replace(/[^\w.-]/g, '_')}${schema === null ? '' : `+${schema}`}`);
}

/** Every file that a store leaves on this machine, and its folder; only the owner should be able to read them. */
export async function filesOf(target: Target, backupFolder: string | undefined): Promise<string[]> {
  if (target.provider === 'postgresql' && backupFolder === undefined) return [];
  const base = target.provider === 'sqlite' ? target.path : dumpBase(target.url, backupFolder!);
  const own = target.provider === 'sqlite' ? ['', '-wal', '-shm', '-journal', '.lock'] : [];
  const copies = await backupsOf(base).catch(() => []);
  return [...own.map(end => `${base}${end}`), ...copies, dirname(base)];
}

/** The copies named by `backupPath`, oldest first. */
export async function backupsOf(base: string): Promise<string[]> {
  const prefix = `${basename(base)}.backup-`;
  const names = await readdir(dirname(base));
  return names
    .filter(name => name.startsWith(prefix))
    .sort()
    .map(name => join(dirname(base), name));
}

/** Removes all copies but the newest three, and never the one that is being restored. */
export async function dropOldBackups(base: string, restoring?: string): Promise<void> {
  const spared = restoring === undefined ? null : await realpath(restoring);
  const folder = await realpath(dirname(base));
  for (const old of (await backupsOf(base)).slice(0, -KEPT))
    if (join(folder, basename(old)) !== spared) await rm(old, { force: true });
}

import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How many copies that migrations, rollbacks, restores and resets took are kept. */
const KEPT = 3;

/** A new name for a copy taken before `next` happens; `base` is the store's file, or what stands for its database. */
export function backupPath(base: string, next: string): string {
  return `${base}.backup-${new Date().toISOString().replace(/\D/g, '')}-before-${next}`;
}

/** Copies taken under `backupPath`, oldest first. */
export async function backupsOf(base: string): Promise<string[]> {
  const prefix = `${basename(base)}.backup-`;
  const names = await readdir(dirname(base));
  return names
    .filter(name => name.startsWith(prefix))
    .sort()
    .map(name => join(dirname(base), name));
}

/** Removes all but the newest three. */
export async function dropOldBackups(base: string): Promise<void> {
  for (const old of (await backupsOf(base)).slice(0, -KEPT)) await rm(old, { force: true });
}

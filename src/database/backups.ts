import { readdir, realpath, rm } from 'node:fs/promises';
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

/** Removes all but the newest three, and never the one that is being restored. */
export async function dropOldBackups(base: string, restoring?: string): Promise<void> {
  const spared = restoring === undefined ? null : await realpath(restoring);
  const folder = await realpath(dirname(base));
  for (const old of (await backupsOf(base)).slice(0, -KEPT))
    if (join(folder, basename(old)) !== spared) await rm(old, { force: true });
}

import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DatabaseStore } from '../../src/database/index.ts';
import type { Session } from '../../src/database/session/session.ts';

const run = promisify(execFile);

/** A place for a store that can be made full, and given room again. */
export interface SmallDisk {
  url: string;
  fill(store: DatabaseStore): Promise<void>;
  free(store: DatabaseStore): Promise<void>;
  close(): Promise<void>;
}

/** A file system of its own where this user may mount one; else SQLite's own limit, which fails with the same code. */
export async function startSmallDisk(): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'mpc-disk-'));
  const url = `file:${join(folder, 'store.db')}`;
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
  const filler = join(folder, 'filler');
  return {
    url,
    async fill(store) {
      if (!mounted) return limitPages(store, 1);
      const { bavail, bsize } = await statfs(folder);
      // Whatever else is being written meanwhile: there is nothing left once this fails.
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => {});
    },
    free: store => (mounted ? rm(filler) : limitPages(store, 1_000_000)),
    async close() {
      if (mounted) await run('umount', [folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sets how large the writer's connection may let the file become. That is of a connection, and repositories alone have its session. */
export async function limitPages(store: DatabaseStore, pages: number): Promise<void> {
  const sql = `PRAGMA max_page_count = ${pages}`;
  await store.transaction(async tx => {
    const { session } = tx.nodes as unknown as { session: Session };
    await session.write(db => db.$queryRawUnsafe(sql));
  });
}

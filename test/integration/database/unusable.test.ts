import { chmod, copyFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore, type StoreOptions } from '../../../src/database/index.ts';
import {
  backupStore,
  migrateStore,
  resetStore,
  restoreStore,
  rollbackStore,
  storeStatus,
} from '../../../src/database/maintenance/index.ts';
import { packageRoot, temporaryFolder } from '../../support/database-engine.ts';

const folder = temporaryFolder();
const at = (path: string): StoreOptions => ({ url: `file:${path}`, packageRoot, busyMs: 50 });

/** A store whose newest migration is pending. */
async function pendingStore(name: string): Promise<string> {
  const path = join(folder.path(), `${name}.db`);
  await migrateStore(at(path));
  await rollbackStore(at(path));
  return path;
}

const COMMANDS: { [name: string]: (options: StoreOptions) => Promise<unknown> } = {
  status: storeStatus,
  backup: options => backupStore(options, join(folder.path(), `${Math.random()}.backup`)),
  restore: async options => {
    const good = join(folder.path(), 'good.db');
    await migrateStore(at(good));
    return restoreStore(options, good);
  },
  reset: resetStore,
  migrate: migrateStore,
  rollback: rollbackStore,
  open: async options => (await openStore(options)).close(),
};

/** What a person is told: what failed, why and what next, in our words. */
async function told(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown as Error & { hint?: string; code?: string },
  );
  if (error === null) return 'done';
  const { cause } = error as { cause?: { code?: string } };
  expect(error.hint, error.stack).toMatch(/\w/);
  expect(`${error.message} ${error.hint}`).not.toMatch(/WASM|connector|SQLITE_/);
  return [error.code, error.code === 'migration_failed' ? cause?.code : undefined].filter(Boolean).join(': ');
}

test('every command on a store that another process holds locked says so, and what next, or does not need the lock', async () => {
  const path = await pendingStore('locked');
  for (const [lock, expected] of [
    [
      'BEGIN IMMEDIATE',
      {
        status: 'done',
        backup: 'done',
        reset: 'busy',
        migrate: 'migration_failed: busy',
        rollback: 'migration_failed: busy',
        open: 'migration_failed: busy',
      },
    ],
    [
      'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE',
      { status: 'busy', reset: 'busy', migrate: 'busy', rollback: 'busy', open: 'busy' },
    ],
  ] as const) {
    const copy = join(folder.path(), `${lock.length}.db`);
    await copyFile(path, copy);
    const holder = new Database(copy);
    holder.pragma('journal_mode = DELETE');
    holder.exec(lock);
    try {
      for (const [name, outcome] of Object.entries(expected))
        expect([name, await told(COMMANDS[name]!(at(copy)))]).toEqual([name, outcome]);
    } finally {
      holder.close();
    }
    // Nothing was lost to it.
    expect((await storeStatus(at(copy))).migrations.pending).toHaveLength(1);
  }
});

test('every command on what is no store, or may not be written, says so, and what next', async () => {
  const damaged = join(folder.path(), 'damaged.db');
  await writeFile(damaged, 'SQLite format 3\0'.padEnd(8_192, 'x'));
  const foreign = join(folder.path(), 'foreign.db');
  new Database(foreign).exec('CREATE TABLE theirs (a)').close();
  const readOnly = await pendingStore('read-only');
  await chmod(readOnly, 0o400);
  for (const [path, code] of [
    [damaged, 'not_a_database'],
    [foreign, 'not_a_database'],
    [readOnly, 'store_permission'],
  ] as const)
    for (const [name, command] of Object.entries(COMMANDS))
      expect([path, name, await told(command(at(path)))]).toEqual([path, name, code]);
  // What the hint advises for a damaged one.
  await rename(damaged, `${damaged}.away`);
  expect(await told(COMMANDS['restore']!(at(damaged)))).toBe('done');
  const missing = join(folder.path(), 'missing.db');
  for (const name of ['status', 'backup', 'rollback'])
    expect([name, await told(COMMANDS[name]!(at(missing)))]).toEqual([name, 'not_found']);
});

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  DatabaseOptionsError,
  DiskFullError,
  NotADatabaseError,
  openStore,
  StorePermissionError,
  ValidationError,
} from '../../../src/database/index.ts';
import { storeStatus } from '../../../src/database/maintenance/index.ts';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import { createFile } from '../../../src/database/sqlite/file.ts';
import { withFileLock } from '../../../src/database/sqlite/file-lock.ts';
import { packageRoot, temporaryFolder } from '../../support/database-engine.ts';
import { aNode, aVersion, startWriting } from '../../support/database-fixtures.ts';
import { limitPages } from '../../support/small-disk.ts';

describe('a SQLite store', () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path(), name);
  const open = (path: string, more = {}) => openStore({ url: `file:${path}`, packageRoot, ...more });
  /** Opening fails with this kind of error, and nothing in the folder is created or changed. */
  async function refused(path: string, kind: new (...args: never[]) => Error, words: RegExp): Promise<void> {
    const look = () => readdirSync(folder.path(), { recursive: true }).sort();
    const before = look();
    const error = await open(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({
      message: expect.stringMatching(words),
      hint: expect.any(String),
      code: expect.any(String),
    });
    expect(look()).toEqual(before);
  }

  it('is created with its folders, for its owner only', async () => {
    const path = at('deep/er/store.db');
    const store = await open(path);
    await store.saveNote('k', 'v');
    for (const name of readdirSync(at('deep/er'))) {
      if (name.endsWith('.lock')) expect(statSync(join(at('deep/er'), name)).size).toBe(0);
      else expect(statSync(join(at('deep/er'), name)).mode & 0o777).toBe(0o600);
    }
    await withConnection(path, connection => {
      expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
    });
    await store.close();
    const empty = at('empty.db');
    writeFileSync(empty, '');
    await (await open(empty)).close();
  });

  it('refuses a folder, a link, a special file and a path through a file', async () => {
    mkdirSync(at('folder'));
    await refused(at('folder'), NotADatabaseError, /is a folder/);
    writeFileSync(at('target.db'), '');
    symlinkSync(at('target.db'), at('link.db'));
    await refused(at('link.db'), DatabaseOptionsError, /symbolic link/);
    symlinkSync('/nowhere/at/all', at('dangling.db'));
    await refused(at('dangling.db'), DatabaseOptionsError, /symbolic link/);
    await refused('/dev/null', NotADatabaseError, /not a regular file/);
    writeFileSync(at('plain'), 'x');
    await refused(at('plain/store.db'), StorePermissionError, /not a folder/);
    await refused('/proc/nowhere/store.db', StorePermissionError, /cannot be created/);
    await refused(at('x'.repeat(300)), StorePermissionError, /cannot be/);
  });

  it('refuses a read-only file', async () => {
    await (await open(at('ro.db'))).close();
    chmodSync(at('ro.db'), 0o444);
    const before = readFileSync(at('ro.db'));
    await refused(at('ro.db'), StorePermissionError, /may not be written/);
    expect(readFileSync(at('ro.db'))).toEqual(before);
  });

  it('refuses text, a damaged database and the database of another program', async () => {
    writeFileSync(at('text.db'), 'this is no database, however long it may be');
    await refused(at('text.db'), NotADatabaseError, /not a SQLite database/);
    writeFileSync(at('damaged.db'), `SQLite format 3\0${'garbage'.repeat(200)}`);
    await refused(at('damaged.db'), NotADatabaseError, /damaged/);
    const other = new Database(at('other.db'));
    other.exec('CREATE TABLE photos (id INTEGER PRIMARY KEY)');
    other.close();
    await refused(at('other.db'), NotADatabaseError, /another program: it has the tables photos/);
    const prisma = new Database(at('prisma.db'));
    prisma.exec(
      `CREATE TABLE photos (id INTEGER); CREATE TABLE _prisma_migrations (id TEXT, checksum TEXT, finished_at DATETIME, migration_name TEXT, rolled_back_at DATETIME, started_at DATETIME);
       INSERT INTO _prisma_migrations VALUES ('1', 'c', 1, '20200101000000_photos', NULL, 1)`,
    );
    prisma.close();
    await refused(at('prisma.db'), NotADatabaseError, /another program/);
  });

  it('says when the disk is full, keeps what was written and goes on when there is room', async () => {
    const store = await open(at('full.db'));
    const { commit } = await startWriting(store);
    await commit(writer => writer.upsertNodes([aNode()]));
    // The writer's connection may grow the file no further.
    const grow = (pages: number) => limitPages(store, pages);
    await grow(1);
    const state = { node: 'pve1', blob: 'x'.repeat(50_000) };
    const big = () =>
      commit(writer => writer.insertVersions(Array.from({ length: 50 }, (_, n) => aVersion(n, { state }))));
    await expect(big()).rejects.toThrow(DiskFullError);
    expect(await store.countVersions({})).toBe(0);
    expect(await store.nodes()).toHaveLength(1);
    await grow(1_000_000);
    await big();
    expect(await store.countVersions({})).toBe(50);
    await store.close();
  });

  it('waits for another process, then says that the store is busy', async () => {
    const path = at('busy.db');
    const store = await open(path, { busyMs: 300 });
    const blocker = new Database(path);
    blocker.exec('BEGIN IMMEDIATE');
    await expect(store.saveNote('k', 'v')).rejects.toMatchObject({
      code: 'busy',
      hint: expect.stringContaining('Try again'),
    });
    await expect(
      store.transaction(async tx => tx.notes.upsertMany([{ key: 'k', value: 'v' }])),
    ).rejects.toMatchObject({ code: 'busy' });
    // Readers do not mind.
    expect(await store.note('k')).toBeNull();
    const patient = open(path, { busyMs: 5_000 }).then(async second => {
      await second.saveNote('k', 'late');
      await second.close();
    });
    setTimeout(() => blocker.exec('COMMIT'), 200);
    await patient;
    expect(await store.note('k')).toBe('late');
    blocker.close();
    await store.close();
  });

  it('gives up on a migration lock that another process keeps', async () => {
    const path = at('locked.db');
    await withFileLock(path, 100, async () => {
      await expect(withFileLock(path, 50, async () => {})).rejects.toMatchObject({ code: 'busy' });
    });
    await withFileLock(path, 100, async () => {});
  });

  it('leaves a file that another process created meanwhile alone, and says what else is in the way', async () => {
    writeFileSync(at('raced.db'), '');
    await createFile(at('raced.db'));
    expect(statSync(at('raced.db')).size).toBe(0);
    mkdirSync(at('raced-folder'));
    await expect(createFile(at('raced-folder'))).rejects.toThrow(NotADatabaseError);
    writeFileSync(at('in-the-way'), 'x');
    await expect(createFile(at('in-the-way/folder/store.db'))).rejects.toThrow(StorePermissionError);
  });

  it('refuses a number that cannot be read exactly', async () => {
    const store = await open(at('huge.db'));
    await store.repositories.nodes.create(aNode());
    await withConnection(at('huge.db'), db => void db.exec(`UPDATE nodes SET memory_max = ${2n ** 60n}`));
    await expect(store.nodes()).rejects.toThrow(ValidationError);
    await expect(store.repositories.nodes.findById('pve1')).rejects.toMatchObject({
      field: 'memory_max',
      rule: expect.stringContaining('2^53'),
    });
    await store.close();
  });

  it('status of a store that is not there creates nothing', async () => {
    await expect(storeStatus({ url: `file:${at('absent.db')}`, packageRoot })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(existsSync(at('absent.db'))).toBe(false);
  });

  it('a transaction that takes too long is given up whole, and the next one goes through', async () => {
    const store = await open(at('slow.db'), { transactionMs: 150 });
    const slow = store.transaction(async tx => {
      await tx.notes.upsertMany([{ key: 'a', value: '1' }]);
      await new Promise(resolve => setTimeout(resolve, 400));
      await tx.notes.upsertMany([{ key: 'b', value: '1' }]);
    });
    await expect(slow).rejects.toMatchObject({ code: 'transaction' });
    expect(await store.note('a')).toBeNull();
    await store.saveNote('c', '1');
    expect(await store.note('c')).toBe('1');
    await store.close();
  });
});

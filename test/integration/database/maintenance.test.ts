import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import {
  type DatabaseStore,
  DuplicateError,
  MissingError,
  NotADatabaseError,
  openStore,
  SchemaTooNewError,
} from '../../../src/database/index.ts';
import {
  backupStore,
  migrateStore,
  pruneStore,
  resetStore,
  restoreStore,
  rollbackStore,
  storeStatus,
} from '../../../src/database/maintenance/index.ts';
import { withConnection as withPostgres } from '../../../src/database/postgresql/connection.ts';
import { LINES_NOTE } from '../../../src/database/sql/lines.ts';
import { withConnection as withSqlite } from '../../../src/database/sqlite/connection.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { onBothEngines, temporaryFolder } from '../../support/database-engine.ts';
import {
  aGuest,
  aNode,
  anOperation,
  aPlan,
  aRevision,
  aTask,
  aVersion,
  startWriting,
  writeSome,
} from '../../support/database-fixtures.ts';
import { packageWith } from '../../support/database-package.ts';

onBothEngines('maintenance', engine => {
  const folder = temporaryFolder();
  let files = 0;
  const newFile = () => join(folder.path(), `backup-${engine.name}-${files++}`);

  async function fill(store: DatabaseStore): Promise<void> {
    const { commit, lease, runId } = await startWriting(store);
    await commit(writer =>
      writeSome(writer, {
        guests: [aGuest(101, { name: 'ñ "x" \\ \n', tags: [] }), aGuest(102)],
        version: { state: { deep: [1, null, { a: 'b' }] } },
      }),
    );
    await store.finishRun({ ...(await store.runs([runId]))[0]!, status: 'completed' });
    await store.addRevision(0, aRevision());
    await store.savePlan(aPlan());
    const toWrite = (await store.acquireLease('writer', 60_000, 'apply'))!;
    await store.recordOperation(toWrite, anOperation(), 5);
    await store.releaseLease(toWrite);
    await store.addPlanEvent({
      plan: 'p-7f3k9',
      at: 5,
      type: 'approved',
      who: 'alice',
      how: 'terminal',
      facts: {},
    });
    await store.saveCluster({ name: 'lab', rootFingerprint: null, firstSeen: 1, quorate: true });
    await store.releaseLease(lease);
  }
  async function contents(url: string) {
    const store = await openStore(engine.options(url));
    const { repositories: r } = store;
    const all = await Promise.all(
      [
        r.cluster,
        r.nodes,
        r.vms,
        r.containers,
        r.guestConfigs,
        r.storages,
        r.nodeStorages,
        r.tasks,
        r.logLines,
        r.stateSnapshots,
        r.commits,
        r.discoveryRuns,
        r.declarationRevisions,
        r.plans,
        r.operations,
        r.planEvents,
        r.notes,
      ].map(repository => repository.findMany()),
    );
    await store.close();
    // A store that was put back or emptied begins another line of its life, and says so.
    const [notes] = all.splice(-1) as unknown as [{ key: string }[]];
    return [...all, notes.filter(({ key }) => key !== LINES_NOTE)] as unknown[][];
  }

  it('status tells engine, size, schema, rows and the last run, and no secret', async () => {
    const url = await engine.newStore();
    const store = await openStore(engine.options(url));
    await fill(store);
    await store.close();
    const status = await storeStatus(engine.options(url));
    expect(status).toMatchObject({
      provider: engine.name,
      schema: 'current',
      migrations: { pending: [] },
      rows: { nodes: 1, vms: 2, containers: 1, state_snapshots: 1, commits: 1, tasks: 1 },
      lastRun: { id: 1, status: 'completed', error: null },
    });
    expect(status.engineVersion).toMatch(/^(SQLite 3|PostgreSQL \d)/);
    expect(status.sizeBytes).toBeGreaterThan(10_000);
    expect(status.latencyMs).toBeGreaterThan(0);
    expect(status.at).not.toContain('secret');
    expect(typeof status.lastRun!.finishedAt).toBe('number');
  });

  it('a backup is whole, private, and restores everything', async () => {
    const url = await engine.newStore();
    const store = await openStore(engine.options(url));
    await fill(store);
    const before = await contents(url);
    const file = newFile();
    await backupStore(engine.options(url), file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(backupStore(engine.options(url), file)).rejects.toThrow(DuplicateError);

    // Restored over a store that changed, while it is open.
    await store.repositories.vms.deleteMany([101, 102]);
    await store.saveNote('later', 'x');
    await restoreStore(engine.options(url), file);
    expect(await contents(url)).toEqual(before);
    expect(await store.guest('vm', 101)).not.toBeNull();
    const { commit } = await startWriting(store, 'after');
    await commit(writer => writer.insertVersions([aVersion(101)]));
    await store.close();

    // And into a store that was never opened.
    const elsewhere = await engine.newUrl();
    await restoreStore(engine.options(elsewhere), file);
    expect(await contents(elsewhere)).toEqual(before);
  });

  it('a restore verifies before it replaces', async () => {
    const url = await engine.newStore();
    const store = await openStore(engine.options(url));
    await fill(store);
    await store.close();
    const before = await contents(url);
    const good = newFile();
    await backupStore(engine.options(url), good);
    const refused = async (file: string, kind: new (...args: never[]) => Error) => {
      const refusal = await restoreStore(engine.options(url), file).catch(error => error);
      expect(refusal).toBeInstanceOf(kind);
      if (refusal instanceof NotADatabaseError) {
        expect(refusal.message).toContain(file);
        expect(refusal.hint).toContain('db backup');
      }
      expect(await contents(url)).toEqual(before);
    };
    await refused(join(folder.path(), 'nowhere'), MissingError);
    const text = newFile();
    writeFileSync(text, 'no backup at all, only some text that is long enough');
    await refused(text, NotADatabaseError);
    const empty = newFile();
    writeFileSync(empty, '');
    await refused(empty, NotADatabaseError);
    const short = newFile();
    writeFileSync(short, readFileSync(good).subarray(0, Math.floor(statSync(good).size * 0.6)));
    await refused(short, NotADatabaseError);
    const damaged = newFile();
    const bytes = readFileSync(good);
    bytes.fill(0xaa, Math.floor(bytes.length * 0.3), Math.floor(bytes.length * 0.7));
    writeFileSync(damaged, bytes);
    await refused(damaged, NotADatabaseError);

    const newer = await packageWith(join(folder.path(), `newer-${engine.name}`), [
      { name: '29990101000000_more', up: 'CREATE TABLE added (id INTEGER);', down: 'DROP TABLE added;' },
    ]);
    const ahead = await engine.newUrl();
    await migrateStore({ ...engine.options(ahead), packageRoot: newer });
    const future = newFile();
    await backupStore({ ...engine.options(ahead), packageRoot: newer }, future);
    await refused(future, SchemaTooNewError);
    copyFileSync(good, `${good}.ro`);
    chmodSync(`${good}.ro`, 0o400);
    await restoreStore(engine.options(url), `${good}.ro`);
    expect(await contents(url)).toEqual(before);
  });

  it('a backup holds any number of rows, and only tables the store has', async () => {
    const url = await engine.newStore();
    const store = await openStore(engine.options(url));
    const many = Array.from({ length: 2_500 }, (_, n) => ({
      key: `k${String(n).padStart(4, '0')}`,
      value: 'v',
    }));
    await store.repositories.notes.upsertMany(many);
    await store.close();
    const drop = 'DROP TABLE log_lines';
    if (engine.name === 'sqlite') await withSqlite(url.slice(5), connection => void connection.exec(drop));
    else await withPostgres(url, connection => connection.query(drop));
    const file = newFile();
    await backupStore(engine.options(url), file);
    const elsewhere = await engine.newUrl();
    await restoreStore(engine.options(elsewhere), file);
    const restored = await openStore(engine.options(elsewhere));
    expect((await restored.repositories.notes.findMany()).filter(({ key }) => key !== LINES_NOTE)).toEqual(
      many,
    );
    await restored.close();
  });

  it('a store that is not there, or holds nothing yet, is not backed up', async () => {
    const url = await engine.newUrl();
    const file = newFile();
    await expect(backupStore(engine.options(url), file)).rejects.toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('DATABASE_URL'),
    });
    expect(existsSync(file)).toBe(false);
  });

  if (engine.name === 'postgresql') {
    it("never touches another program's tables, though they have the names of ours", async () => {
      const url = await engine.newUrl();
      const ask = (sql: string) => withPostgres(url, async connection => (await connection.query(sql)).rows);
      await ask('CREATE TABLE tasks AS SELECT 7 AS mine');
      const source = await engine.newStore();
      const file = newFile();
      await backupStore(engine.options(source), file);
      const options = engine.options(url);
      for (const work of [
        migrateStore,
        resetStore,
        rollbackStore,
        openStore,
        (of: typeof options) => restoreStore(of, file),
      ])
        await expect(work(options)).rejects.toThrow('another program: it has the tables tasks');
      expect(await ask('SELECT * FROM tasks')).toEqual([{ mine: 7 }]);
    });

    it('keeps a copy before it destroys, the last three of them', async () => {
      const url = await engine.newUrl();
      const options = { ...engine.options(url), backupFolder: join(folder.path(), 'copies', 'deep') };
      expect(await resetStore(options)).toBeNull();
      const store = await openStore(options);
      await fill(store);
      await store.close();
      const before = await contents(url);
      const afterReset = (await resetStore(options))!;
      expect(await restoreStore(options, afterReset)).toMatch(/-before-restore$/);
      expect(await contents(url)).toEqual(before);
      const { migration, backup, left } = await rollbackStore(options);
      expect(backup).toContain(`-before-rollback-of-${migration}`);
      expect(statSync(backup!).mode & 0o777).toBe(0o600);
      expect(left).toBe((await storeStatus(options)).migrations.applied.length);
      expect(await restoreStore(options, backup!)).toEqual(left === 0 ? null : expect.any(String));
      expect(await contents(url)).toEqual(before);
      await resetStore(options);
      expect(readdirSync(options.backupFolder)).toHaveLength(3);
    });
  }

  if (engine.name === 'postgresql')
    it('takes nothing for a dump that is none', async () => {
      const url = await engine.newStore();
      const store = await openStore(engine.options(url));
      await fill(store);
      await store.close();
      const before = await contents(url);
      for (const lines of [
        '',
        '["rows","without","a","header"]\n',
        '{"format":"another","version":1}\n',
        '{}\n',
      ]) {
        const file = newFile();
        writeFileSync(file, gzipSync(`${lines}{"end":true,"rows":1}\n`));
        await expect(restoreStore(engine.options(url), file)).rejects.toThrow(NotADatabaseError);
        writeFileSync(file, gzipSync(lines));
        await expect(restoreStore(engine.options(url), file)).rejects.toThrow(NotADatabaseError);
      }
      await expect(restoreStore(engine.options(url), folder.path())).rejects.toThrow(NotADatabaseError);
      expect(await contents(url)).toEqual(before);
    });

  if (engine.name === 'sqlite')
    it('takes no file for a store whose migrations were all rolled back', async () => {
      const bare = await engine.newUrl();
      await migrateStore(engine.options(bare));
      const status = await storeStatus(engine.options(bare));
      expect(status).toMatchObject({ schema: 'current', rows: { nodes: 0 } });
      for (const _ of status.migrations.applied) await rollbackStore(engine.options(bare));
      const url = await engine.newUrl();
      await expect(restoreStore(engine.options(url), bare.slice(5))).rejects.toThrow('holds no store');
    });

  it('reset empties the store and leaves it usable', async () => {
    const url = await engine.newStore();
    const store = await openStore(engine.options(url));
    await fill(store);
    await store.close();
    const kept = await resetStore(engine.options(url));
    expect(kept !== null).toBe(engine.name === 'sqlite');
    expect((await contents(url)).flat()).toEqual([]);
    const again = await openStore(engine.options(url));
    await fill(again);
    await again.close();
    await resetStore(engine.options(await engine.newUrl()));
  });

  it('restores the oldest of the copies it kept, and keeps that one too', async () => {
    const options = { ...engine.options(await engine.newStore()), backupFolder: join(folder.path(), 'own') };
    const store = await openStore(options);
    await fill(store);
    await store.close();
    const before = await contents(options.url);
    const oldest = (await resetStore(options))!;
    await resetStore(options);
    await resetStore(options);
    await restoreStore(options, oldest);
    expect(await contents(options.url)).toEqual(before);
    expect(existsSync(oldest)).toBe(true);
  });

  it('prune keeps the state at every kept moment exact', async () => {
    let clock = 1_000_000;
    const store = await engine.open({ now: () => clock });
    const { commit } = await startWriting(store);
    for (let n = 1; n <= 20; n++) {
      clock += 1000;
      await commit(async writer => {
        const changed = [101, 102, 103, 104].filter(id => (id + n) % (id - 99) === 0);
        await writer.insertVersions(
          changed.map(id =>
            aVersion(id, { change: n === 12 && id === 103 ? 'deleted' : 'updated', state: { n } }),
          ),
        );
        if (n === 1) await writer.upsertNodes([aNode()]);
        await writer.upsertTasks([
          aTask(n, { startTime: clusterTime(clock - 10), endTime: clusterTime(clock) }),
        ]);
        await writer.insertLogLines([
          {
            id: `${n}`,
            at: clusterTime(clock),
            nodeId: 'pve1',
            user: 'u',
            vmid: 101,
            message: '',
            pid: null,
          },
        ]);
      });
    }
    const cut = 1_010_500;
    const moments = [1_010_500, 1_011_000, 1_012_000, 1_015_500, 1_020_000];
    const look = async (ms: number) => {
      const { seq } = (await store.commitAt(ms))!;
      return {
        seq,
        all: (await store.everythingAt(seq)).map(({ id, resourceId, state }) => ({ id, resourceId, state })),
      };
    };
    const before = await Promise.all(moments.map(look));
    const versions = await store.versions({ after: before[0]!.seq });
    // Where it is killed half-way, nobody takes what is left of older history for all of it.
    const { stateSnapshots } = store.repositories;
    const drop = stateSnapshots.dropSuperseded.bind(stateSnapshots);
    stateSnapshots.dropSuperseded = async seq => {
      await drop(seq, 1);
      throw new Error('killed');
    };
    await expect(pruneStore(store, cut)).rejects.toThrow('killed');
    expect((await store.firstCommit())!.seq).toBe(before[0]!.seq);
    stateSnapshots.dropSuperseded = drop;
    const pruned = await pruneStore(store, cut);
    expect(pruned.versions).toBeGreaterThan(0);
    expect(pruned).toMatchObject({ tasks: 10, logLines: 10 });
    expect(await Promise.all(moments.map(look))).toEqual(before);
    expect(await store.versions({ after: before[0]!.seq })).toEqual(versions);
    // History is whole from the cut on, and says so.
    expect((await store.firstCommit())!.seq).toBe(before[0]!.seq);
    expect(await pruneStore(store, cut)).toEqual({
      versions: 0,
      commits: 0,
      runs: 0,
      tasks: 0,
      logLines: 0,
      plans: 0,
    });
    expect(await pruneStore(store, 5)).toMatchObject({ versions: 0 });
  });
});

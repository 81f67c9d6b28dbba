import { existsSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import type { DatabaseStore } from '../../../src/database/index.ts';
import { withConnection as withPostgres } from '../../../src/database/postgresql/connection.ts';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import { clusterTime, nodeTime, ourTime } from '../../../src/model/time.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import {
  aConfig,
  aGuest,
  aNode,
  aStorage,
  aTask,
  aVersion,
  startWriting,
  type Writing,
} from '../../support/database-fixtures.ts';

onBothEngines('the store', engine => {
  let store: DatabaseStore;
  let writing: Writing;
  let clock = Date.UTC(2026, 5, 1);
  beforeAll(async () => {
    store = await engine.open({ now: () => clock });
    writing = await startWriting(store);
  });

  it('answers an empty store with nothing', async () => {
    const empty = await engine.open();
    expect(await empty.cluster()).toBeNull();
    expect(await empty.nodes()).toEqual([]);
    expect(await empty.guests('vm')).toEqual({ rows: [], total: 0 });
    expect(await empty.everythingAt(10)).toEqual([]);
    expect(await empty.lastCommit()).toBeNull();
    expect(await empty.firstCommit()).toBeNull();
    expect(await empty.commitAt(clock)).toBeNull();
    expect(await empty.lastRun()).toBeNull();
    expect(await empty.countVersions({ since: 0, until: clock })).toBe(0);
    await empty.trimRuns(1);
  });

  // Kills: closing under a question: Prisma's client then connects anew, and nobody closes that.
  it('leaves no connection open, whatever is asked while it closes', async () => {
    const url = await engine.newStore();
    const closing = await engine.open({ url });
    const asked = [closing.nodes(), closing.cluster()];
    await closing.close();
    await Promise.all(asked);
    if (engine.name === 'sqlite') {
      // The last connection takes its log along.
      expect(existsSync(`${url.slice('file:'.length)}-wal`)).toBe(false);
      return;
    }
    const others =
      'SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    await expect
      .poll(() => withPostgres(url, async client => (await client.query(others)).rows))
      .toEqual([{ open: 0 }]);
  });

  it('keeps when the cluster was first seen and learns the rest, also late', async () => {
    await store.saveCluster({ name: 'unnamed', rootFingerprint: null, firstSeen: 5, quorate: null });
    const later = { name: 'lab', rootFingerprint: 'AA:BB', quorate: false };
    await store.saveCluster({ ...later, firstSeen: 9 });
    expect(await store.cluster()).toEqual({ ...later, firstSeen: 5 });
  });

  it('gives back every field of every row as it was written', async () => {
    const vm = aGuest(101, { pool: 'web', haState: 'started', identity: 'abc', configSeen: ourTime(7) });
    const ct = aGuest(200, { type: 'container', name: null, status: null, cpuUsage: null, tags: [] });
    const link = {
      nodeId: 'pve1',
      storageId: 'local',
      active: true,
      totalBytes: 5,
      usedBytes: 3,
      availableBytes: 2,
      lastSeen: ourTime(1),
      unconfirmed: { used_percent: ourTime(1) },
    };
    const line = {
      id: 'a:pve1:1',
      at: clusterTime(9),
      nodeId: 'pve1',
      user: 'root@pam',
      vmid: 101,
      message: 'update VM 101: -memory 3072',
      pid: 1374,
    };
    const config = aConfig(101, { snapshots: { before: nodeTime(12) }, pending: { memory: null } });
    await writing.commit(async commit => {
      await commit.upsertNodes([aNode(), aNode('pve2', { removed: true, cpuMax: null })]);
      await commit.upsertGuests('vm', [vm]);
      await commit.upsertGuests('container', [ct]);
      await commit.upsertConfigs([config]);
      await commit.upsertStorages([aStorage()]);
      await commit.upsertNodeStorages([link]);
      await commit.upsertTasks([
        aTask(1),
        aTask(2, {
          logEntries: ['creating a clone of VM 101 with ID 150'],
          resourceType: null,
          resourceId: null,
          endTime: null,
          status: 'running',
          exitStatus: null,
        }),
      ]);
      await commit.insertLogLines([line]);
    });
    expect(await store.nodes()).toEqual([aNode()]);
    expect(await store.nodes({ includeRemoved: true })).toEqual([
      aNode(),
      aNode('pve2', { removed: true, cpuMax: null }),
    ]);
    expect(await store.guest('vm', 101)).toEqual(vm);
    expect((await store.guests('vm')).rows).toEqual([vm]);
    expect((await store.guests('container')).rows).toEqual([ct]);
    expect(
      await store.configs([
        { type: 'vm', id: 101 },
        { type: 'container', id: 200 },
      ]),
    ).toEqual([config]);
    expect(await store.configs([])).toEqual([]);
    expect(await store.storages()).toEqual([aStorage()]);
    expect(await store.nodeStorages()).toEqual([link]);
    expect(await store.task(aTask(1).upid)).toEqual(aTask(1));
    expect(await store.logLines({ vmid: 101, since: 9, until: 9 })).toEqual([line]);
    expect(await store.logLines({ since: 10, until: 99 })).toEqual([]);
  });

  it('refreshes the usage of guests whose state stands, and nothing else', async () => {
    const before = [aGuest(301), aGuest(302, { bootAt: null }), aGuest(303)];
    const ct = aGuest(401, { type: 'container' });
    const usage = { cpuUsage: 0.5, memoryUsage: 1, diskUsage: null, networkIn: 2, networkOut: 3, uptime: 4 };
    await writing.commit(async commit => {
      await commit.upsertGuests('vm', before);
      await commit.upsertGuests('container', [ct]);
    });
    await writing.commit(async commit => {
      await commit.refreshGuests('vm', 9_000, [
        { id: 301, ...usage, bootAt: ourTime(8_000) },
        { id: 302, ...usage, bootAt: null },
        { id: 999, ...usage, bootAt: null },
      ]);
      await commit.refreshGuests('container', 9_000, []);
    });
    const seen = { ...usage, lastSeen: 9_000, updatedAt: 9_000 };
    expect(await store.guest('vm', 301)).toEqual({ ...before[0], ...seen, bootAt: 8_000 });
    expect(await store.guest('vm', 302)).toEqual({ ...before[1], ...seen });
    expect(await store.guest('vm', 303)).toEqual(before[2]);
    expect(await store.guest('vm', 999)).toBeNull();
    expect(await store.guest('container', 401)).toEqual(ct);
    await writing.commit(async commit => {
      await commit.deleteGuests('vm', [301, 302, 303]);
      await commit.deleteGuests('container', [401]);
    });
  });

  it('updates what is there, marks configs and deletes', async () => {
    await writing.commit(async commit => {
      await commit.upsertGuests('vm', [aGuest(101, { name: 'renamed' }), aGuest(102)]);
      const told = {
        name: 'told',
        tags: ['a'],
        template: true,
        identity: 'uuid',
        configSeen: ourTime(77),
        unconfirmed: null,
      };
      await commit.refreshFromConfigs('vm', [
        { id: 101, ...told },
        { id: 999, ...told },
      ]);
      await commit.upsertTasks([aTask(2)]);
      await commit.insertLogLines([
        {
          id: 'a:pve1:1',
          at: clusterTime(9),
          nodeId: 'pve1',
          user: 'x',
          vmid: 101,
          message: 'later',
          pid: null,
        },
      ]);
      await commit.deleteGuests('container', [200, 201]);
      await commit.deleteConfigs([{ type: 'vm', id: 101 }]);
      await commit.deleteNodeStorages([{ nodeId: 'pve1', storageId: 'local' }]);
      await commit.deleteStorages(['local']);
    });
    expect(await store.guest('vm', 101)).toEqual(
      aGuest(101, { name: 'told', tags: ['a'], template: true, identity: 'uuid', configSeen: ourTime(77) }),
    );
    expect(await store.guest('container', 200)).toBeNull();
    expect(await store.configs([{ type: 'vm', id: 101 }])).toEqual([]);
    expect(await store.task(aTask(2).upid)).toEqual(aTask(2));
    expect((await store.logLines({ vmid: 101, since: 0, until: 99 }))[0]!.message).not.toBe('later');
    expect(await store.storages()).toEqual([]);
    expect(await store.nodeStorages()).toEqual([]);
  });

  it('writes empty batches without a statement', async () => {
    await writing.commit(async commit => {
      await commit.upsertNodes([]);
      await commit.deleteGuests('vm', []);
      await commit.insertVersions([]);
    });
  });

  it('counts real changes into the commit and keeps times from running back', async () => {
    const before = (await store.lastCommit())!;
    clock -= 60_000;
    const { seq, at } = await writing.commit(async commit => {
      await commit.insertVersions([
        aVersion(1, { change: 'discovered', windowAfter: null, fields: [] }),
        aVersion(2, { change: 'updated', fields: [] }),
        aVersion(3),
      ]);
      await commit.insertVersions([aVersion(4, { change: 'deleted', fields: [] })]);
      return commit;
    });
    const commit = (await store.commit(seq))!;
    expect(commit).toMatchObject({ changes: 3, at: before.at, facet: 'inventory', complete: true });
    expect(at).toBe(before.at);
    expect(seq).toBeGreaterThan(before.seq);
    clock += 120_000;
  });

  it('finds commits by facet, completeness, moment and run', async () => {
    await writing.commit(async () => {}, { facet: 'config', complete: false });
    const last = (await store.lastCommit())!;
    expect(last.facet).toBe('config');
    expect(await store.lastCommit('config')).toEqual(last);
    expect(await store.lastCommit('config', { complete: true })).toBeNull();
    expect((await store.lastCommit('inventory', { complete: true }))!.seq).toBe(last.seq - 1);
    expect(await store.commitAt(last.at)).toEqual(last);
    expect(await store.commitAt(0)).toBeNull();
    const ofRun = await store.commitsOfRun(writing.runId);
    expect(ofRun.at(-1)).toEqual(last);
    expect(await store.firstCommit()).toEqual(ofRun[0]);
  });

  it('records runs and notes', async () => {
    const run = await store.startRun(['inventory', 'tasks']);
    expect(run).toMatchObject({ status: 'running', finishedAt: null, facets: ['inventory', 'tasks'] });
    const done = {
      ...run,
      status: 'failed' as const,
      finishedAt: clock,
      apiCalls: 3,
      error: 'no route',
      unseen: [
        {
          what: { code: 'resource' as const, resource: 'node/pve2' },
          since: null,
          reason: { code: 'node-not-online' as const, node: 'pve2' },
        },
      ],
    };
    await store.finishRun(done);
    expect(await store.runs([run.id])).toEqual([done]);
    expect(await store.lastRun()).toEqual(done);
    await store.saveNote('client', '12');
    await store.saveNote('client', '13');
    expect(await store.note('client')).toBe('13');
    expect(await store.note('nobody')).toBeNull();
  });

  // Kills: rows dated by the real clock beside others dated by the store's.
  it('dates what it writes by its own clock', async () => {
    const url = await engine.newStore();
    let now = Date.UTC(2031, 0, 1);
    const dated = await engine.open({ url, now: () => now });
    const { commit } = await startWriting(dated);
    const write = () =>
      commit(async writer => {
        await writer.upsertNodes([aNode()]);
        await writer.upsertTasks([aTask(1)]);
        await writer.saveNote('client', '12');
      });
    await write();
    now += 1_000;
    await write();
    const sql = `SELECT t.created_at AS made, t.updated_at AS task, n.updated_at AS note
      FROM tasks t, notes n WHERE n.key = 'client'`;
    const [row] = await (engine.name === 'sqlite'
      ? withConnection(url.slice('file:'.length), one => one.prepare(sql).all() as Record<string, string>[])
      : withPostgres(url, async one => (await one.query(sql)).rows as Record<string, string>[]));
    const at = (name: string) => new Date(row![name]!).getTime();
    expect([at('made'), at('task'), at('note')]).toEqual([now - 1_000, now, now]);
  });

  it('trims runs and commits that changed nothing, and keeps what answers rest on', async () => {
    const fresh = await engine.open();
    const { commit, runId } = await startWriting(fresh);
    for (let n = 0; n < 5; n++) await commit(async () => {}, { facet: 'tasks', complete: n === 1 });
    await commit(async writer => writer.insertVersions([aVersion(1)]), { facet: 'config' });
    await commit(async writer => writer.insertVersions([aVersion(1, { fields: [] })]), { facet: 'config' });
    for (let n = 0; n < 3; n++)
      await fresh.finishRun({ ...(await fresh.startRun(['tasks'])), status: 'completed' });
    await fresh.trimRuns(1);
    const kept = (await fresh.commitsOfRun(runId)).map(({ seq }) => seq);
    // The first, the last whole one and the last one of tasks, and the two with versions.
    expect(kept).toEqual([1, 2, 5, 6, 7]);
    expect((await fresh.lastRun())!.id).toBe(runId + 3);
    expect((await fresh.runs([runId, runId + 1])).map(run => run.id)).toEqual([runId]);
  });
});

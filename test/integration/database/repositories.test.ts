import { beforeAll, describe, expect, it } from 'vitest';
import {
  type DatabaseStore,
  DuplicateError,
  ForeignKeyError,
  NotFoundError,
  ValidationError,
} from '../../../src/database/index.ts';
import type { GuestEntity } from '../../../src/model/entity.ts';
import { clusterTime, ourTime } from '../../../src/model/time.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import {
  aConfig,
  aGuest,
  aNode,
  aStorage,
  aTask,
  aVersion,
  startWriting,
} from '../../support/database-fixtures.ts';
import { garbage } from '../../support/given.ts';

onBothEngines('repositories', engine => {
  let store: DatabaseStore;
  beforeAll(async () => {
    store = await engine.open();
    await store.repositories.nodes.create(aNode());
  });

  it('create, find, update and delete one row', async () => {
    const { vms } = store.repositories;
    const created = await vms.create(aGuest(101, { haState: 'started' }));
    expect(created).toEqual(aGuest(101, { haState: 'started' }));
    expect(await vms.findById(101)).toEqual(created);
    expect(await vms.update(101, { haState: null, memoryBytes: 2 ** 34, tags: ['a', 'b'] })).toEqual(
      aGuest(101, { haState: null, memoryBytes: 2 ** 34, tags: ['a', 'b'] }),
    );
    await vms.deleteMany([101]);
    expect(await vms.findById(101)).toBeNull();
  });

  it('every repository has the same four calls', async () => {
    const { repositories: r } = store;
    const { id: run } = await r.discoveryRuns.create({
      startedAt: 1,
      finishedAt: null,
      status: 'running',
      facets: [],
      apiCalls: 0,
      counts: { discovered: 0, created: 0, updated: 0, deleted: 0, unchanged: 0 },
      unseen: [],
      warnings: [],
      error: null,
    });
    const { seq } = await r.commits.create({
      runId: run,
      facet: 'tasks',
      at: clusterTime(5),
      observedAt: ourTime(4),
      complete: true,
      changes: 0,
    });
    const version = await r.stateSnapshots.create({ ...aVersion(7), seq, at: clusterTime(5) });
    expect(await r.stateSnapshots.findById(version.id)).toEqual(version);
    expect((await r.stateSnapshots.update(version.id, { name: 'other' })).name).toBe('other');
    await r.stateSnapshots.deleteMany([version.id]);
    await r.commits.deleteMany([seq]);
    expect((await r.discoveryRuns.update(run, { apiCalls: 9 })).apiCalls).toBe(9);
    await r.discoveryRuns.deleteMany([run]);

    await r.containers.create(aGuest(200, { type: 'container' }));
    expect((await r.containers.update(200, { name: 'x' })).type).toBe('container');
    await r.containers.deleteMany([200]);

    await r.guestConfigs.create(aConfig(7));
    expect((await r.guestConfigs.update({ type: 'vm', id: 7 }, { pending: { a: 1 } })).pending).toEqual({
      a: 1,
    });
    await r.guestConfigs.deleteMany([{ type: 'vm', id: 7 }]);

    await r.storages.create(aStorage());
    const key = { nodeId: 'pve1', storageId: 'local' };
    const link = await r.nodeStorages.create({
      ...key,
      active: null,
      totalBytes: 1,
      usedBytes: null,
      availableBytes: null,
      lastSeen: null,
      unconfirmed: { total_gib: null },
    });
    expect(await r.nodeStorages.findById(key)).toEqual(link);
    await expect(r.storages.deleteMany(['local'])).rejects.toThrow(ForeignKeyError);
    await r.nodeStorages.deleteMany([key]);
    await r.storages.deleteMany(['local']);

    await r.tasks.create(aTask(1));
    await r.tasks.update(aTask(1).upid, { status: 'warning' });
    await r.tasks.deleteMany([aTask(1).upid]);
    await r.logLines.create({
      id: 'l',
      at: clusterTime(1),
      nodeId: 'pve1',
      user: 'u',
      vmid: 1,
      message: '',
      pid: 7,
    });
    await r.logLines.update('l', { message: 'm' });
    await r.logLines.deleteMany(['l']);
    await r.notes.create({ key: 'k', value: 'v' });
    expect(await r.notes.update('k', { value: 'w' })).toEqual({ key: 'k', value: 'w' });
    await r.notes.deleteMany(['k']);
  });

  it('finds many, page by page', async () => {
    const { vms, nodeStorages, storages, nodes } = store.repositories;
    await vms.upsertMany(
      [1, 2, 3, 4, 5].map(id => aGuest(id, { status: id % 2 ? 'running' : 'stopped', updatedAt: id })),
    );
    const found = async (page?: Parameters<typeof vms.findMany>[0]) =>
      (await vms.findMany(page)).map(({ id }) => id);
    expect(await found()).toEqual([1, 2, 3, 4, 5]);

    const first = await vms.findMany({ limit: 2 });
    await vms.upsertMany([aGuest(1, { name: 'changed' })]);
    await vms.create(aGuest(6));
    const rest = await found({ after: first[1], limit: 10 });
    expect(rest).toEqual([3, 4, 5, 6]);

    await nodes.create(aNode('pve2'));
    await storages.upsertMany([aStorage('a'), aStorage('b')]);
    const links = ['pve1', 'pve2'].flatMap(nodeId =>
      ['a', 'b'].map(storageId => ({
        nodeId,
        storageId,
        active: true,
        totalBytes: null,
        usedBytes: null,
        availableBytes: null,
        lastSeen: null,
        unconfirmed: null,
      })),
    );
    await nodeStorages.upsertMany(links);
    expect(await nodeStorages.findMany({ after: links[1] })).toEqual(links.slice(2));
    await nodeStorages.deleteMany(links);
    await vms.deleteMany([1, 2, 3, 4, 5, 6, 7]);
    expect(await vms.findMany()).toEqual([]);
  });

  describe('refuses', () => {
    const bad: [string, Partial<GuestEntity>, string, RegExp][] = [
      ['a negative size', { memoryBytes: -1 }, 'vms.memory_bytes', /between 0 and/],
      ['a size beyond 2^53', { diskSize: 2 ** 53 }, 'vms.disk_size', /whole number/],
      ['a fraction of a byte', { networkIn: 0.5 }, 'vms.network_in', /whole number/],
      ['a number beyond its column', { uptime: 2 ** 31 }, 'vms.uptime', /between/],
      ['not a number', { cpuUsage: Number.NaN }, 'vms.cpu_usage', /number not below 0/],
      [
        'a time that is none',
        { createdAt: clusterTime(Number.POSITIVE_INFINITY) },
        'vms.created_at',
        /whole number/,
      ],
      ['an absent value that is required', { nodeId: garbage(undefined) }, 'vms.node_id', /not be empty/],
      ['text for a boolean', { template: garbage('yes') }, 'vms.template', /true or false/],
      ['a number for text', { name: garbage(5) }, 'vms.name', /must be text/],
      ['oversized text', { name: 'x'.repeat(10_001) }, 'vms.name', /longer than 10000/],
      ['U+0000', { name: 'a\0b' }, 'vms.name', /U\+0000/],
      ['half a surrogate pair', { name: 'a\ud83d' }, 'vms.name', /surrogate/],
      ['U+0000 inside JSON', { tags: ['a\0'] }, 'vms.tags', /U\+0000/],
      ['oversized JSON', { tags: ['x'.repeat(4_000_001)] }, 'vms.tags', /as JSON/],
      ['what JSON has no words for', { tags: garbage(() => {}) }, 'vms.tags', /JSON value/],
    ];
    it.each(bad)('%s', async (_, wrong, field, rule) => {
      const { vms } = store.repositories;
      for (const write of [
        () => vms.create(aGuest(50, wrong)),
        () => vms.upsertMany([aGuest(51), aGuest(50, wrong)]),
        () => vms.update(50, wrong),
      ]) {
        const error = await write().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ValidationError);
        expect(error).toMatchObject({
          field,
          rule: expect.stringMatching(rule),
          code: 'validation',
          hint: expect.any(String),
        });
      }
      expect(await vms.findMany()).toEqual([]);
    });

    it('an unknown enum value, a duplicate, a missing parent, a missing row and a foreign cursor', async () => {
      const { vms, tasks, nodes, discoveryRuns } = store.repositories;
      await expect(tasks.create(aTask(1, { status: 'bogus' }))).rejects.toThrow(
        'tasks.status must be one of',
      );
      await expect(nodes.create(aNode())).rejects.toThrow(DuplicateError);
      await expect(vms.create(aGuest(50, { nodeId: 'nowhere' }))).rejects.toThrow(ForeignKeyError);
      await expect(vms.upsertMany([aGuest(51), aGuest(50, { nodeId: 'nowhere' })])).rejects.toThrow(
        ForeignKeyError,
      );
      await expect(vms.update(50, { name: 'x' })).rejects.toThrow(NotFoundError);
      await expect(vms.update(50, {})).rejects.toThrow('No row 50 in vms.');
      await expect(discoveryRuns.update(999, { apiCalls: 1 })).rejects.toMatchObject({
        code: 'not_found',
        cause: expect.anything(),
      });
      expect(await vms.findMany()).toEqual([]);
    });
  });

  it('keeps text of any language and JSON of any shape', async () => {
    const { vms, guestConfigs } = store.repositories;
    const name = `"quoted" \\u0000 \\ 'x' ñ 漢字 😀 \u2028\n\t`;
    await vms.upsertMany([aGuest(60, { name, tags: [name, ''] })]);
    expect(await vms.findById(60)).toEqual(aGuest(60, { name, tags: [name, ''] }));
    expect((await vms.list({ tag: name })).rows).toHaveLength(1);
    const config = {
      z: 1,
      a: [null, true, 1.5, { deep: '' }],
      '': { ü: '\\' },
      big: Number.MAX_SAFE_INTEGER,
    };
    await guestConfigs.upsertMany([aConfig(60, { config })]);
    const [found] = await guestConfigs.of([{ type: 'vm', id: 60 }]);
    expect(found!.config).toEqual(config);
    expect(Object.keys(found!.config)).toEqual(Object.keys(config));
    await vms.deleteMany([60]);
  });

  it('a transaction spans repositories and undoes all of them on any error', async () => {
    const { nodes, vms } = store.repositories;
    const failing = store.transaction(async tx => {
      await tx.nodes.create(aNode('pve9'));
      await tx.vms.create(aGuest(70, { nodeId: 'pve9' }));
      expect(await tx.vms.findById(70)).not.toBeNull();
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toMatchObject({
      cause: expect.objectContaining({ message: 'changed my mind' }),
    });
    expect(await nodes.findById('pve9')).toBeNull();
    expect(await store.transaction(async tx => (await tx.nodes.create(aNode('pve9'))).id)).toBe('pve9');
    await nodes.deleteMany(['pve9']);
    expect(await vms.findMany()).toEqual([]);
  });

  it('a large batch is written in several statements of one transaction', async () => {
    const { commit } = await startWriting(store);
    const state = { node: 'pve1', blob: 'x'.repeat(100_000) };
    await commit(writer =>
      writer.insertVersions(Array.from({ length: 200 }, (_, n) => aVersion(n, { state }))),
    );
    expect(await store.countVersions({})).toBe(200);
  });
});

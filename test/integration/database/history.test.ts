import { beforeAll, expect, it } from 'vitest';
import type { DatabaseStore } from '../../../src/database/index.ts';
import { NEWEST_SEQ } from '../../../src/model/store.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aVersion, startWriting } from '../../support/database-fixtures.ts';

onBothEngines('versions', engine => {
  let store: DatabaseStore;
  let clock = 1_000_000;
  /** Commit n of the suite happened at 1,000,000 + n * 1,000 and has the store's n-th seq. */
  beforeAll(async () => {
    store = await engine.open({ now: () => clock });
    const { commit } = await startWriting(store);
    const at = async (versions: Parameters<typeof aVersion>[]) => {
      clock += 1000;
      await commit(writer => writer.insertVersions(versions.map(version => aVersion(...version))));
    };
    await at([
      [101, { change: 'discovered', windowAfter: null, fields: [] }],
      [102, { change: 'discovered', windowAfter: null, fields: [] }],
      ['pve1', { type: 'node', change: 'discovered', windowAfter: null, fields: [], node: 'pve1' }],
    ]);
    await at([[101, { state: { v: 2 } }]]);
    await at([
      [101, { fields: [], facet: 'config', state: { v: 3 } }],
      [102, { change: 'deleted', node: 'pve2' }],
    ]);
    await at([
      [102, { change: 'deleted', incarnation: 1 }],
      [
        102,
        {
          change: 'created',
          incarnation: 2,
          state: { v: 4 },
          fields: [{ path: 'node', from: 'pve9', to: 'pve1' }],
        },
      ],
    ]);
    await at([
      ['local', { type: 'storage', node: null, change: 'discovered', windowAfter: null, fields: [] }],
    ]);
  });

  it('gives back a version as it was written, state and fields read or copied', async () => {
    const [version] = await store.versions({ resource: { type: 'vm', id: '101' }, to: 2 });
    const expected = { ...aVersion(101, { state: { v: 2 } }), id: version!.id, seq: 2, at: 1_002_000 };
    expect(version).toEqual(expected);
    expect({ ...version }).toEqual(expected);
    expect(JSON.parse(JSON.stringify(version))).toEqual(expected);
    version!.state = { replaced: true };
    expect(version!.state).toEqual({ replaced: true });
  });

  it('filters by interval, time, resource, type, node and real changes', async () => {
    const seqs = async (filter: Parameters<DatabaseStore['versions']>[0]) =>
      (await store.versions(filter)).map(({ seq }) => seq);
    expect(await seqs({})).toEqual([5, 4, 4, 3, 3, 2, 1, 1, 1]);
    expect(await seqs({ after: 2, to: 4 })).toEqual([4, 4, 3, 3]);
    expect(await seqs({ since: 1_002_000, until: 1_003_999 })).toEqual([3, 3, 2]);
    expect(await seqs({ since: 1_005_001 })).toEqual([]);
    expect(await seqs({ until: 1_000_999 })).toEqual([]);
    expect(await seqs({ resource: { type: 'vm', id: '101' } })).toEqual([3, 2, 1]);
    expect(await seqs({ type: 'node' })).toEqual([1]);
    expect(await seqs({ node: 'pve2' })).toEqual([3]);
    // It left that node then.
    expect(await seqs({ node: 'pve9' })).toEqual([4]);
    expect(await seqs({ changesOnly: true, resource: { type: 'vm', id: '101' } })).toEqual([2, 1]);
    expect(await store.countVersions({ after: 2, to: 4 })).toBe(4);
    expect(await store.changedKeys({ after: 3 })).toEqual([
      { type: 'storage', id: 'local' },
      { type: 'vm', id: '102' },
    ]);
  });

  it('tells the steps without their states, oldest first', async () => {
    const steps = await store.steps({ after: 1, to: 3 });
    expect(steps.map(({ seq, resourceId, change }) => [seq, resourceId, change])).toEqual([
      [2, '101', 'updated'],
      [3, '101', 'updated'],
      [3, '102', 'deleted'],
    ]);
    expect(steps.every(step => !('state' in step) && Array.isArray(step.fields))).toBe(true);
  });

  it('takes any number for a place after every commit', async () => {
    const key = { type: 'vm', id: '101' } as const;
    for (const beyond of [NEWEST_SEQ, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      expect((await store.versionsAt(beyond, [key]))[0]?.seq).toBe(3);
      expect(await store.everythingAt(beyond)).toHaveLength(4);
      expect(await store.countVersions({ to: beyond })).toBe(9);
      expect(await store.versions({ after: beyond })).toEqual([]);
    }
  });

  it('names what existed by type and id, and the ends of what changed', async () => {
    const named = (await store.everythingAt(5)).map(
      ({ type, resourceId, seq }) => `${type}/${resourceId} ${seq}`,
    );
    expect(named).toEqual(['node/pve1 1', 'vm/101 3', 'vm/102 4', 'storage/local 5']);
    expect((await store.everythingAt(3)).map(({ resourceId }) => resourceId)).toEqual(['pve1', '101']);
    expect((await store.everythingAt(5, 'vm')).map(({ resourceId }) => resourceId)).toEqual(['101', '102']);
    const ends = async (filter: Parameters<DatabaseStore['ends']>[0]) =>
      (await store.ends(filter))
        .map(([first, last]) => `${first.resourceId} ${first.seq}-${last.seq} ${first.change} ${last.change}`)
        .sort();
    expect(await ends({ after: 1, to: 4 })).toEqual(['101 2-3 updated updated', '102 3-4 deleted created']);
    expect(await ends({ type: 'node' })).toEqual(['pve1 1-1 discovered discovered']);
    expect(await ends({ after: 5 })).toEqual([]);
    expect((await store.ends({ after: 1, to: 2 }))[0]![0]).toEqual({
      ...{ id: expect.any(Number), seq: 2, type: 'vm', resourceId: '101', incarnation: 1, change: 'updated' },
      ...{ fields: aVersion(101).fields, windowAfter: aVersion(101).windowAfter },
    });
  });

  it('counts no further than it is asked to, and reads the steps of several resources', async () => {
    expect([await store.countVersions({}, 4), await store.countVersions({}, 100)]).toEqual([4, 9]);
    const resources = [
      { type: 'vm', id: '102' },
      { type: 'storage', id: 'local' },
      { type: 'storage', id: '101' },
    ] as const;
    const steps = await store.steps({ after: 1, resources });
    expect(steps.map(({ seq, resourceId }) => [seq, resourceId])).toEqual([
      [3, '102'],
      [4, '102'],
      [4, '102'],
      [5, 'local'],
    ]);
    expect(await store.steps({ resources: [] })).toEqual([]);
  });

  it('pages by id without repeating or losing a version', async () => {
    const seen: number[] = [];
    let beforeId: number | undefined;
    for (;;) {
      const page = await store.versions({}, { limit: 2, ...(beforeId === undefined ? {} : { beforeId }) });
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
      beforeId = page.at(-1)!.id;
    }
    expect(seen).toEqual((await store.versions({})).map(({ id }) => id));
    expect(await store.versions({}, { limit: 2, beforeId: 0 })).toEqual([]);
  });

  it('finds each resource as it was at a commit', async () => {
    const at = async (seq: number) =>
      Object.fromEntries(
        (
          await store.versionsAt(seq, [
            { type: 'vm', id: '101' },
            { type: 'vm', id: '102' },
            { type: 'vm', id: '999' },
          ])
        ).map(v => [v.resourceId, `${v.change} ${v.incarnation}`]),
      );
    expect(await at(0)).toEqual({});
    expect(await at(2)).toEqual({ 101: 'updated 1', 102: 'discovered 1' });
    expect(await at(3)).toEqual({ 101: 'updated 1', 102: 'deleted 1' });
    expect(await at(4)).toEqual({ 101: 'updated 1', 102: 'created 2' });
    expect(await store.versionsAt(4, [])).toEqual([]);
  });

  it('finds everything that existed at a commit', async () => {
    const at = async (seq: number, type?: 'vm') =>
      (await store.everythingAt(seq, type)).map(v => `${v.type}/${v.resourceId}`).sort();
    expect(await at(0)).toEqual([]);
    expect(await at(2)).toEqual(['node/pve1', 'vm/101', 'vm/102']);
    expect(await at(3)).toEqual(['node/pve1', 'vm/101']);
    expect(await at(3, 'vm')).toEqual(['vm/101']);
    expect(await at(9)).toEqual(['node/pve1', 'storage/local', 'vm/101', 'vm/102']);
  });
});

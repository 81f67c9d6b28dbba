import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DatabaseStore, openStore } from '../../../src/database/index.ts';
import type { CommitWriter } from '../../../src/model/store.ts';
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

const LONG = 'x'.repeat(70_000);
const INFINITE = Number.POSITIVE_INFINITY;

/** Rows that a database refuses, and what they are about: by a rule of ours, and by a reference of its own. */
const BAD: [about: string, write: (commit: CommitWriter) => Promise<void>][] = [
  ['vm/901', commit => commit.upsertGuests('vm', [aGuest(901, { name: LONG })])],
  ['vm/902', commit => commit.upsertGuests('vm', [aGuest(902, { nodeId: 'nowhere' })])],
  [
    'container/903',
    commit => commit.upsertGuests('container', [aGuest(903, { type: 'container', cpuUsage: INFINITE })]),
  ],
  ['storage/bad', commit => commit.upsertStorages([aStorage('bad', { type: LONG })])],
  [
    'task/UPID:bad',
    commit => commit.upsertTasks([aTask(9, { upid: 'UPID:bad', startTime: clusterTime(-INFINITE) })]),
  ],
  ['vm/904', commit => commit.upsertConfigs([aConfig(904, { observedAt: ourTime(0.5) })])],
  ['vm/905', commit => commit.insertVersions([aVersion(905, { name: LONG })])],
];

onBothEngines('a row that is refused', engine => {
  let store: DatabaseStore;
  beforeAll(async () => {
    store = await openStore(engine.options(await engine.newUrl()));
  });
  afterAll(() => store.close());

  const write = async (commit: CommitWriter) => {
    await commit.upsertNodes([aNode('pve1')]);
    for (const [, bad] of BAD) await bad(commit);
    await commit.upsertGuests('vm', [aGuest(101), aGuest(901)]);
    await commit.insertVersions([aVersion(101, { change: 'created' }), aVersion(901, { change: 'created' })]);
  };

  // Kills: one row that loses the commit, and history of what was left out of the state.
  it('costs what it is about, all of it, and is told; the rest is written once', async () => {
    const { lease, runId } = await startWriting(store);
    const told: string[] = [];
    const head = { runId, facet: 'inventory', observedAt: ourTime(1), complete: true } as const;
    await store.commitFacet({ ...lease, refused: warning => told.push(warning) }, head, write);
    expect(told.map(text => text.split(' ')[0]).sort()).toEqual(BAD.map(([about]) => about).sort());
    expect(told.join()).not.toContain('xxxxx');
    expect((await store.guests('vm')).rows.map(guest => guest.id)).toEqual([101]);
    const versions = await store.versions({});
    expect(versions.map(one => one.resourceId)).toEqual(['101']);
    expect(await store.lastCommit('inventory')).toMatchObject({ seq: versions[0]!.seq, changes: 1 });
    expect(await store.storages()).toEqual([]);
  });

  it('fails the commit where nobody is told, or where there is no end of them', async () => {
    const { lease, runId } = await startWriting(store);
    const head = { runId, facet: 'inventory', observedAt: ourTime(2), complete: true } as const;
    const before = await store.lastCommit();
    await expect(store.commitFacet(lease, head, write)).rejects.toMatchObject({ code: 'validation' });
    const many = Array.from({ length: 30 }, (_, n) => aGuest(500 + n, { nodeId: 'nowhere' }));
    const told: string[] = [];
    const told30 = store.commitFacet({ ...lease, refused: warning => told.push(warning) }, head, commit =>
      commit.upsertGuests('vm', many),
    );
    await expect(told30).rejects.toMatchObject({ code: 'foreign_key' });
    expect(await store.lastCommit()).toEqual(before);
  });
});

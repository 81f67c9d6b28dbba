import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  brokenChains,
  differencesFromTruth,
  inventedChanges,
  untoldDifferences,
} from '../../support/compare-truth.ts';
import { type PostgresServer, startPostgres } from '../../support/database-postgres.ts';
import { type Lab, type LabOptions, startLab } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** Changes of the cluster, oldest first, as `quorate true -> false`. */
async function told(lab: Lab): Promise<string[][]> {
  const { history } = await lab.call('show_history', { resource: 'cluster', limit: 50 });
  return history
    .toReversed()
    .map((row: { change: string; fields?: { path: string; from: unknown; to: unknown }[] }) => [
      row.change,
      ...(row.fields ?? []).map(({ path, from, to }) => `${path} ${from} -> ${to}`),
    ]);
}

async function look(lab: Lab, options?: Parameters<Lab['discover']>[0]): Promise<void> {
  lab.sim.clock.advance(60_000);
  await lab.discover(options);
}

async function withLab(options: LabOptions, work: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await startLab({ guests: 12, ...options });
  try {
    await work(lab);
    expect(await brokenChains(lab.store)).toEqual([]);
    expect(inventedChanges(await lab.store.versions({}), lab.sim.truth.events)).toEqual([]);
  } finally {
    await lab.close();
  }
}

describe.each(['sqlite', 'postgresql'])('on %s', engine => {
  // Kills: "the present says that there is no quorum": an outage that only a minority saw leaves no trace.
  test('quorum lost and regained is told with its windows, and nothing is taken for deleted', async () => {
    const databaseUrl = engine === 'postgresql' ? await server.createStore() : undefined;
    await withLab({ ...(databaseUrl && { databaseUrl }) }, async lab => {
      await lab.discover();
      const before = lab.sim.clock.now();
      lab.sim.clock.advance(60_000);
      lab.sim.world.quorumLoss();
      const lost = lab.sim.clock.now();
      await lab.discover();
      expect((await lab.call('get_resource', { resource: 'cluster' })).resource).toMatchObject({
        resource: 'cluster',
        name: 'lab',
        quorate: false,
        votes: 1,
        expected_votes: 3,
      });
      await look(lab);
      lab.sim.world.quorumLoss(false);
      await look(lab);
      expect(await told(lab)).toEqual([
        ['discovered'],
        ['updated', 'quorate true -> false', 'votes 3 -> 1'],
        ['updated', 'quorate false -> true', 'votes 1 -> 3'],
      ]);
      const { history } = await lab.call('show_history', { resource: 'cluster' });
      expect(Date.parse(history[1]!.window.after)).toBe(before);
      expect(Date.parse(history[1]!.window.before)).toBe(lost);
      expect(await lab.store.versions({ type: 'node', changesOnly: true, after: 10 })).toEqual([]);
      expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
      const then = await lab.call('get_resource', { resource: 'cluster', at: new Date(lost).toISOString() });
      expect(then.resource).toMatchObject({ quorate: false, votes: 1 });
    });
  });
});

test('polling an idle cluster adds no version, and asks for no votes again', async () => {
  await withLab({}, async lab => {
    await lab.discover();
    const asked = lab.sim.requests.count('/cluster/config/nodes');
    for (let n = 0; n < 5; n++) await look(lab);
    // At first sight: its quorum, the versions of its nodes, its options.
    expect(await lab.store.countVersions({ type: 'cluster' })).toBe(3);
    expect(lab.sim.requests.count('/cluster/config/nodes')).toBe(asked);
  });
});

test('votes, nodes and versions that move are told; what a node told for the first time is no change', async () => {
  await withLab({ nodes: 4 }, async lab => {
    lab.sim.world.nodeDown('pve4', { haRecovery: false });
    lab.sim.world.setNodeVersion('pve4', '9.1.0');
    lab.sim.truth.reset();
    await lab.discover();
    lab.sim.world.nodeUp('pve4');
    await look(lab);
    lab.sim.world.setNodeVersion('pve1', '9.3.0');
    await look(lab);
    lab.sim.world.removeNode('pve4');
    await look(lab);
    const [first, up, upgrade, left] = await told(lab);
    expect(first).toEqual(['discovered']);
    expect(up).toEqual(['updated', 'votes 3 -> 4']);
    expect(upgrade?.[0]).toBe('updated');
    expect(upgrade?.[1]).toMatch(/^versions 9\.1\.0,(.*) -> 9\.1\.0,\1,9\.3\.0$/);
    expect(left?.join()).toContain('expected_votes 4 -> 3');
    expect(left?.join()).toMatch(/versions 9\.1\.0,/);
    expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
  });
});

// Kills: votes taken for counted with the quorum, though their list could not be read; what is learnt lost beside a change.
test('votes are told since they were last counted, apart from the quorum, and learnt apart from what changed', async () => {
  await withLab({ nodes: 4 }, async lab => {
    const { world, faults, clock } = lab.sim;
    const unread = () => faults.add({ match: '/cluster/config/nodes', kind: 'status', status: 500 });
    world.nodeDown('pve4', { haRecovery: false });
    lab.sim.truth.reset();
    const first = unread();
    await lab.discover();
    first();
    world.quorumLoss();
    await look(lab);
    world.quorumLoss(false);
    await look(lab);
    const counted = clock.now();
    const off = unread();
    clock.advance(60_000);
    world.removeNode('pve4');
    await look(lab);
    await look(lab);
    off();
    await look(lab);
    expect(await told(lab)).toEqual([
      ['discovered'],
      ['updated', 'quorate true -> false'],
      ['updated', 'quorate false -> true', 'votes 1 -> 3'],
      ['updated', 'expected_votes 4 -> 3'],
    ]);
    const [newest] = await lab.store.versions({ resource: { type: 'cluster', id: 'cluster' } }, { limit: 1 });
    expect(newest!.windowAfter).toBe(counted);
    expect(await untoldDifferences(lab.store)).toEqual([]);
    expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
  });
});

// Kills: "not readable, so there is none": a right that is lost for a while is no outage.
test.each([403, 500])('what cannot be read (%i) is not seen', async status => {
  await withLab({}, async lab => {
    await lab.discover();
    const { votes } = (await lab.call('get_resource', { resource: 'cluster' })).resource;
    const off = lab.sim.faults.add({
      match: /^\/cluster\/(status|config\/nodes)$/,
      kind: 'status',
      status,
      reason: status === 403 ? 'Permission check failed (/, Sys.Audit)' : 'oops',
    });
    lab.sim.world.quorumLoss();
    await look(lab).catch(() => {});
    lab.sim.world.quorumLoss(false);
    off();
    await look(lab);
    expect(await told(lab)).toEqual([['discovered']]);
    expect((await lab.call('get_resource', { resource: 'cluster' })).resource.votes).toBe(votes);
  });
});

// Kills: "votes are those of the rows there are": rows come in another order each time, and a list may be short.
test.each([
  [['/cluster/resources']],
  [['/cluster/status']],
  [['/cluster/resources', '/cluster/status']],
  [['/cluster/config/nodes']],
])('a short %s takes no vote away', async paths => {
  await withLab({}, async lab => {
    for (const keep of [0.05, ...Array(times(2, 10)).fill(0.75), 0.9]) {
      for (const match of paths) lab.sim.faults.add({ match, kind: 'cut-list', keep, times: 1 });
      await lab.discover({ facets: ['inventory'] }).catch(() => {});
      await lab.discover({ facets: ['inventory'] });
    }
    expect((await told(lab)).slice(1)).toEqual([]);
    expect((await lab.call('get_resource', { resource: 'cluster' })).resource).toMatchObject({
      votes: 3,
      expected_votes: 3,
    });
  });
});

test('votes that cannot be read at first are knowledge gained', async () => {
  await withLab({}, async lab => {
    const off = lab.sim.faults.add({ match: '/cluster/config/nodes', kind: 'status', status: 500 });
    await lab.discover();
    expect((await lab.call('get_resource', { resource: 'cluster' })).resource.votes).toBeUndefined();
    off();
    await look(lab);
    expect(await told(lab)).toEqual([['discovered']]);
    expect((await lab.call('get_resource', { resource: 'cluster' })).resource.votes).toBe(3);
  });
});

test('the window of a loss that a blind token could not see begins when the quorum was last seen', async () => {
  await withLab({}, async lab => {
    await lab.discover();
    const seen = lab.sim.clock.now();
    const off = lab.sim.faults.add({ match: '/cluster/status', kind: 'status', status: 403 });
    await look(lab);
    lab.sim.world.quorumLoss();
    await look(lab);
    off();
    await look(lab);
    const { history } = await lab.call('show_history', { resource: 'cluster' });
    expect(history[0]!.fields[0]).toMatchObject({ path: 'quorate', from: true, to: false });
    expect(Date.parse(history[0]!.window.after)).toBe(seen);
  });
});

test('a node that never joined a cluster has no cluster, and no noise', async () => {
  await withLab({ nodes: 1, clusterName: null }, async lab => {
    await lab.discover();
    await look(lab);
    expect(await lab.store.countVersions({ type: 'cluster' })).toBe(0);
    await expect(lab.call('get_resource', { resource: 'cluster' })).rejects.toThrow('cluster');
    lab.sim.world.createCluster('new');
    await look(lab);
    expect(await told(lab)).toEqual([['discovered']]);
  });
});

test('the cluster is found, compared and completed like any resource', async () => {
  await withLab({}, async lab => {
    await lab.discover();
    lab.sim.world.quorumLoss();
    await look(lab);
    for (const query of ['cluster', 'lab'])
      expect((await lab.call('find_resources', { query })).matches).toContainEqual(
        expect.objectContaining({ resource: 'cluster', name: 'lab', status: 'no quorum' }),
      );
    const { changes } = await lab.call('diff_state', { from: 'run:1', type: 'cluster' });
    expect(changes).toMatchObject([{ resource: 'cluster', name: 'lab', change: 'updated' }]);
    expect((await lab.call('show_history', { type: 'cluster' })).total).toBe(1);
    lab.sim.world.quorumLoss(false);
    await look(lab);
    expect((await lab.call('diff_state', { from: 'run:1', resource: 'cluster' })).total).toBe(0);
  });
});

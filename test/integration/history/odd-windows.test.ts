import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/simulator/index.ts';
import { expectExact, startedAt } from '../../support/exact.ts';
import type { Lab } from '../../support/lab.ts';
import { plainRunning, startStory } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }, 60_000));
});
afterEach(() => lab.close());

const typeOf = (vmid: number) =>
  lab.sim.truth.state().guests[`vm/${vmid}`] === undefined ? 'container' : 'vm';
const on = (node: string, wanted: object = {}) =>
  lab.sim.world.find({ node, template: false, ha: false, ...wanted });
const newest = async (vmid: number) =>
  (await lab.store.versions({ resource: { type: typeOf(vmid), id: String(vmid) } }, { limit: 1 }))[0]!;

describe('what was given while nobody could look is told since the last look', () => {
  test('a pool, HA, or both, while the node was off', async () => {
    const given = ['pool', 'ha', 'both'].map(what => ({
      what,
      vmid: lab.sim.world.createGuest({ type: 'lxc', node: 'pve3' }).vmid,
    }));
    await lab.discover();
    await story();
    const seen = lab.sim.clock.now();
    await lab.discover();
    lab.sim.world.nodeDown('pve3', { haRecovery: false });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    for (const { what, vmid } of given) {
      if (what !== 'ha') lab.sim.world.setPool(vmid, 'fresh');
      if (what !== 'pool') lab.sim.world.setHa(vmid, 'stopped');
    }
    lab.sim.clock.advance(60_000);
    await lab.discover();
    await story();
    lab.sim.world.nodeUp('pve3', { start: 'all' });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    await lab.discover();
    const told = await story();
    for (const { what, vmid } of given) {
      const lines = told.filter(line => line.startsWith(`container/${vmid} `)).join();
      if (what !== 'ha') expect(lines).toContain('pool null -> fresh');
      if (what !== 'pool') expect(lines).toContain('ha null -> stopped');
      expect((await newest(vmid)).windowAfter).toBe(seen);
    }
    await expectExact(lab);
  });

  test('a pool, while the guest could not be read, in whatever way', async () => {
    const faults: Omit<Fault, 'match'>[] = [
      { kind: 'status', status: 500, times: 1 },
      { kind: 'status', status: 403 },
      { kind: 'status', status: 596 },
      { kind: 'html' },
      { kind: 'reset' },
      { kind: 'truncate' },
    ];
    const unread = faults.map((fault, at) => {
      const type = at % 2 === 0 ? 'lxc' : 'qemu';
      return { fault, type, vmid: lab.sim.world.createGuest({ type, node: 'pve2' }).vmid } as const;
    });
    await lab.discover();
    await story();
    const seen = lab.sim.clock.now();
    await lab.discover();
    lab.sim.clock.advance(30_000);
    for (const { vmid, fault } of unread) {
      lab.sim.world.setPool(vmid, 'fresh');
      lab.sim.faults.add({ match: new RegExp(`/${vmid}/`), ...fault });
    }
    for (let look = 0; look < 3; look++) {
      lab.sim.clock.advance(30_000);
      await lab.discover();
    }
    lab.sim.faults.clear();
    lab.sim.clock.advance(30_000);
    await lab.discover();
    expect(await story()).toEqual(
      unread.map(({ vmid }) => `${typeOf(vmid)}/${vmid} updated | pool null -> fresh`).sort(),
    );
    for (const { vmid } of unread) expect((await newest(vmid)).windowAfter).toBe(seen);
    await expectExact(lab);
  });

  // Kills: a key read again taken for one that was read all the time, and so a false author.
  test.each<[string, (row: Record<string, unknown>) => unknown]>([
    ['as an object', row => ({ ...row, value: { odd: 1 } })],
    ['as a row without its key', row => ({ ...row, key: null })],
    ['twice', row => [row, { ...row, value: 63 }]],
    [
      'beside eight of the longest names',
      row => [
        ...Array.from({ length: 7 }, (_, n) => ({ key: `k${n}${'\u0001'.repeat(98)}`, value: {} })),
        { ...row, value: {} },
      ],
    ],
  ])('an edited key that could not be read: %s', async (how, odd) => {
    const vmid = on('pve1', { type: 'qemu', status: 'stopped' })[0]!;
    await lab.discover({ deep: true });
    await story();
    const seen = lab.sim.clock.now();
    lab.sim.clock.advance(60_000);
    lab.sim.faults.add({
      match: new RegExp(`/${vmid}/pending$`),
      kind: 'alter',
      alter: data =>
        (data as Record<string, unknown>[]).flatMap(row => (row['key'] === 'cores' ? odd(row) : row)),
    });
    lab.sim.world.editConfig(vmid, { cores: 7 });
    for (let look = 0; look < 2; look++) {
      await lab.discover({ deep: true });
      lab.sim.clock.advance(60_000);
    }
    expect(await story()).toEqual([]);
    const looked = lab.sim.clock.now();
    await lab.discover({ deep: true });
    lab.sim.faults.clear();
    lab.sim.clock.advance(60_000);
    lab.sim.world.editConfig(vmid, { onboot: 1, description: 'other' });
    await lab.discover({ deep: true });
    const versions = await lab.store.versions({ resource: { type: 'vm', id: String(vmid) } }, { limit: 2 });
    const windows = versions.flatMap(({ fields, windowAfter }) =>
      fields.map(({ path }) => [path, windowAfter]),
    );
    expect(Object.fromEntries(windows)).toMatchObject({ 'config.cores': seen });
    if (!how.includes('without'))
      expect(Object.fromEntries(windows)).toMatchObject({ 'config.description': looked });
    await expectExact(lab);
  });

  test('snapshots that a list lacks though the present descends from one of them', async () => {
    const vmid = on('pve1', { type: 'qemu', status: 'stopped' })[0]!;
    lab.sim.world.snapshot(vmid, 'base');
    lab.sim.clock.advance(60_000);
    await lab.discover({ deep: true });
    await story();
    lab.sim.faults.add({ match: new RegExp(`/${vmid}/snapshot$`), kind: 'alter', alter: () => [] });
    await lab.discover({ deep: true });
    expect(await story()).toEqual([]);
    lab.sim.faults.clear();
    await lab.discover({ deep: true });
    expect(await story()).toEqual([]);
    await expectExact(lab);
  });

  // Kills: one window for all: a start seen a minute ago has not the causes of two days.
  test('what a minority could not tell, apart from what it could', async () => {
    const vmid = on('pve1', { type: 'qemu', status: 'stopped' })[0]!;
    const known = lab.sim.clock.now();
    await lab.discover();
    lab.sim.world.quorumLoss(true);
    for (let look = 0; look < 3; look++) {
      lab.sim.clock.advance(60_000);
      await lab.discover();
    }
    const looked = lab.sim.clock.now();
    lab.sim.world.setPool(vmid, 'fresh');
    lab.sim.world.start(vmid);
    lab.sim.world.quorumLoss(false);
    lab.sim.clock.advance(60_000);
    await lab.discover();
    const versions = await lab.store.versions({ resource: { type: 'vm', id: String(vmid) } }, { limit: 2 });
    expect(
      versions.map(({ fields, windowAfter }) => [fields.map(field => field.path).join(), windowAfter]),
    ).toEqual([
      ['started_at,status', looked],
      ['pool', known],
    ]);
    await expectExact(lab);
  });
});

/** From now on the rows of a node and its guests repeat what they told, and nothing after five minutes; until what it returns is called. */
function mute(node: string, isNarrow = () => false): () => void {
  const { clock, faults } = lab.sim;
  const told = new Map<string, Record<string, unknown>>();
  const since = clock.now();
  return faults.add({
    match: '/cluster/resources',
    kind: 'alter',
    alter: data =>
      (data as Record<string, unknown>[]).map(row => {
        if (row['node'] !== node || row['type'] === 'storage') return row;
        // Without Sys.Audit a node's row has no load and no uptime (PVE's `extract_node_stats`), so that nothing tells its age.
        if (row['type'] === 'node' && isNarrow()) return { ...row, uptime: undefined };
        const { id, status, uptime, name } = row;
        if (!told.has(String(id))) told.set(String(id), { status, uptime, name });
        const silent = { status: 'unknown', uptime: undefined, name: undefined };
        return { ...row, ...(clock.now() - since < 300_000 ? told.get(String(id)) : silent) };
      }),
  });
}

// Kills: rows that repeat an old status taken for looks at it, so that a start seen at last is dated after its task.
test.each([
  { pause: 10_000, looks: 8, thaws: true },
  { pause: 20_000, looks: 3, thaws: true },
  { pause: 70_000, looks: 2, thaws: true },
  { pause: 110_000, looks: 3, thaws: false },
  { pause: 40_000, looks: 3, thaws: true, narrow: true },
])('what guests did while the rows of their node stood still was since these last moved: %j', async ({
  pause,
  looks,
  thaws,
  narrow = false,
}) => {
  const { world, clock, tokens } = lab.sim;
  const off = world.createGuest({ type: 'qemu', node: 'pve2' }).vmid;
  const up = world.createGuest({ type: 'lxc', node: 'pve2', start: true }).vmid;
  const again = world.createGuest({ type: 'qemu', node: 'pve2', start: true }).vmid;
  clock.advance(200_000);
  await lab.discover();
  clock.advance(60_000);
  let isNarrow = false;
  const thaw = mute('pve2', () => isNarrow);
  const seen = clock.now();
  await lab.discover();
  await story();
  clock.advance(9_000);
  world.start(off);
  world.stop(up);
  world.restart(again);
  for (let look = 0; look < looks; look++) {
    clock.advance(pause);
    isNarrow = narrow && look === looks - 1;
    if (isNarrow) world.setRights(tokens.full, [{ path: '/vms', role: 'PVEAuditor' }]);
    await lab.discover();
  }
  isNarrow = false;
  if (narrow) world.setRights(tokens.full, [{ path: '/', role: 'Administrator' }]);
  if (thaws) thaw();
  clock.advance(11_000);
  await lab.discover();
  expect(await story()).toHaveLength(3);
  for (const vmid of [off, up, again]) expect((await newest(vmid)).windowAfter).toBe(seen);
  await expectExact(lab);
});

describe('a start', () => {
  // Kills: a window that begins at a row which was old, where neither its node nor any guest there tells so, and after the start.
  test.each([
    'qemu',
    'lxc',
  ] as const)('of a guest (%s) that an old row told off is within its window', async type => {
    const { world, clock, tokens } = lab.sim;
    for (const vmid of world.find({ node: 'pve2', status: 'running' })) world.stop(vmid);
    const { vmid } = world.createGuest({ type, node: 'pve2' });
    clock.advance(200_000);
    await lab.discover();
    clock.advance(60_000);
    const thaw = mute('pve2', () => true);
    await lab.discover();
    clock.advance(9_000);
    const started = clock.now();
    world.start(vmid, { user: 'alice@pve' });
    world.setRights(tokens.full, [{ path: '/vms', role: 'PVEAuditor' }]);
    clock.advance(150_000);
    await lab.discover();
    world.setRights(tokens.full, [{ path: '/', role: 'Administrator' }]);
    thaw();
    clock.advance(60_000);
    await lab.discover();
    const change = await newest(vmid);
    expect(change.fields.map(({ path }) => path)).toEqual(['started_at', 'status']);
    expect(Math.abs(change.windowAfter! + 15_000 - started)).toBeLessThan(3_000);
    const { history } = await lab.call('show_history', {
      resource: `${type === 'qemu' ? 'vm' : 'container'}/${vmid}`,
    });
    expect(history.find(row => row.fields?.length === 2)?.causes).toMatchObject([{ user: 'alice@pve' }]);
  });

  // Kills: "only a shorter uptime proves a restart" of who was out of sight.
  test('of a guest of either type on a node that came back, though its uptime is longer', async () => {
    const used = (['vm', 'container'] as const).map(type => {
      const kind = type === 'vm' ? 'qemu' : 'lxc';
      return { type, vmid: lab.sim.world.createGuest({ type: kind, node: 'pve3', start: true }).vmid };
    });
    lab.sim.clock.advance(100_000);
    await lab.discover();
    await story();
    lab.sim.world.nodeDown('pve3', { haRecovery: false });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    lab.sim.clock.advance(60_000);
    lab.sim.world.nodeUp('pve3', { start: 'all' });
    lab.sim.clock.advance(1_800_000);
    await lab.discover();
    await lab.discover();
    const lines = (await story()).join('\n');
    for (const { type, vmid } of used) {
      const { told, real } = await startedAt(lab, type, vmid);
      expect(Math.abs(told! - real!)).toBeLessThan(15_000);
      expect(lines).toContain(`${type}/${vmid} updated | started_at moved`);
    }
    await expectExact(lab);
  });

  test('of a node that was off, though its uptime is longer', async () => {
    lab.sim.world.nodeDown('pve3', { haRecovery: false });
    lab.sim.world.nodeUp('pve3');
    lab.sim.clock.advance(100_000);
    await lab.discover();
    await story();
    lab.sim.world.nodeDown('pve3', { haRecovery: false });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    lab.sim.world.nodeUp('pve3');
    lab.sim.clock.advance(1_800_000);
    await lab.discover();
    expect((await story()).filter(line => line.startsWith('node/pve3'))).toEqual(
      [
        'node/pve3 updated | status online -> offline',
        'node/pve3 updated | started_at moved | status offline -> online',
      ].sort(),
    );
    const node = (await lab.store.nodes()).find(({ id }) => id === 'pve3')!;
    const booted = lab.sim.clock.now() - 1_800_000 - 45_000;
    expect(Math.abs(node.startedAt! - booted)).toBeLessThan(15_000);
  });

  test('before a live migration, there or there and back, in the same look is the time of its task', async () => {
    const { world, clock } = lab.sim;
    const used = [true, false].flatMap(runs =>
      [true, false].map(back => ({
        ...{ runs, back },
        vmid: world.createGuest({ type: 'qemu', node: 'pve1', start: runs }).vmid,
      })),
    );
    clock.advance(60_000);
    await lab.discover();
    await story();
    clock.advance(300_000);
    for (const { vmid, runs } of used) {
      if (runs) world.restart(vmid);
      else world.start(vmid);
    }
    clock.advance(600_000);
    for (const { vmid } of used) world.migrate(vmid, 'pve2', { durationMs: 30_000 });
    clock.advance(60_000);
    for (const { vmid, back } of used) if (back) world.migrate(vmid, 'pve1', { durationMs: 30_000 });
    clock.advance(60_000);
    await lab.discover();
    for (const { vmid } of used) {
      const { told, real } = await startedAt(lab, 'vm', vmid);
      expect(Math.abs(told! - real!)).toBeLessThan(2_000);
    }
    await expectExact(lab);
  });

  test('is none where a VM only moved', async () => {
    const vmid = plainRunning(lab);
    const { node } = lab.sim.truth.state().guests[`vm/${vmid}`]!;
    lab.sim.world.restart(vmid);
    lab.sim.clock.advance(60_000);
    await lab.discover();
    await story();
    lab.sim.clock.advance(5_000);
    const to = node === 'pve1' ? 'pve2' : 'pve1';
    lab.sim.world.migrate(vmid, to, { durationMs: 20_000 });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    expect(await story()).toEqual([`vm/${vmid} updated | node ${node} -> ${to}`]);
    await expectExact(lab);
  });
});

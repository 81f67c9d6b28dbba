import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/simulator/index.ts';
import { expectExact } from '../../support/exact.ts';
import type { Lab } from '../../support/lab.ts';
import { type Other, secondToken } from '../../support/second-token.ts';
import { times } from '../../support/soak.ts';
import { startStory } from '../../support/story.ts';

const AUDITOR = [{ path: '/', role: 'PVEAuditor' }];

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }, 60_000));
});
afterEach(() => lab.close());

const find = (wanted: object) => lab.sim.world.find({ template: false, ha: false, ...wanted })[0]!;
const nameOf = (type: 'qemu' | 'lxc') => (type === 'qemu' ? 'vm' : 'container');

describe('a VMID used again whose successor cannot be read at first is created', () => {
  const faults: Omit<Fault, 'match'>[] = [
    { kind: 'status', status: 403 },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 596 },
    { kind: 'reset' },
  ];
  test.each(faults.flatMap(fault => [1, times(3, 30)].map(looks => ({ looks, ...fault }))))('%j', async ({
    looks,
    ...fault
  }) => {
    const used = (['qemu', 'lxc'] as const).map(type => ({ vmid: find({ type }), key: nameOf(type) }));
    for (const { vmid } of used) {
      lab.sim.world.reuseVmid(vmid, { name: `second-${vmid}` });
      lab.sim.faults.add({ match: new RegExp(`/${vmid}/`), ...fault });
    }
    for (let look = 0; look < looks; look++) {
      lab.sim.clock.advance(60_000);
      await lab.discover({ facets: ['inventory', 'tasks', 'config'] });
    }
    lab.sim.faults.clear();
    lab.sim.clock.advance(60_000);
    await lab.discover();
    const wanted = used.flatMap(({ vmid, key }) => [`${key}/${vmid} created`, `${key}/${vmid} deleted`]);
    expect(await story()).toEqual(wanted.sort());
    await expectExact(lab);
  });

  // Kills: "nothing tells when it was made": nobody shares a VMID, so since the one before was last there.
  test.each([
    ['qemu', 'qemu'],
    ['lxc', 'lxc'],
    ['qemu', 'lxc'],
    ['lxc', 'qemu'],
  ] as const)('since its node went down at once: %s after %s', async (next, former) => {
    const { world, clock } = lab.sim;
    const { vmid } = world.createGuest({ type: former, node: 'pve1' });
    await lab.discover();
    await story();
    clock.advance(20_000);
    world.deleteGuest(vmid);
    clock.advance(5_000);
    world.createGuest({ vmid, type: next, node: 'pve3' });
    clock.advance(5_000);
    world.nodeDown('pve3', { haRecovery: false });
    clock.advance(60_000);
    await lab.discover();
    clock.advance(60_000);
    await lab.discover();
    const own = (line: string) => line.includes(`/${vmid} `);
    const ends = [`${nameOf(next)}/${vmid} created`, `${nameOf(former)}/${vmid} deleted`].sort();
    expect((await story()).filter(own)).toEqual(ends);
    world.nodeUp('pve3');
    clock.advance(60_000);
    await lab.discover();
    expect((await story()).filter(line => own(line) && /created|deleted/.test(line))).toEqual([]);
    await expectExact(lab);
  });

  test('a guest made anew that cannot be read for half an hour is created', async () => {
    const { vmid } = lab.sim.world.createGuest({ type: 'lxc' });
    lab.sim.faults.add({ match: new RegExp(`/${vmid}/`), kind: 'status', status: 500 });
    for (let look = 0; look < 15; look++) {
      lab.sim.clock.advance(120_000);
      await lab.discover({ facets: ['inventory', 'tasks'] });
      if (look === 3) lab.sim.world.restart(find({ type: 'qemu', status: 'running' }));
    }
    lab.sim.faults.clear();
    await lab.discover();
    expect(await story()).toContain(`container/${vmid} created`);
    await expectExact(lab);
  });
});

describe('a guest made anew without a trace of its destruction', () => {
  test.each([
    ['lxc', 'the node was off meanwhile'],
    ['lxc', 'nobody noticed'],
    ['qemu', 'the node was off meanwhile'],
    ['qemu', 'nobody noticed'],
  ] as const)('is another one: %s, %s', async (type, how) => {
    const vmid = find({ type, node: 'pve3' }) ?? lab.sim.world.createGuest({ type, node: 'pve3' }).vmid;
    await lab.discover();
    await story();
    if (how !== 'nobody noticed') {
      lab.sim.world.nodeDown('pve3', { haRecovery: false });
      lab.sim.clock.advance(60_000);
      await lab.discover();
    }
    lab.sim.clock.advance(30_000);
    lab.sim.world.nodeReinstalled('pve3');
    lab.sim.world.nodeUp('pve3');
    lab.sim.clock.advance(30_000);
    lab.sim.world.createGuest({ type, vmid, node: 'pve3', name: 'anew' });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    await lab.discover();
    const key = `${nameOf(type)}/${vmid}`;
    const own = (await story()).filter(line => line.startsWith(`${key} `));
    expect(own).toEqual([`${key} created`, `${key} deleted`]);
    await expectExact(lab);
  });

  // Kills: "after it was last seen", by whole seconds: it was made anew a second after the last look.
  test.each([1_000, 2_000, 5_000])('is another one %i ms after the last look', async ms => {
    const vmid = find({ type: 'lxc' });
    await lab.discover();
    await story();
    lab.sim.clock.advance(ms);
    lab.sim.world.loseGuest(vmid);
    lab.sim.world.createGuest({ type: 'lxc', vmid, node: 'pve1', name: 'anew' });
    lab.sim.clock.advance(1_000);
    await lab.discover();
    expect(await story()).toEqual([`container/${vmid} created`, `container/${vmid} deleted`]);
    await expectExact(lab);
  });

  // Kills: "a create task was read, so another one has its VMID": its own was read late.
  test.each([
    0, 300_000, -300_000,
  ])('is itself where its own task is read late, by a clock %i ms off', async ms => {
    lab.sim.world.setClockOffset('pve2', ms);
    await lab.discover();
    await story();
    const { vmid } = lab.sim.world.createGuest({ type: 'lxc', node: 'pve2' });
    lab.sim.faults.add({ match: '/nodes/pve2/tasks', kind: 'status', status: 500 });
    lab.sim.clock.advance(30_000);
    await lab.discover();
    lab.sim.faults.clear();
    lab.sim.clock.advance(30_000);
    lab.sim.world.rename(vmid, 'other');
    await lab.discover();
    const lines = await story();
    expect(lines.filter(line => line.endsWith('deleted'))).toEqual([]);
  });

  test.each(['lxc', 'qemu'] as const)('is itself where it was restored over: %s', async type => {
    const { vmid } = lab.sim.world.createGuest({ type });
    lab.sim.world.backup(vmid);
    lab.sim.world.editConfig(vmid, { description: 'after' });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    lab.sim.clock.advance(60_000);
    await story();
    lab.sim.world.restore(vmid);
    lab.sim.clock.advance(60_000);
    await lab.discover();
    expect((await story()).filter(line => /created|deleted/.test(line))).toEqual([]);
  });
});

describe('two tokens of different width in turn', () => {
  let narrow: Other;
  const widths = {
    pool: [{ path: '/pool/prod', role: 'PVEVMUser' }],
    withoutPools: [...AUDITOR, { path: '/pool', role: 'NoAccess' }],
    withoutGuests: [...AUDITOR, { path: '/vms', role: 'NoAccess' }],
    nothing: [],
  };
  afterEach(() => narrow.close());

  test.each(
    Object.keys(widths) as (keyof typeof widths)[],
  )('tell all that happens, and nothing else: %s', async width => {
    const { world, tokens, clock } = lab.sim;
    world.setRights(tokens.none, widths[width]);
    narrow = secondToken(lab, tokens.none);
    const turn = async () => {
      clock.advance(60_000);
      await narrow.discover();
      clock.advance(60_000);
      await lab.discover();
    };
    await turn();
    await turn();
    expect(await story()).toEqual([]);
    const vm = world.createGuest({ type: 'qemu', node: 'pve2' }).vmid;
    const container = world.createGuest({ type: 'lxc', node: 'pve2' }).vmid;
    await turn();
    expect((await story()).sort()).toEqual([`container/${container} created`, `vm/${vm} created`].sort());
    const clone = world.find({}).length;
    world.cloneGuest(find({ type: 'qemu', status: 'stopped' }), { name: 'cloned' });
    world.setPool(vm, 'fresh');
    await turn();
    const lines = await story();
    expect(world.find({}).length).toBe(clone + 1);
    expect(lines.filter(line => line.includes('pool'))).toEqual([`vm/${vm} updated | pool null -> fresh`]);
    expect(lines.filter(line => line.endsWith(' created'))).toHaveLength(1);
    world.setPool(vm, 'prod');
    world.deleteGuest(container);
    await turn();
    expect((await story()).sort()).toEqual(
      [`container/${container} deleted`, `vm/${vm} updated | pool fresh -> prod`].sort(),
    );
    world.setPool(vm, null);
    await turn();
    expect(await story()).toEqual([`vm/${vm} updated | pool prod -> null`]);
    expect((await lab.store.guests('vm')).rows.filter(guest => guest.unseenReason !== null)).toEqual([]);
    await expectExact(lab);
  });
});

describe('a VMID used again while a minority answers', () => {
  test.each(['qemu', 'lxc'] as const)('inherits neither pool nor HA of the dead: %s', async type => {
    const { vmid } = lab.sim.world.createGuest({ type, node: 'pve1' });
    lab.sim.world.setPool(vmid, 'prod');
    lab.sim.world.setHa(vmid, 'stopped');
    await lab.discover();
    await story();
    lab.sim.clock.advance(60_000);
    lab.sim.world.reuseVmid(vmid, { name: 'second' });
    lab.sim.world.quorumLoss(true);
    await lab.discover();
    lab.sim.clock.advance(60_000);
    await lab.discover();
    const key = `${nameOf(type)}/${vmid}`;
    expect((await story()).filter(line => line.startsWith(key))).toEqual([
      `${key} created`,
      `${key} deleted`,
    ]);
    expect(await lab.store.guest(nameOf(type), vmid)).toMatchObject({ pool: null, haState: null });
    lab.sim.world.quorumLoss(false);
    lab.sim.clock.advance(60_000);
    await lab.discover();
    expect((await story()).filter(line => line.startsWith(key))).toEqual([]);
    await expectExact(lab);
  });

  test('a VMID used again while the list of members is cut inherits neither pool nor HA of the dead', async () => {
    const vmid = find({ type: 'qemu', node: 'pve1' });
    lab.sim.world.setPool(vmid, 'prod');
    lab.sim.world.setHa(vmid, 'stopped');
    await lab.discover();
    await story();
    lab.sim.clock.advance(60_000);
    lab.sim.world.reuseVmid(vmid, { name: 'second' });
    lab.sim.faults.add({ match: '/cluster/status', kind: 'cut-list', keep: 0, times: 1 });
    await lab.discover();
    lab.sim.clock.advance(60_000);
    await lab.discover();
    lab.sim.clock.advance(60_000);
    await lab.discover();
    expect(await story()).toEqual([`vm/${vmid} created`, `vm/${vmid} deleted`]);
    await expectExact(lab);
  });
});

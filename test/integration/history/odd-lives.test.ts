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
const nameOf = (type: 'qemu' | 'lxc'): 'vm' | 'container' => (type === 'qemu' ? 'vm' : 'container');

describe('a VMID used again whose successor cannot be read at first is created', () => {
  const faults: Omit<Fault, 'match'>[] = [
    { kind: 'status', status: 403 },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 596 },
    { kind: 'reset' },
  ];
  // Each guest is refused in a way of its own, in one look or several.
  test.each([1, times(3, 30)])('for %i looks, in every way in which it can be', async looks => {
    const used = (['qemu', 'lxc'] as const).flatMap(type =>
      faults.map(fault => ({ fault, vmid: lab.sim.world.createGuest({ type }).vmid, key: nameOf(type) })),
    );
    await lab.discover();
    await story();
    lab.sim.clock.advance(60_000);
    for (const { vmid, fault } of used) {
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
  test('since its node went down at once, either type after either', async () => {
    const { world, clock } = lab.sim;
    const types = ['qemu', 'lxc'] as const;
    const used = types
      .flatMap(former => types.map(next => ({ former, next })))
      .map(pair => ({ ...pair, vmid: world.createGuest({ type: pair.former, node: 'pve1' }).vmid }));
    await lab.discover();
    await story();
    clock.advance(20_000);
    for (const { vmid } of used) world.deleteGuest(vmid);
    clock.advance(5_000);
    for (const { vmid, next } of used) world.createGuest({ vmid, type: next, node: 'pve3' });
    clock.advance(5_000);
    world.nodeDown('pve3', { haRecovery: false });
    clock.advance(60_000);
    await lab.discover();
    clock.advance(60_000);
    await lab.discover();
    const own = (line: string) => used.some(({ vmid }) => line.includes(`/${vmid} `));
    const ends = used.flatMap(({ vmid, next, former }) => [
      `${nameOf(next)}/${vmid} created`,
      `${nameOf(former)}/${vmid} deleted`,
    ]);
    expect((await story()).filter(own)).toEqual(ends.sort());
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
    'the node was off meanwhile',
    'nobody noticed',
  ] as const)('is another one, of either type: %s', async how => {
    const used = (['qemu', 'lxc'] as const).map(type => ({
      type,
      vmid: find({ type, node: 'pve3' }) ?? lab.sim.world.createGuest({ type, node: 'pve3' }).vmid,
    }));
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
    for (const { type, vmid } of used)
      lab.sim.world.createGuest({ type, vmid, node: 'pve3', name: `anew-${vmid}` });
    lab.sim.clock.advance(60_000);
    await lab.discover();
    await lab.discover();
    const keys = used.map(({ type, vmid }) => `${nameOf(type)}/${vmid}`);
    const own = (await story()).filter(line => keys.some(key => line.startsWith(`${key} `)));
    expect(own).toEqual(keys.flatMap(key => [`${key} created`, `${key} deleted`]).sort());
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
  test('is itself where its own task is read late, by a clock that is right, ahead or behind', async () => {
    const { world, clock, faults } = lab.sim;
    for (const ms of [0, 300_000, -300_000]) {
      world.setClockOffset('pve2', ms);
      clock.advance(60_000);
      await lab.discover();
      await story();
      const { vmid } = world.createGuest({ type: 'lxc', node: 'pve2' });
      faults.add({ match: '/nodes/pve2/tasks', kind: 'status', status: 500 });
      clock.advance(30_000);
      await lab.discover();
      faults.clear();
      clock.advance(30_000);
      world.rename(vmid, `other-${vmid}`);
      await lab.discover();
      const lines = await story();
      expect(lines.filter(line => line.endsWith('deleted'))).toEqual([]);
    }
  });

  test('is itself where it was restored over, of either type', async () => {
    const vmids = (['lxc', 'qemu'] as const).map(type => lab.sim.world.createGuest({ type }).vmid);
    for (const vmid of vmids) {
      lab.sim.world.backup(vmid);
      lab.sim.world.editConfig(vmid, { description: 'after' });
    }
    lab.sim.clock.advance(60_000);
    await lab.discover();
    lab.sim.clock.advance(60_000);
    await story();
    for (const vmid of vmids) lab.sim.world.restore(vmid);
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
  test('inherits neither pool nor HA of the dead, of either type', async () => {
    const used = (['qemu', 'lxc'] as const).map(type => ({
      type: nameOf(type),
      vmid: lab.sim.world.createGuest({ type, node: 'pve1' }).vmid,
    }));
    for (const { vmid } of used) {
      lab.sim.world.setPool(vmid, 'prod');
      lab.sim.world.setHa(vmid, 'stopped');
    }
    await lab.discover();
    await story();
    lab.sim.clock.advance(60_000);
    for (const { vmid } of used) lab.sim.world.reuseVmid(vmid, { name: `second-${vmid}` });
    lab.sim.world.quorumLoss(true);
    await lab.discover();
    lab.sim.clock.advance(60_000);
    await lab.discover();
    const keys = used.map(({ type, vmid }) => `${type}/${vmid}`);
    const own = (line: string) => keys.some(key => line.startsWith(`${key} `));
    expect((await story()).filter(own)).toEqual(
      keys.flatMap(key => [`${key} created`, `${key} deleted`]).sort(),
    );
    for (const { type, vmid } of used)
      expect(await lab.store.guest(type, vmid)).toMatchObject({ pool: null, haState: null });
    lab.sim.world.quorumLoss(false);
    lab.sim.clock.advance(60_000);
    await lab.discover();
    expect((await story()).filter(own)).toEqual([]);
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

import { afterEach, beforeEach, expect, test } from 'vitest';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';
import { startStory, storyOf } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 16 }, 60_000));
});
afterEach(() => lab.close());

const find = (wanted: Parameters<Lab['sim']['world']['find']>[0]) =>
  lab.sim.world.find({ template: false, ...wanted })[0]!;

// Kills: any comparison of answers as text: order, numbers as strings, usage and digests differ in each of them.
test('looks at an idle cluster, one after another, add no version', async () => {
  for (let look = 0; look < times(12, 50); look++) {
    lab.sim.clock.advance(13_000);
    await lab.discover({ deep: look % 4 === 0 });
  }
  expect(await story()).toEqual([]);
});

// Kills: "/config is what runs": it shows the pending value already.
test('a pending value is told as pending, then as applied by the restart', async () => {
  const vmid = find({ type: 'qemu', status: 'running' });
  const before = Number(lab.sim.truth.state().guests[`vm/${vmid}`]!.config['memory']);
  lab.sim.world.editConfig(vmid, { memory: 9216 });
  await lab.discover({ deep: true });
  expect(await story()).toEqual([`vm/${vmid} updated | pending.memory null -> 9216`]);
  lab.sim.clock.advance(60_000);
  lab.sim.world.restart(vmid);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect((await story()).join('; ')).toContain(
    `config.memory ${before} -> 9216 | pending.memory 9216 -> null`,
  );
});

// Kills: "a key that waits for its deletion is gone".
test('a pending deletion leaves the running value', async () => {
  const vmid = find({ type: 'qemu', status: 'running' });
  lab.sim.world.editConfig(vmid, { cores: null });
  await lab.discover({ deep: true });
  expect(await story()).toEqual([`vm/${vmid} updated | pending.cores null -> (deleted)`]);
});

// Kills: showing two long strings.
test('one part of a network card that changes is one field', async () => {
  const vmid = find({ type: 'qemu' });
  lab.sim.world.editProperty(vmid, 'net0', 'tag', '77');
  await lab.discover({ deep: true });
  expect(await story()).toEqual([expect.stringMatching(`vm/${vmid} updated . config.net0.tag .* -> 77$`)]);
});

// Kills: counting `current` as a snapshot, and calling what was not read before new.
test('snapshots are told by name; one that was overlooked at first is not new later', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  lab.sim.world.snapshot(vmid, 'one');
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | snapshots.one new`]);

  // A tree whose present hangs at no snapshot: the configuration names none, though there is one.
  const other = await startLab({ guests: 12 });
  try {
    const { world, clock } = other.sim;
    const hidden = world.find({ type: 'qemu', status: 'stopped', template: false })[0]!;
    for (const name of ['a', 'b']) world.snapshot(hidden, name);
    world.rollback(hidden, 'a');
    world.deleteSnapshot(hidden, 'a');
    clock.advance(600_000);
    await other.discover();
    const tell = storyOf(other);
    await tell();
    clock.advance(600_000);
    world.snapshot(hidden, 'c');
    await other.discover();
    expect(await tell()).toEqual([`vm/${hidden} discovered`, `vm/${hidden} updated | snapshots.c new`]);
    expect(await differencesFromTruth(other.store, other.sim)).toEqual([]);
  } finally {
    await other.close();
  }
});

// Kills: "a snapshot older than the last look was there then", where that look lies in the future of our clock.
test('a snapshot is new though our clock was set back since the last look', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  lab.skew = -3_600_000;
  lab.sim.clock.advance(60_000);
  lab.sim.world.snapshot(vmid, 'base');
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | snapshots.base new`]);
});

// Kills: "VM 104 is its name".
test('a guest without a name has none, whatever placeholder is shown', async () => {
  const [vm, ct] = [find({ type: 'qemu' }), find({ type: 'lxc' })];
  lab.sim.world.rename(vm, null);
  lab.sim.world.rename(ct, null);
  await lab.discover();
  expect((await story()).map(line => line.split(' -> ')[1])).toEqual(['null', 'null']);
  expect((await lab.store.guest('vm', vm))!.name).toBeNull();
  expect((await lab.store.guest('container', ct))!.name).toBeNull();
});

// Kills: "VM 104 is its name", where the listing is all there is.
test('a guest whose node could not be asked at the first look is not called by a placeholder', async () => {
  const fresh = await startLab({ guests: 16 });
  try {
    const { world } = fresh.sim;
    const [vm, ct] = [world.find({ type: 'qemu' })[0]!, world.find({ type: 'lxc' })[0]!];
    const guests = [
      { type: 'vm', vmid: vm },
      { type: 'container', vmid: ct },
    ] as const;
    for (const { vmid } of guests) world.rename(vmid, null);
    for (const node of ['pve1', 'pve2', 'pve3']) world.nodeFrozen(node);
    await fresh.discover();
    for (const { type, vmid } of guests)
      expect(await fresh.store.guest(type, vmid)).toMatchObject({ name: null, configSeen: null });
  } finally {
    await fresh.close();
  }
});

// Kills: "maxdisk, maxcpu and maxmem are configuration".
test('a container that stops shows another disk size, which is no change', async () => {
  const vmid = find({ type: 'lxc', status: 'running' });
  lab.sim.world.stop(vmid);
  await lab.discover();
  expect(await story()).toEqual([`container/${vmid} updated | status running -> stopped`]);
});

// Kills: "another digest is another configuration" (neighbours share it).
test('an edited guest or storage changes no neighbour', async () => {
  const vmid = find({ type: 'qemu' });
  lab.sim.world.editConfig(vmid, { description: 'edited' });
  lab.sim.world.editStorage('nas', { content: ['iso'] });
  await lab.discover({ deep: true });
  const lines = await story();
  expect(lines).toHaveLength(2);
  expect(lines.map(line => line.split(' ')[0])).toEqual(['storage/nas', `vm/${vmid}`]);
});

// Kills: "the row says running", also when the backup is under way at the very first look.
test('a stopped VM that vzdump starts for its backup was never started', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  const status = async () => (await lab.store.guest('vm', vmid))!.status;
  lab.sim.world.backup(vmid, { durationMs: 120_000 });
  await lab.discover();
  expect(await status()).toBe('stopped');
  // Nor is it asked again and again while the backup lasts.
  lab.sim.clock.advance(60_000);
  lab.sim.requests.reset();
  await lab.discover({ facets: ['inventory'] });
  expect(lab.sim.requests.count(/status\/current$/)).toBe(0);
  const fresh = await startLab({ guests: 16 });
  try {
    fresh.sim.world.backup(vmid, { durationMs: 120_000 });
    await fresh.discover();
    expect((await fresh.store.guest('vm', vmid))!.status).toBe('stopped');
    fresh.sim.clock.advance(200_000);
    const tell = storyOf(fresh);
    await tell();
    await fresh.discover({ deep: true });
    expect(await tell()).toEqual([]);
  } finally {
    await fresh.close();
  }
  lab.sim.clock.advance(200_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
});

// Kills: "at first sight the row will do" where the guest cannot be asked.
test('a guest whose node could not be asked at the first look was not started once it can', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  const fresh = await startLab({ guests: 16 });
  try {
    const { world, clock } = fresh.sim;
    world.backup(vmid, { durationMs: 120_000 });
    world.quorumLoss(true);
    await fresh.discover();
    expect((await fresh.store.guest('vm', vmid))!.status).toBe(null);
    world.quorumLoss(false);
    clock.advance(200_000);
    const tell = storyOf(fresh);
    await tell();
    await fresh.discover({ deep: true });
    expect((await tell()).filter(line => line.includes('status'))).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "whatever runs during its backup was started for it".
test('a VM that is started, and backed up before anybody looks, was started when it was', async () => {
  const { world, clock } = lab.sim;
  const vmid = find({ type: 'qemu', status: 'stopped' });
  clock.advance(60_000);
  const upid = world.start(vmid);
  clock.advance(60_000);
  world.backup(vmid, { durationMs: 3_600_000 });
  clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | started_at new | status stopped -> running`]);
  clock.advance(3_600_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  const { changes } = await lab.call('diff_state', { resource: `vm/${vmid}` });
  expect(changes[0]!.causes).toEqual([expect.objectContaining({ upid })]);
});

// Kills: "the guest says running": where QEMU does not answer, its node says so of whatever has a process.
test('a VM that runs for its backup only is not taken as started while QEMU is silent', async () => {
  const { world, clock } = lab.sim;
  const vmid = find({ type: 'qemu', status: 'stopped' });
  world.backup(vmid, { durationMs: 600_000 });
  world.silenceQemu(vmid);
  await lab.discover();
  expect((await lab.store.guest('vm', vmid))!.status).toBe('stopped');
  const fresh = await startLab({ guests: 16 });
  try {
    fresh.sim.world.backup(vmid, { durationMs: 600_000 });
    fresh.sim.world.silenceQemu(vmid);
    await fresh.discover();
    const tell = storyOf(fresh);
    await tell();
    fresh.sim.world.silenceQemu(vmid, false);
    await fresh.discover({ deep: true });
    expect((await tell()).filter(line => line.includes(' | '))).toEqual([]);
    expect((await fresh.store.guest('vm', vmid))!.status).toBe('stopped');
  } finally {
    await fresh.close();
  }
  world.silenceQemu(vmid, false);
  clock.advance(900_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
});

// Kills: "whatever QEMU is about is the guest's status".
test('a VM that passes through a state of QEMU neither stops nor starts, also at first sight', async () => {
  const states = ['save-vm', 'restore-vm', 'inmigrate', 'finish-migrate', 'postmigrate'] as const;
  const { world } = lab.sim;
  /** A VM that runs and one that is paused, for each state. */
  const passers = ({ createGuest, suspend }: typeof world) =>
    states.map(passing => {
      const [runs, paused] = [1, 2].map(() => createGuest({ type: 'qemu', start: true }).vmid) as [
        number,
        number,
      ];
      suspend(paused);
      return { passing, vmids: [runs, paused], runs };
    });
  const own = passers(world);
  await lab.discover();
  await story();
  for (const { vmids, passing } of own) for (const vmid of vmids) world.passThrough(vmid, passing);
  await lab.discover();
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  for (const { runs, passing } of own)
    expect((await lab.store.guest('vm', runs))!.unseenReason, passing).toBeNull();
  const fresh = await startLab({ guests: 4 });
  try {
    const others = passers(fresh.sim.world);
    for (const { runs, passing } of others) fresh.sim.world.passThrough(runs, passing);
    await fresh.discover();
    for (const { runs } of others) fresh.sim.world.passThrough(runs, undefined);
    const tell = storyOf(fresh);
    await tell();
    await fresh.discover({ deep: true });
    expect(await tell()).toEqual([]);
  } finally {
    await fresh.close();
  }
  for (const { vmids } of own) for (const vmid of vmids) world.passThrough(vmid, undefined);
  for (const { runs } of own) world.stop(runs);
  await lab.discover();
  const lines = await story();
  for (const { runs, passing } of own)
    expect(
      lines.filter(line => line.includes(`vm/${runs} updated | status running -> stopped`)),
      passing,
    ).toHaveLength(1);
});

// Kills: "whatever the HA manager is about is what was requested of it", also at the first look.
test('an HA manager that passes through what it does makes no history', async () => {
  const passed = [
    { passing: 'migrate', wanted: 'started' },
    { passing: 'freeze', wanted: 'started' },
    { passing: 'request_start', wanted: 'started' },
    { passing: 'request_stop', wanted: 'stopped' },
  ] as const;
  /** A VM under HA for each, which it is to be started or stopped. */
  const managed = ({ sim: { world } }: Lab) =>
    passed.map(one => {
      const { vmid } = world.createGuest({ type: 'qemu', start: one.wanted === 'started' });
      world.setHa(vmid, one.wanted);
      return { ...one, vmid };
    });
  const own = managed(lab);
  await lab.discover();
  await story();
  const fresh = await startLab({ guests: 4 });
  try {
    const others = managed(fresh);
    for (const { vmid, passing } of others) fresh.sim.world.haPasses(vmid, passing);
    await fresh.discover();
    const tell = storyOf(fresh);
    await tell();
    for (const [{ sim, discover, store }, told, some] of [
      [lab, story, own],
      [fresh, tell, others],
    ] as const) {
      for (const { vmid, passing } of some) {
        sim.world.haPasses(vmid, passing);
        sim.world.setLock(vmid, 'migrate');
      }
      await discover({ deep: true });
      for (const { vmid } of some) sim.world.haPasses(vmid, undefined);
      await discover({ deep: true });
      expect(await told()).toEqual([]);
      for (const { vmid, passing, wanted } of some)
        expect((await store.guest('vm', vmid))!.haState, passing).toBe(wanted);
    }
  } finally {
    await fresh.close();
  }
});

// Kills: "a passing lock is state".
test('passing locks make no history, a lasting one does', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  lab.sim.world.setLock(vmid, 'migrate');
  await lab.discover();
  expect(await story()).toEqual([]);
  expect((await lab.store.guest('vm', vmid))!.lockStatus).toBe('migrate');
  lab.sim.world.setLock(vmid, 'suspended');
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | lock null -> suspended`]);
});

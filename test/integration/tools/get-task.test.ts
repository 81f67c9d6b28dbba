import { afterEach, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
afterEach(() => lab.close());

// Kills: the time in a UPID, which is the node's own, taken for the cluster's.
test.each([
  300_000, -300_000,
])('a task the store has not seen is dated by the cluster, though its node is %i ms off', async offset => {
  lab = await startLab({ guests: 12 });
  lab.sim.world.setClockOffset('pve2', offset);
  await lab.discover();
  const [vmid] = lab.sim.world.find({ node: 'pve2', status: 'running', type: 'qemu' });
  const upid = lab.sim.world.restart(vmid!, { durationMs: 5_000 });
  const began = Math.floor(lab.sim.clock.now() / 1000) * 1000;
  const ask = async () => Date.parse((await lab.call('get_task', { upid })).task.started_at);
  const unseen = await ask();
  expect(await lab.store.task(upid)).toBeNull();
  // A clock is known to half a second, and whole seconds are shown.
  expect(Math.abs(unseen - began)).toBeLessThanOrEqual(1_000);
  await lab.discover({ facets: ['tasks'] });
  expect(await ask()).toBe(unseen);
});

// Kills: the backup of a container that the store has not seen told as that of a VM.
test('a task the store has not seen is about the guest that has, or had, its VMID', async () => {
  lab = await startLab({ guests: 12 });
  const { world } = lab.sim;
  const find = (type: 'qemu' | 'lxc') => world.find({ type, template: false, ha: false })[0]!;
  const { vmid: former } = world.createGuest({ type: 'lxc' });
  await lab.discover();
  world.deleteGuest(former);
  await lab.discover();
  const again = world.backup(world.createGuest({ type: 'lxc', vmid: former }).vmid);
  const { vmid: unheard } = world.createGuest({ type: 'lxc' });
  const ask = async (upid: string) => (await lab.call('get_task', { upid, max_age_seconds: 3_600 })).task;
  for (const [upid, id] of [
    [world.backup(find('lxc')), `container/${find('lxc')}`],
    [world.backup(find('qemu')), `vm/${find('qemu')}`],
    [again, `container/${former}`],
    [world.backup(unheard), undefined],
  ] as const) {
    expect(await lab.store.task(upid)).toBeNull();
    expect((await ask(upid)).id ?? undefined).toBe(id);
  }
});

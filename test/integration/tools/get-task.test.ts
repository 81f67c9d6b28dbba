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

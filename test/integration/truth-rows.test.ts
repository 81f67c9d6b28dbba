import { afterEach, beforeEach, expect, test } from 'vitest';
import type { World } from '../../src/simulator/index.ts';
import { type Lab, startLab } from '../support/lab.ts';
import { storyOf } from '../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  lab = await startLab({ guests: 16 });
  story = storyOf(lab);
  await lab.discover();
  await story();
  lab.sim.clock.advance(30_000);
});
afterEach(() => lab.close());

// Kills: comparing only some of what a row tells: the rest would wait until the configuration is old.
test.each<{ name: string; change: (world: World, vmid: number) => void; told: string }>([
  { name: 'status', change: (world, vmid) => world.start(vmid), told: 'status stopped -> running' },
  { name: 'name', change: (world, vmid) => world.rename(vmid, 'other'), told: 'name [^ ]+ -> other' },
  { name: 'tags', change: (world, vmid) => world.setTags(vmid, ['moved']), told: 'tags .* -> \\["moved"\\]' },
  {
    name: 'template',
    change: (world, vmid) => world.convertToTemplate(vmid),
    told: 'template false -> true',
  },
  { name: 'pool', change: (world, vmid) => world.setPool(vmid, 'dev'), told: 'pool .* -> dev' },
  { name: 'HA state', change: (world, vmid) => world.setHa(vmid, 'stopped'), told: 'ha null -> stopped' },
  { name: 'lock', change: (world, vmid) => world.setLock(vmid, 'suspended'), told: 'lock null -> suspended' },
])('a row that shows another $name is reason enough to look', async ({ change, told }) => {
  const { guests } = lab.sim.truth.state();
  const { vmid } = Object.values(guests).find(
    guest => guest.type === 'qemu' && guest.status === 'stopped' && !guest.template && guest.pool !== 'dev',
  )!;
  change(lab.sim.world, vmid);
  await lab.discover({ facets: ['inventory'] });
  const lines = (await story()).filter(line => line.startsWith(`vm/${vmid} updated`));
  expect(lines.join('\n')).toMatch(new RegExp(told));
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { World } from '../../../src/simulator/index.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { plainRunning, startStory, storyOf } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 16 }, 30_000));
});
afterEach(() => lab.close());

// Kills: comparing only some of what a row tells: the rest would wait until the configuration is old.
test.each<{ name: string; change: (world: World, vmid: number) => void; told: string }>([
  {
    name: 'status',
    change: (world, vmid) => world.start(vmid),
    told: 'started_at new \\| status stopped -> running',
  },
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

// Kills: "an uptime of 0 is none": asked within its first second, a guest that starts would seem restarted a look later.
test('a guest that is seen within the first second of its start started once', async () => {
  const [vmid] = lab.sim.world.find({ type: 'qemu', status: 'running', ha: false, template: false });
  lab.sim.world.stop(vmid!);
  await lab.discover();
  await story();
  lab.sim.clock.advance(120_000);
  lab.sim.world.start(vmid!);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | started_at moved | status stopped -> running`]);
  lab.sim.clock.advance(120_000);
  await lab.discover();
  expect(await story()).toEqual([]);
});

// Kills: "the row's boot time is the last one", though the row lags behind a restart that was told already.
test('a restart that was told is not told again once the rows show it', async () => {
  const slow = await startLab({ guests: 16, rowLagMs: 12_000 });
  try {
    const { world, clock } = slow.sim;
    const tell = storyOf(slow);
    clock.advance(600_000);
    await slow.discover();
    const vmid = plainRunning(slow);
    await tell();
    world.restart(vmid);
    clock.advance(2_000);
    // Tags show at once, so the guest is asked before its row knows of the restart.
    world.setTags(vmid, ['moved']);
    await slow.discover();
    expect(await tell()).toContain(`vm/${vmid} updated | started_at moved`);
    for (const ms of [4_300, 4_300, 20_400]) {
      clock.advance(ms);
      await slow.discover();
    }
    expect(await tell()).toEqual([]);
  } finally {
    await slow.close();
  }
});

// Kills: "a boot before the last one is that of a row that lags", also after our clock was set back.
test('a restart is told though our clock was set back since the boot before it', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.restart(vmid);
  lab.sim.clock.advance(12_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | started_at moved`]);
  lab.skew = -3_600_000;
  lab.sim.clock.advance(120_000);
  await lab.discover();
  expect(await story()).toEqual([]);
  lab.sim.clock.advance(600_000);
  lab.sim.world.restart(vmid);
  lab.sim.clock.advance(12_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | started_at moved`]);
});

// Kills: "the configuration differs from the row, so it changed": at the first look the row lags.
test('a guest renamed just before the first look has always had its new name', async () => {
  const slow = await startLab({ guests: 16, rowLagMs: 12_000 });
  try {
    const tell = storyOf(slow);
    const vmid = plainRunning(slow);
    slow.sim.world.rename(vmid, 'other');
    await slow.discover();
    slow.sim.clock.advance(30_000);
    await slow.discover();
    expect((await tell()).filter(line => !line.endsWith(' discovered'))).toEqual([]);
    expect((await slow.store.guest('vm', vmid))!.name).toBe('other');
  } finally {
    await slow.close();
  }
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lab } from '../../support/lab.ts';
import { startStory } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 16 }, 120_000));
});
afterEach(() => lab.close());

const stoppedVm = (node?: string) =>
  lab.sim.world.find({ type: 'qemu', status: 'stopped', template: false, ...(node && { node }) })[0]!;
/** A look that reads only the configurations that something gives reason to. */
const look = () => lab.discover({ facets: ['inventory', 'tasks'] });

// Kills: "the log names who was edited": a token may not read it, and then only a task tells.
test('a task is a sign that a configuration is due', async () => {
  lab.sim.world.setRights(lab.sim.tokens.full, [{ path: '/', role: 'PVEAuditor' }]);
  await lab.discover();
  lab.sim.clock.advance(120_000);
  const vmid = stoppedVm();
  lab.sim.world.snapshot(vmid, 'base', { user: 'alice@pve' });
  await look();
  expect(await story()).toEqual([`vm/${vmid} updated | snapshots.base new`]);
});

// Kills: "dated before the last reading, so it was read": clocks that seem to agree may differ by seconds.
test('an edit just after a reading is read, though its node dates it before', async () => {
  lab.sim.world.setClockOffset('pve2', -2_500);
  const vmid = stoppedVm('pve2') ?? lab.sim.world.createGuest({ type: 'qemu', node: 'pve2' }).vmid;
  await lab.discover({ deep: true });
  await story();
  lab.sim.clock.advance(1_000);
  lab.sim.world.editConfig(vmid, { description: 'edited' });
  lab.sim.clock.advance(60_000);
  await look();
  expect(await story()).toEqual([expect.stringMatching(`^vm/${vmid} updated . config.description`)]);
});

// Kills: an edit left out because nobody knows which clock its line was dated by.
test('an edit is read where the clock of its node was set around then', async () => {
  const vmid = stoppedVm('pve2') ?? lab.sim.world.createGuest({ type: 'qemu', node: 'pve2' }).vmid;
  await lab.discover({ deep: true });
  await story();
  lab.sim.clock.advance(200_000);
  lab.sim.world.setClockOffset('pve2', 60_000);
  lab.sim.world.editConfig(vmid, { description: 'edited' });
  lab.sim.clock.advance(120_000);
  await look();
  expect(await story()).toEqual([expect.stringMatching(`^vm/${vmid} updated . config.description`)]);
});

// Kills: "it was read in the future, so no edit is younger".
test('an edit is read though our clock was set back since the last reading', async () => {
  lab.skew = 3_600_000;
  await lab.discover({ deep: true });
  lab.skew = 0;
  lab.sim.clock.advance(120_000);
  const vmid = stoppedVm();
  lab.sim.world.editConfig(vmid, { description: 'edited' });
  await look();
  expect(await story()).toEqual([expect.stringMatching(`^vm/${vmid} updated . config.description`)]);
});

// Kills: "a configuration that names no parent has no snapshots": another branch may have stayed.
test('a snapshot on another branch stays when the root of both is deleted', async () => {
  const vmid = stoppedVm();
  lab.sim.world.snapshot(vmid, 'root');
  lab.sim.world.snapshot(vmid, 'branch');
  lab.sim.world.rollback(vmid, 'root');
  await lab.discover();
  await story();
  lab.sim.clock.advance(120_000);
  lab.sim.world.deleteSnapshot(vmid, 'root');
  await look();
  expect(await story()).toEqual([`vm/${vmid} updated | snapshots.root gone`]);
});

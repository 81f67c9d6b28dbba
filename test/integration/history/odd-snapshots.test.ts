import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectExact } from '../../support/exact.ts';
import type { Lab } from '../../support/lab.ts';
import { plainRunning, startStory } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }, 60_000));
});
afterEach(() => lab.close());

/** Looks every minute for so long. */
async function watch(minutes: number): Promise<string[]> {
  const lines: string[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    lab.sim.clock.advance(60_000);
    await lab.discover();
    lines.push(...(await story()));
  }
  return lines;
}

// Kills: "it is dated before the last look, so it was there then": it is dated when it begins.
test('a snapshot that takes minutes is told once it is whole, the first of a guest or not', async () => {
  const { world, truth } = lab.sim;
  const used = [
    { vmid: plainRunning(lab), type: 'vm' },
    { vmid: world.createGuest({ type: 'qemu', start: true }).vmid, type: 'vm', former: true },
    { vmid: plainRunning(lab, 'lxc'), type: 'container' },
  ] as const;
  for (const one of used) if ('former' in one) world.snapshot(one.vmid, 'former');
  await watch(1);
  for (const { vmid } of used) world.snapshot(vmid, 'memory', { vmstate: true, durationMs: 330_000 });
  expect(await watch(5)).toEqual([]);
  expect(await watch(2)).toEqual(
    used.map(({ type, vmid }) => `${type}/${vmid} updated | snapshots.memory new`).sort(),
  );
  const { at } = truth.events.at(-1)!;
  for (const version of await lab.store.versions({}, { limit: used.length }))
    expect(version.windowAfter).toBeLessThanOrEqual(at);
  await expectExact(lab);
});

test('a snapshot that fails after minutes was never there', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.snapshot(vmid, 'former');
  await watch(1);
  lab.sim.world.snapshot(vmid, 'memory', { vmstate: true, durationMs: 200_000, fail: 'out of space' });
  expect(await watch(5)).toEqual([]);
  await expectExact(lab);
});

test('a snapshot that takes minutes to be deleted is there until it is gone', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.snapshot(vmid, 'memory', { vmstate: true, durationMs: 200_000 });
  await watch(5);
  lab.sim.world.deleteSnapshot(vmid, 'memory', { durationMs: 200_000 });
  expect(await watch(3)).toEqual([]);
  expect(await watch(2)).toEqual([`vm/${vmid} updated | snapshots.memory gone`]);
  await expectExact(lab);
});

test('two snapshots in a row, the first of which took minutes, are both told', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.snapshot(vmid, 'slow', { vmstate: true, durationMs: 200_000 });
  lab.sim.clock.advance(150_000);
  await lab.discover();
  lab.sim.clock.advance(51_000);
  lab.sim.world.snapshot(vmid, 'quick');
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | snapshots.quick new | snapshots.slow new`]);
  await expectExact(lab);
});

// Kills: "it was listed at no look, so it is new": the guest was rolled back to it.
test.each([
  'qemu',
  'lxc',
] as const)('an old snapshot, overlooked until a %s is rolled back to it, is learnt', async type => {
  const { world, clock } = lab.sim;
  const { vmid } = world.createGuest({ type });
  for (const name of ['a', 'b']) world.snapshot(vmid, name);
  world.rollback(vmid, 'a');
  world.deleteSnapshot(vmid, 'a');
  clock.advance(600_000);
  await lab.discover();
  await story();
  clock.advance(600_000);
  world.rollback(vmid, 'b');
  await lab.discover();
  const lines = await story();
  expect(lines.filter(line => line.includes('snapshots.b new'))).toEqual([]);
});

// Kills: "the list could not be read, so there is none", and a window from the look that could not read it.
test('a snapshot made while their list is refused is told since the list was last read', async () => {
  const vmid = plainRunning(lab);
  lab.sim.world.snapshot(vmid, 'first');
  await lab.discover();
  await story();
  const read = lab.sim.clock.now();
  lab.sim.clock.advance(60_000);
  const remove = lab.sim.faults.add({ match: new RegExp(`/${vmid}/snapshot$`), kind: 'status', status: 500 });
  lab.sim.world.snapshot(vmid, 'second');
  expect(await watch(2)).toEqual([]);
  remove();
  lab.sim.world.editConfig(vmid, { description: 'now' });
  await lab.discover({ deep: true });
  expect(await story()).toEqual(
    [
      `vm/${vmid} updated | config.description null -> now`,
      `vm/${vmid} updated | snapshots.second new`,
    ].sort(),
  );
  const versions = await lab.store.versions({}, { limit: 2 });
  const told = versions.find(version => version.fields[0]!.path === 'snapshots.second');
  expect(told!.windowAfter).toBe(read);
  await expectExact(lab);
});

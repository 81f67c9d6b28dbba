import { afterEach, beforeEach, expect, test } from 'vitest';
import { unseenText } from '../../../src/model/unseen-text.ts';
import { expectExact } from '../../support/exact.ts';
import type { Lab } from '../../support/lab.ts';
import { startStory } from '../../support/story.ts';

const MINUTE = 60_000;
let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }, MINUTE));
});
afterEach(() => lab.close());

const CONFIG = { name: 'shown', tags: 'a;b', description: 'words', cores: 3 };

// Kills: what could not be read of a guest when it was first seen, taken for absent and then told as a change.
test('what could not be read of a new guest, whichever field that is, is learnt', async () => {
  const { world, clock, faults } = lab.sim;
  await lab.discover();
  await story();
  clock.advance(5 * MINUTE);
  const made = (['qemu', 'lxc'] as const).flatMap(type => {
    const key = type === 'qemu' ? 'name' : 'hostname';
    return [key, 'tags', 'description', 'cores', 'template'].map(field => {
      const { vmid } = world.createGuest({ type, name: CONFIG.name });
      world.editConfig(vmid, { description: CONFIG.description, cores: CONFIG.cores });
      world.setTags(vmid, ['a', 'b']);
      return { type, key, field, vmid, resource: type === 'qemu' ? ('vm' as const) : ('container' as const) };
    });
  });
  const odd = (row: { [field: string]: unknown }, name: string) => {
    if (name in row) row[name] = { odd: 1 };
  };
  for (const { vmid, field } of made)
    faults.add({
      match: new RegExp(`/${vmid}/pending$`),
      kind: 'alter',
      alter: (rows: { key: string; value?: unknown }[]) => {
        for (const row of rows) if (row.key === field) row.value = { odd: 1 };
      },
    });
  faults.add({
    match: '/cluster/resources',
    kind: 'alter',
    alter: (rows: { vmid?: number }[]) => {
      for (const { vmid, field } of made) {
        const row = rows.find(one => one.vmid === vmid);
        if (row) odd(row, field === 'hostname' ? 'name' : field);
      }
    },
  });
  await lab.discover();
  expect((await story()).filter(line => !line.includes('created'))).toEqual([]);
  faults.clear();
  clock.advance(6 * MINUTE);
  await lab.discover({ deep: true });
  expect((await story()).filter(line => !line.endsWith(' discovered'))).toEqual([]);
  for (const { resource, vmid, field } of made) {
    const row = (await lab.store.guest(resource, vmid))!;
    expect([row.name, row.tags], field).toEqual(['shown', ['a', 'b']]);
  }
  // From now on it is known, so another value is a change.
  clock.advance(6 * MINUTE);
  for (const { key, vmid } of made) {
    world.setTags(vmid, ['c']);
    world.editConfig(vmid, { [key]: `other-${vmid}`, description: 'more', cores: 4 });
  }
  await lab.discover({ deep: true });
  const lines = await story();
  for (const { resource, vmid, field } of made) {
    const told = lines.filter(line => line.startsWith(`${resource}/${vmid} `)).join(' | ');
    for (const what of [`name shown -> other-${vmid}`, 'config.description', 'tags'])
      expect(told, field).toContain(what);
  }
  await expectExact(lab);
});

// Kills: the last status of a guest on a dead node taken for what it is there, and its end for one after that look.
test('who is new on a node that is off has no status until that is back', async () => {
  const { world, clock } = lab.sim;
  const made = (['qemu', 'lxc'] as const).flatMap(type =>
    [true, false].map(start => world.createGuest({ type, node: 'pve2', start }).vmid),
  );
  clock.advance(15_000);
  world.nodeDown('pve2', { haRecovery: false });
  const look = async () => {
    await lab.discover();
    const lines = await story();
    const states = await Promise.all(made.map(vmid => guestOf(vmid)));
    return { lines: lines.filter(line => made.some(vmid => line.includes(`/${vmid} `))), states };
  };
  const dark = await look();
  expect(dark.lines.map(line => line.split(' ')[1])).toEqual(Array(4).fill('discovered'));
  for (const guest of dark.states)
    expect(guest).toMatchObject({ status: null, startedAt: null, unseenReason: { code: 'node-not-online' } });
  clock.advance(MINUTE);
  expect((await look()).lines).toEqual([]);
  world.nodeUp('pve2');
  clock.advance(MINUTE);
  const back = await look();
  expect(back.lines.filter(line => line.includes('updated'))).toEqual([]);
  expect(back.states.map(guest => guest!.status)).toEqual(Array(4).fill('stopped'));
  world.start(made[0]!);
  clock.advance(MINUTE);
  expect((await look()).lines).toEqual([
    `vm/${made[0]} updated | started_at new | status stopped -> running`,
  ]);
  await expectExact(lab);
});
const guestOf = async (vmid: number) =>
  (await lab.store.guest('vm', vmid)) ?? (await lab.store.guest('container', vmid));

// Kills: where a guest stands that only a minority tells of, which has not heard of what came after.
test('who is new on a node that a minority cannot reach is recorded once the majority tells', async () => {
  await lab.discover();
  await story();
  lab.sim.clock.advance(5 * MINUTE);
  const { vmid } = lab.sim.world.createGuest({ type: 'lxc', node: 'pve2' });
  lab.sim.world.quorumLoss();
  lab.sim.clock.advance(MINUTE);
  await lab.discover();
  expect(await lab.store.guest('container', vmid)).toBeNull();
  const [run] = await lab.store.runs([(await lab.store.lastRun())!.id]);
  expect(run!.unseen.map(one => unseenText(one.what))).toContain(`container/${vmid}`);
  lab.sim.world.quorumLoss(false);
  lab.sim.clock.advance(MINUTE);
  await lab.discover();
  expect(await story()).toContain(`container/${vmid} created`);
  await expectExact(lab);
});

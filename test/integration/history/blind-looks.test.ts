import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GuestType } from '../../../src/model/resource.ts';
import { expectExact, startedAt } from '../../support/exact.ts';
import type { Lab } from '../../support/lab.ts';
import { plainRunning, startStory } from '../../support/story.ts';

/*
 * Looks that cannot read what everybody ran, beside others that can. Only tasks tell a container from the next one of its
 * VMID, and a restart from going away and coming back: what such a look could not judge is left to the next that can.
 */

const AUDITOR = [{ path: '/', role: 'PVEAuditor' }];
const WITHOUT_TASKS = [...AUDITOR, { path: '/nodes', role: 'NoAccess' }];
const DAY = 86_400_000;

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }, 60_000));
  lab.sim.world.setRights(lab.sim.tokens.full, AUDITOR);
  await lab.discover();
  await story();
});
afterEach(() => lab.close());

const look = async (rights: typeof AUDITOR, pause = 60_000) => {
  lab.sim.clock.advance(pause);
  lab.sim.world.setRights(lab.sim.tokens.full, rights);
  await lab.discover({ deep: true });
  return story();
};
const newest = async (type: GuestType, vmid: number) =>
  (await lab.store.versions({ resource: { type, id: String(vmid) } }, { limit: 1 }))[0]!;
const otherNode = (node: string) => ['pve1', 'pve2', 'pve3'].find(one => one !== node)!;

describe('while the tasks of others cannot be read', () => {
  // Kills: the successor's settings told as edits of the one before.
  test('a container made anew is told as that by the next look that can', async () => {
    const vmid = plainRunning(lab, 'lxc');
    const { node, name } = lab.sim.truth.state().guests[`container/${vmid}`]!;
    lab.sim.world.stop(vmid);
    await look(AUDITOR);
    lab.sim.world.deleteGuest(vmid);
    lab.sim.clock.advance(5_000);
    lab.sim.world.createGuest({ vmid, type: 'lxc', node, name: name! });
    expect(await look(WITHOUT_TASKS)).toEqual([]);
    expect(await look(WITHOUT_TASKS)).toEqual([]);
    expect(await look(AUDITOR)).toEqual([`container/${vmid} created`, `container/${vmid} deleted`]);
    await expectExact(lab);
  });

  test('a container is edited, stopped and started as it was: its network card tells that it is the same', async () => {
    const vmid = plainRunning(lab, 'lxc');
    lab.sim.world.stop(vmid);
    lab.sim.world.editConfig(vmid, { memory: 3072 });
    const lines = await look(WITHOUT_TASKS);
    expect(lines.join()).toContain('status running -> stopped');
    expect(lines.join()).toContain('config.memory');
    await expectExact(lab);
  });

  // Kills: a new uptime taken for a restart by a look that could not see the migrations.
  test('a VM that went away and came back was not started anew', async () => {
    const vmid = plainRunning(lab);
    const home = lab.sim.truth.state().guests[`vm/${vmid}`]!.node;
    lab.sim.world.migrate(vmid, otherNode(home));
    lab.sim.clock.advance(20_000);
    lab.sim.world.migrate(vmid, home);
    expect(await look(WITHOUT_TASKS)).toEqual([]);
    expect(await look(AUDITOR)).toEqual([]);
    await expectExact(lab);
  });

  test('a VM that was started anew is told to have been, since it was last certain, once tasks tell', async () => {
    const vmid = plainRunning(lab);
    const seen = lab.sim.clock.now() + 60_000;
    await look(AUDITOR);
    lab.sim.world.restart(vmid);
    lab.sim.clock.advance(120_000);
    expect(await look(WITHOUT_TASKS)).toEqual([]);
    expect(await look(AUDITOR)).toEqual([`vm/${vmid} updated | started_at moved`]);
    expect((await newest('vm', vmid)).windowAfter).toBe(seen);
    const { told, real } = await startedAt(lab, 'vm', vmid);
    expect(Math.abs(told! - real!)).toBeLessThan(2_000);
    await expectExact(lab);
  });

  test('for longer than a day, there is nobody to wait for', async () => {
    const vmid = plainRunning(lab);
    expect(await look(WITHOUT_TASKS, DAY)).toEqual([]);
    lab.sim.world.restart(vmid);
    expect(await look(WITHOUT_TASKS, 120_000)).toEqual([`vm/${vmid} updated | started_at moved`]);
  });
});

// Kills: an uptime that could not be read taken for one that went on, and the restart dated after that look.
test('a restart is told since its start was last seen, not since its row was last read', async () => {
  const vmid = plainRunning(lab);
  const seen = lab.sim.clock.now() + 60_000;
  await look(AUDITOR);
  lab.sim.world.restart(vmid);
  lab.sim.clock.advance(90_000);
  const odd = (rows: { vmid?: number; uptime?: unknown }[]) => {
    for (const row of rows) if (row.vmid === vmid) row.uptime = { a: 1 };
  };
  lab.sim.faults.add({ match: '/cluster/resources', kind: 'alter', alter: odd });
  lab.sim.faults.add({
    match: new RegExp(`/${vmid}/status/current`),
    kind: 'alter',
    alter: (row: object) => ({ ...row, uptime: { a: 1 } }),
  });
  expect(await look(AUDITOR)).toEqual([]);
  lab.sim.faults.clear();
  expect(await look(AUDITOR)).toEqual([`vm/${vmid} updated | started_at moved`]);
  expect((await newest('vm', vmid)).windowAfter).toBe(seen);
  await expectExact(lab);
});

// Kills: a guest that runs and never began, since its first look told no uptime, or no status.
test.each([
  'uptime',
  'status',
])('of a guest whose first look told no %s it is learnt when it began', async field => {
  const { vmid } = lab.sim.world.createGuest({ type: 'lxc', node: 'pve2', start: true });
  const spoilt = (row: object) => ({ ...row, [field]: { a: 1 } });
  const inList = (rows: { vmid?: number }[]) => rows.map(row => (row.vmid === vmid ? spoilt(row) : row));
  lab.sim.faults.add({ match: '/cluster/resources', kind: 'alter', alter: inList });
  lab.sim.faults.add({
    match: new RegExp(`/${vmid}/status/current`),
    kind: 'alter',
    alter: spoilt,
  });
  await look(AUDITOR);
  lab.sim.faults.clear();
  await look(AUDITOR);
  const { told, real } = await startedAt(lab, 'container', vmid);
  expect(Math.abs(told! - real!)).toBeLessThan(15_000);
  const versions = await lab.store.versions(
    { resource: { type: 'container', id: String(vmid) } },
    { limit: 9 },
  );
  expect(versions.filter(({ change }) => change === 'updated')).toEqual([]);
  await expectExact(lab);
});

// Kills: what a minority lists taken for all there is: who came meanwhile was then "created" after that.
test('a guest that came while only a minority was seen came since the majority was last heard', async () => {
  const { world, clock } = lab.sim;
  const seen = clock.now();
  clock.advance(60_000);
  const { vmid } = world.createGuest({ type: 'qemu', node: 'pve3' });
  world.quorumLoss(true, { made: [vmid] });
  await look(AUDITOR);
  await look(AUDITOR, 120_000);
  world.quorumLoss(false);
  expect((await look(AUDITOR)).join()).toContain(`vm/${vmid} created`);
  const [created] = (
    await lab.store.versions({ resource: { type: 'vm', id: String(vmid) } }, { limit: 9 })
  ).reverse();
  expect(created!.windowAfter).toBeLessThanOrEqual(seen);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { plainRunning, startStory, storyOf } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }, 30_000));
});
afterEach(() => lab.close());

const find = (wanted: Parameters<Lab['sim']['world']['find']>[0]) =>
  lab.sim.world.find({ template: false, ...wanted })[0]!;
const ours = (type: 'qemu' | 'lxc') => (type === 'qemu' ? 'vm' : 'container');
const truthful = async () => expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
const elsewhere = (vmid: number) => {
  const { guests } = lab.sim.truth.state();
  return (guests[`vm/${vmid}`] ?? guests[`container/${vmid}`])!.node === 'pve1' ? 'pve2' : 'pve1';
};

// Kills: "a VMID is an identity". A container has no uuid: only its tasks tell.
test('a VMID that is given to a new guest, of either type after either, is a deletion and a creation', async () => {
  const kinds = ['qemu', 'lxc'] as const;
  const pairs = kinds.flatMap(was => kinds.map(is => ({ was, is })));
  const used = pairs.map(pair => {
    const vmid = lab.sim.world.find({ type: pair.was, template: false })[pair.is === 'qemu' ? 0 : 1]!;
    return { ...pair, vmid };
  });
  for (const { vmid, is } of used) lab.sim.world.reuseVmid(vmid, { type: is, name: `second-${vmid}` });
  await lab.discover({ facets: ['inventory'] });
  await lab.discover({ deep: true });
  const wanted = used.flatMap(({ vmid, was, is }) => [
    `${ours(was)}/${vmid} deleted`,
    `${ours(is)}/${vmid} created`,
  ]);
  expect(await story()).toEqual(wanted.sort());
  for (const { vmid, was, is } of used) {
    const versions = await lab.store.versions({ resource: { type: ours(is), id: String(vmid) } });
    expect(versions[0]!.incarnation, `${is} after ${was}`).toBe(was === is ? 2 : 1);
  }
  await truthful();
});

// Kills: hearing only guests whose row moved: who took over would be met a look later, too late to be known as new.
test('a container whose VMID is given to one that looks alike is deleted, and the other created', async () => {
  const { vmid } = lab.sim.world.createGuest({ type: 'lxc', name: 'twin' });
  await lab.discover();
  await story();
  lab.sim.clock.advance(120_000);
  lab.sim.world.reuseVmid(vmid, { type: 'lxc', name: 'twin' });
  lab.sim.clock.advance(120_000);
  await lab.discover({ facets: ['inventory', 'tasks'] });
  expect(await story()).toEqual([`container/${vmid} created`, `container/${vmid} deleted`]);
  await truthful();
});

// Kills: edits of the one before told of whom `pct restore --force` put in its place, without a destroy task.
test.each([
  ['another name', 'second'],
  ['the same name', 'first'],
])('a container that the backup of its predecessor is restored over is another one: %s', async (_, name) => {
  const { world, clock } = lab.sim;
  const { vmid } = world.createGuest({ type: 'lxc', name: 'first' });
  world.backup(vmid);
  clock.advance(1_000);
  world.reuseVmid(vmid, { type: 'lxc', name });
  await lab.discover({ deep: true });
  await story();
  clock.advance(120_000);
  world.restore(vmid, { user: 'alice@pve' });
  await lab.discover({ deep: true });
  const versions = await lab.store.versions({ resource: { type: 'container', id: String(vmid) } });
  expect(await story()).toEqual([`container/${vmid} created`, `container/${vmid} deleted`]);
  expect(versions[0]!.incarnation).toBe(2);
  const { history } = await lab.call('show_history', {
    resource: `container/${vmid}`,
    max_age_seconds: 3_600,
  });
  for (const change of ['deleted', 'created'])
    expect(history).toContainEqual(
      expect.objectContaining({
        change,
        causes: [expect.objectContaining({ type: 'vzrestore', user: 'alice@pve' })],
      }),
    );
  await truthful();
  world.backup(vmid);
  world.editConfig(vmid, { memory: 4096 });
  await lab.discover({ deep: true });
  await story();
  clock.advance(120_000);
  world.restore(vmid);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([expect.stringMatching(/updated \| config.memory/)]);
  await truthful();
});

// Kills: "a creation task for the VMID is the only one that gives it away": a clone's bears that of the original, and the log of a
// container's, on ZFS, does not tell what it made.
test.each([
  'qemu',
  'lxc',
] as const)('a %s whose file is lost, and a clone made in its place, are two', async type => {
  const { world } = lab.sim;
  const key = type === 'qemu' ? 'vm' : 'container';
  const original = type === 'qemu' ? find({ type, status: 'stopped' }) : world.createGuest({ type }).vmid;
  const { vmid } = world.cloneGuest(original);
  await lab.discover({ deep: true });
  await story();
  lab.sim.clock.advance(120_000);
  world.loseGuest(vmid);
  world.cloneGuest(original, { newid: vmid, name: 'twin' });
  lab.sim.clock.advance(60_000);
  await lab.discover({ facets: ['inventory', 'tasks'] });
  expect(await story()).toEqual([`${key}/${vmid} created`, `${key}/${vmid} deleted`]);
  await truthful();
});

// Kills: "the destroy task is judged only if its successor answers at once".
test('a container is deleted by its task even while whoever has its VMID now cannot be asked', async () => {
  const vmid = find({ type: 'lxc' });
  lab.sim.world.reuseVmid(vmid, { type: 'lxc', name: 'second' });
  lab.sim.faults.add({ match: new RegExp(`/lxc/${vmid}/(?:pending|config)$`), kind: 'status', times: 2 });
  await lab.discover();
  expect(await story()).toEqual([`container/${vmid} deleted`]);
  await lab.discover();
  expect(await story()).toEqual([`container/${vmid} created`]);
  await truthful();
});

// Kills: who a VM is taken for known where a part of that could not be read, so that another one is told as edits.
test('a VMID that is given to a new VM, of whose identity a part cannot be read at first, is a deletion and a creation', async () => {
  const { world, faults } = lab.sim;
  const keys = ['smbios1', 'vmgenid', 'meta'];
  const used = lab.sim.world.find({ type: 'qemu', template: false, ha: false }).slice(0, 5);
  const unread = [...keys.map(key => [key]), ['smbios1', 'meta'], ['smbios1', 'vmgenid']];
  expect(used).toHaveLength(unread.length);
  await lab.discover({ deep: true });
  for (const [n, vmid] of used.entries()) {
    // No task tells of it.
    world.loseGuest(vmid);
    world.createGuest({ vmid, type: 'qemu', name: `second-${vmid}` });
    const isOdd = (key: string) => unread[n]!.includes(key);
    faults.add({
      match: new RegExp(`/${vmid}/pending$`),
      kind: 'alter',
      alter: (rows: { key: string; value: unknown }[]) =>
        rows.map(row => (isOdd(row.key) ? { ...row, value: { odd: 1 } } : row)),
    });
  }
  faults.add({ match: /\/tasks$/, kind: 'status' });
  const ofUsed = async () =>
    (await story()).filter(line => used.some(vmid => line.startsWith(`vm/${vmid} `)));
  await ofUsed();
  lab.sim.clock.advance(30_000);
  await lab.discover({ deep: true });
  expect((await ofUsed()).filter(line => line.includes('updated'))).toEqual([]);
  faults.clear();
  lab.sim.clock.advance(30_000);
  await lab.discover({ deep: true });
  expect(await ofUsed()).toEqual(used.flatMap(vmid => [`vm/${vmid} created`, `vm/${vmid} deleted`]));
  await truthful();
});

// Kills: "another uuid is another guest", and "another vmgenid is".
test('an edited smbios uuid, a rollback and a restore are changes of the same VM', async () => {
  const { world } = lab.sim;
  const vmid = find({ type: 'qemu', status: 'stopped' });
  world.snapshot(vmid, 'base');
  await lab.discover();
  await story();
  world.editConfig(vmid, { smbios1: 'uuid=11111111-2222-4333-8444-555555555555' });
  await lab.discover({ deep: true });
  expect(await story()).toEqual([
    expect.stringMatching(new RegExp(`^vm/${vmid} updated \\| config.smbios1.uuid`)),
  ]);
  world.rollback(vmid, 'base');
  await lab.discover();
  expect(await story()).toEqual([expect.stringMatching(new RegExp(`^vm/${vmid} updated`))]);
  world.backup(vmid);
  world.restore(vmid);
  await lab.discover();
  expect((await story()).every(line => line.startsWith(`vm/${vmid} updated`))).toBe(true);
  await truthful();
});

// Kills: "gone from its node is gone" and "a new uptime is a restart".
test('a VM, and a stopped container, that migrate change their node and nothing else', async () => {
  const vmids = (
    [
      { type: 'qemu', status: 'running' },
      { type: 'qemu', status: 'stopped' },
      { type: 'lxc', status: 'stopped' },
    ] as const
  ).map(wanted => find({ ...wanted, ha: false }) ?? lab.sim.world.createGuest({ type: wanted.type }).vmid);
  await lab.discover();
  await story();
  for (const vmid of vmids) lab.sim.world.migrate(vmid, elsewhere(vmid));
  await lab.discover();
  const lines = await story();
  expect(lines).toHaveLength(3);
  for (const vmid of vmids)
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`^(vm|container)/${vmid} updated \\| node pve\\d -> pve\\d$`)),
    );
});

// Kills: "its boot is later than it was elsewhere": a VM's uptime begins anew where it came running, or paused.
test('a VM that moved was not started, though its uptime does not show at once, or while it is paused', async () => {
  const { world, clock } = lab.sim;
  const [runs, paused] = world.find({ template: false, type: 'qemu', status: 'running', ha: false }) as [
    number,
    number,
  ];
  world.suspend(paused);
  await lab.discover();
  await story();
  for (const vmid of [runs, paused]) world.migrate(vmid, elsewhere(vmid));
  await lab.discover();
  clock.advance(600_000);
  world.resume(paused);
  await lab.discover();
  const lines = await story();
  expect(lines.filter(line => line.includes('started_at'))).toEqual([]);
  expect(lines.filter(line => line.startsWith(`vm/${runs} `))).toHaveLength(1);
  expect(lines.filter(line => line.startsWith(`vm/${paused} `))).toHaveLength(2);
});

// Kills: "a later boot on the same node is a restart": a node is emptied for its own restart, and gets its guests back.
test('a VM that moved away and back between two looks was not started', async () => {
  const { world, clock } = lab.sim;
  const vmid = plainRunning(lab);
  const home = lab.sim.truth.state().guests[`vm/${vmid}`]!.node;
  clock.advance(600_000);
  world.migrate(vmid, elsewhere(vmid), { durationMs: 30_000 });
  clock.advance(600_000);
  world.migrate(vmid, home, { durationMs: 30_000 });
  clock.advance(600_000);
  await lab.discover();
  clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual([]);
  world.restart(vmid);
  clock.advance(30_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | started_at moved`]);
});

// Kills: "who runs on another node came there running": it may have been started since.
test('a VM that moved, and was restarted there before anybody looked, was started', async () => {
  const { world, clock } = lab.sim;
  const vmid = plainRunning(lab);
  world.migrate(vmid, elsewhere(vmid), { durationMs: 30_000 });
  clock.advance(600_000);
  world.restart(vmid);
  clock.advance(600_000);
  await lab.discover();
  expect(await story()).toEqual([
    expect.stringMatching(new RegExp(`^vm/${vmid} updated \\| node pve\\d -> pve\\d \\| started_at moved$`)),
  ]);
});

// Kills: "it runs since after the last migration that is known": of a node that hangs none are.
test('a VM that moved on from a node that hangs was not started', async () => {
  const { world, clock } = lab.sim;
  const vmid = world.createGuest({ type: 'qemu', node: 'pve1', start: true }).vmid;
  clock.advance(60_000);
  await lab.discover();
  await story();
  for (const node of ['pve2', 'pve3']) {
    world.migrate(vmid, node, { durationMs: 30_000 });
    clock.advance(600_000);
  }
  world.nodeFrozen('pve2');
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | node pve1 -> pve3`]);
});

// Kills: "who moved did not restart": a container is stopped to move.
test('a running container that migrates is started again', async () => {
  const { world } = lab.sim;
  const vmid = find({ type: 'lxc', status: 'running', ha: false });
  world.migrate(vmid, elsewhere(vmid));
  lab.sim.clock.advance(5_000);
  await lab.discover();
  expect(await story()).toEqual([
    expect.stringMatching(
      new RegExp(`^container/${vmid} updated \\| node pve\\d -> pve\\d \\| started_at moved$`),
    ),
  ]);
});

// Kills: "not on its node and not in the list, so deleted".
test('a guest that moved while the listing lacked it is not deleted', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  lab.sim.world.migrate(vmid, elsewhere(vmid));
  for (let turn = 0; turn < 4; turn++) {
    lab.sim.faults.add({ match: '/cluster/resources', kind: 'cut-list', keep: 0.4, times: 1 });
    await lab.discover({ facets: ['inventory'] });
  }
  await lab.discover();
  expect(await story()).toEqual([expect.stringMatching(`vm/${vmid} updated . node`)]);
});

// Kills: comparing whole configs as text, and reading `template` and disks as another guest.
test('a rename and a conversion to a template are updates', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  lab.sim.world.rename(vmid, 'golden');
  lab.sim.world.convertToTemplate(vmid);
  await lab.discover();
  const [line, ...more] = await story();
  expect(more).toEqual([]);
  expect(line).toMatch(/updated .*name .* -> golden.*template false -> true/);
  await truthful();
});

// Kills: "no task, no deletion".
test('a guest that vanishes without a trace, and one deleted by task, are deleted', async () => {
  const [vm, other] = lab.sim.world.find({ type: 'qemu', template: false });
  lab.sim.world.loseGuest(vm!);
  lab.sim.world.deleteGuest(other!);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vm} deleted`, `vm/${other} deleted`].sort());
});

// Kills: "new to us is new", and "a clone's task names the clone".
test('created, cloned and restored guests are created; a first look discovers', async () => {
  const { world } = lab.sim;
  const container = world.createGuest({ type: 'lxc' }).vmid;
  const clone = world.cloneGuest(find({ type: 'qemu' })).vmid;
  await lab.discover();
  expect(await story()).toEqual([`container/${container} created`, `vm/${clone} created`].sort());
  await truthful();
});

// Kills: "it is listed, so it can be recorded": what its row cannot tell, such as when it was made, would be lost.
test('a new guest of either type that cannot be asked at once is created all the same', async () => {
  const made = (['qemu', 'lxc'] as const).map(type => ({
    type,
    vmid: lab.sim.world.createGuest({ type }).vmid,
  }));
  // Long before the look that could not ask it, so that only the last whole one is old enough to prove it new.
  lab.sim.clock.advance(120_000);
  for (const { type, vmid } of made)
    lab.sim.faults.add({
      match: new RegExp(`/${type}/${vmid}/(?:pending|config)$`),
      kind: 'status',
      times: 2,
    });
  await lab.discover();
  expect(await story()).toEqual([]);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual(made.map(({ type, vmid }) => `${ours(type)}/${vmid} created`).sort());
  await truthful();
});

// Kills: a listing that was caught lying once and is believed about the others.
test('a short listing proves no deletion, not even a real one: the next whole one does', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  lab.sim.world.loseGuest(vmid);
  lab.sim.faults.add({ match: '/cluster/resources', kind: 'cut-list', keep: 0.4, times: 1 });
  await lab.discover({ facets: ['inventory'] });
  expect(await story()).toEqual([]);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} deleted`]);
  await truthful();
});

// Kills: "a destroy task is a deletion", whether it failed or not.
test('a destruction that failed deleted nobody', async () => {
  const vmid = find({ type: 'lxc', ha: false });
  lab.sim.world.deleteGuest(vmid, { fail: 'storage is busy' });
  await lab.discover();
  expect((await story()).filter(line => /(deleted|created)$/.test(line))).toEqual([]);
  await truthful();
});

// Kills: "a destroy task is a deletion" while it is still running.
test('a container is deleted when its destruction has ended, not when it begins', async () => {
  const vmid = find({ type: 'lxc', ha: false });
  lab.sim.world.deleteGuest(vmid, { durationMs: 60_000 });
  await lab.discover({ deep: true });
  expect((await story()).filter(line => /(deleted|created)$/.test(line))).toEqual([]);
  lab.sim.clock.advance(90_000);
  await lab.discover();
  expect(await story()).toEqual([`container/${vmid} deleted`]);
});

// Kills: "it was destroyed before we saw it": tasks are dated in whole seconds.
test('a container that is replaced in the second in which it was first seen is another one', async () => {
  lab.sim.clock.advance(900);
  const { vmid } = lab.sim.world.createGuest({ type: 'lxc' });
  await lab.discover();
  await story();
  lab.sim.clock.advance(50);
  lab.sim.world.reuseVmid(vmid, { type: 'lxc', name: 'second' });
  await lab.discover();
  expect(await story()).toEqual([`container/${vmid} created`, `container/${vmid} deleted`]);
});

// Kills: "a destroy task that is new to us is new": it destroyed whoever had the VMID before.
test('an old destruction that could not be read before deletes nobody', async () => {
  const fresh = await startLab({ guests: 16 });
  try {
    const { world, clock } = fresh.sim;
    const [vmid] = world.find({ type: 'lxc', ha: false, template: false });
    const { node } = fresh.sim.truth.state().guests[`container/${vmid}`]!;
    world.reuseVmid(vmid!, { type: 'lxc' });
    clock.advance(120_000);
    world.nodeFrozen(node);
    await fresh.discover();
    const tell = storyOf(fresh);
    await tell();
    world.nodeFrozen(node, false);
    clock.advance(60_000);
    await fresh.discover();
    expect((await tell()).filter(line => !line.includes(' discovered'))).toEqual([]);
    expect(await differencesFromTruth(fresh.store, fresh.sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: counting lives only where one follows another at once.
test('who gets a VMID that was free for a while begins another life', async () => {
  const vmid = find({ type: 'qemu', status: 'stopped' });
  lab.sim.world.deleteGuest(vmid);
  await lab.discover();
  lab.sim.clock.advance(60_000);
  lab.sim.world.createGuest({ vmid, type: 'qemu' });
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} created`, `vm/${vmid} deleted`]);
  const lives = await lab.store.versions({ resource: { type: 'vm', id: String(vmid) } });
  expect(lives[0]).toMatchObject({ change: 'created', incarnation: 2 });
});

// Kills: "the tasks were read, so whoever is at the VMID is who was there": not if it was given away meanwhile.
test('a container that is replaced after the tasks were read is no edit of the one before it', async () => {
  const vmid = find({ type: 'lxc', ha: false });
  lab.sim.requests.reset();
  const run = lab.discover({ deep: true });
  while (lab.sim.requests.count(/\/tasks$/) < 3 || lab.sim.requests.count(/pending$/) < 1)
    await new Promise(resolve => setImmediate(resolve));
  lab.sim.world.reuseVmid(vmid, { type: 'lxc', name: 'second' });
  await run;
  expect(lab.sim.requests.count(new RegExp(`/lxc/${vmid}/pending$`))).toBe(1);
  expect((await story()).filter(line => line.includes(' updated '))).toEqual([]);
  await lab.discover();
  const lives = await lab.store.versions({ resource: { type: 'container', id: String(vmid) } });
  expect(
    lives
      .map(one => one.change)
      .slice(0, 2)
      .sort(),
  ).toEqual(['created', 'deleted']);
  await truthful();
});

// Kills: "who has the same uuid was never gone".
test('a VM that is destroyed and restored between two looks was deleted and created', async () => {
  const { world } = lab.sim;
  const vmid = world.createGuest({ type: 'qemu', name: 'kept' }).vmid;
  world.backup(vmid);
  await lab.discover();
  await story();
  lab.sim.clock.advance(60_000);
  world.deleteGuest(vmid);
  lab.sim.clock.advance(60_000);
  world.restore(vmid);
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([`vm/${vmid} created`, `vm/${vmid} deleted`]);
  await truthful();
});

// Kills: "who shares the time of creation is the same VM": a clone has that of its template.
test.each([
  'before the tasks are read',
  'after',
] as const)('a clone that gives way to another one of the same template, %s, is deleted', async when => {
  const { world, requests } = lab.sim;
  const source = find({ type: 'qemu', status: 'stopped' });
  const { vmid } = world.cloneGuest(source, { name: 'clone' });
  await lab.discover();
  await story();
  lab.sim.clock.advance(120_000);
  requests.reset();
  const run = when === 'after' ? lab.discover({ deep: true }) : Promise.resolve();
  while (when === 'after' && (requests.count(/\/tasks$/) < 3 || requests.count(/pending$/) < 1))
    await new Promise(resolve => setImmediate(resolve));
  world.deleteGuest(vmid);
  world.cloneGuest(source, { newid: vmid, name: 'clone' });
  await run;
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([`vm/${vmid} created`, `vm/${vmid} deleted`]);
  expect((await lab.store.guest('vm', vmid))!.incarnation).toBe(2);
  await truthful();
});

// Kills: "the row tells of whoever has the VMID": it was that of the one before.
test('a VM that is replaced within a run has its own status, and its own pool or none', async () => {
  const vmids = lab.sim.world
    .find({ template: false, type: 'qemu', status: 'running', ha: false })
    .slice(0, 2) as [number, number];
  const asked = vmids.map(vmid => new RegExp(`/qemu/${vmid}/pending$`));
  lab.sim.requests.reset();
  for (const match of asked) lab.sim.faults.add({ match, kind: 'slow', delayMs: 200, times: 1 });
  const run = lab.discover({ deep: true });
  while (asked.some(match => lab.sim.requests.count(match) < 1))
    await new Promise(resolve => setImmediate(resolve));
  for (const vmid of vmids) lab.sim.world.reuseVmid(vmid, { type: 'qemu', name: `second-${vmid}` });
  lab.sim.world.setPool(vmids[0], null);
  lab.sim.world.setPool(vmids[1], 'dev');
  await run;
  await lab.discover();
  expect((await story()).filter(line => !line.endsWith(' discovered'))).toEqual(
    vmids.flatMap(vmid => [`vm/${vmid} created`, `vm/${vmid} deleted`]).sort(),
  );
  await truthful();
});

// Kills: "the row that led to the guest is the guest's": it is read after the listing.
test('a VM that is replaced after the listing has not the pool of the one before it', async () => {
  const { world, clock, requests } = lab.sim;
  const vmid = plainRunning(lab);
  world.setPool(vmid, 'dev');
  await lab.discover();
  await story();
  world.stop(vmid);
  clock.advance(60_000);
  requests.reset();
  const pending = new RegExp(`/qemu/${vmid}/pending$`);
  lab.sim.faults.add({ match: pending, kind: 'slow', delayMs: 200, times: 1 });
  const run = lab.discover();
  while (requests.count(pending) < 1) await new Promise(resolve => setImmediate(resolve));
  clock.advance(5_000);
  world.reuseVmid(vmid, { type: 'qemu', name: 'second' });
  await run;
  clock.advance(60_000);
  await lab.discover();
  expect((await story()).filter(line => !line.endsWith(' discovered'))).toEqual([
    `vm/${vmid} created`,
    `vm/${vmid} deleted`,
  ]);
  await truthful();
});

// Kills: "whoever takes over a VMID has no pool yet": by the time of the listing the one before was long gone.
test('a VM that was replaced before the listing is created in its pool', async () => {
  const vmid = find({ type: 'qemu', ha: false });
  lab.sim.world.reuseVmid(vmid, { type: 'qemu', name: 'second', pool: 'dev' });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  const [version] = await lab.store.versions({ resource: { type: 'vm', id: String(vmid) } }, { limit: 1 });
  expect(version).toMatchObject({ change: 'created', state: { pool: 'dev' } });
});

// Kills: "no destruction was read, so it moved": the list that tells of it could not be read.
test('a container made anew, elsewhere or where it stood, is told as such once the tasks of its node can be read', async () => {
  const { world, clock, faults } = lab.sim;
  const places = ['pve2', 'pve1'].map(to => ({
    to,
    vmid: world.createGuest({ type: 'lxc', node: 'pve1', config: { memory: 512 } }).vmid,
  }));
  clock.advance(60_000);
  await lab.discover();
  await story();
  clock.advance(60_000);
  for (const { vmid, to } of places) {
    world.deleteGuest(vmid);
    world.createGuest({ type: 'lxc', vmid, node: to, start: true, config: { memory: 1024 } });
  }
  faults.add({ match: '/nodes/pve1/tasks', kind: 'status', status: 596 });
  clock.advance(10_000);
  await lab.discover();
  expect(await story()).toEqual([]);
  faults.clear();
  clock.advance(10_000);
  await lab.discover();
  expect(await story()).toEqual(
    places.flatMap(({ vmid }) => [`container/${vmid} created`, `container/${vmid} deleted`]).sort(),
  );
});

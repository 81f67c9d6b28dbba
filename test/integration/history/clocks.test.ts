import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { newestCauses } from '../../support/newest-causes.ts';
import { storyOf } from '../../support/story.ts';

const MINUTE = 60_000;
let lab: Lab;
let story: () => Promise<string[]>;
const settle = async () => {
  await lab.discover();
  await story();
  lab.sim.clock.advance(2 * MINUTE);
};
beforeEach(async () => {
  lab = await startLab({ guests: 16 });
  story = storyOf(lab);
});
afterEach(() => lab.close());

/** A guest on pve2, whose clock is the one that goes wrong. */
const onPve2 = (wanted: Parameters<Lab['sim']['world']['find']>[0]) =>
  lab.sim.world.find({ template: false, ha: false, node: 'pve2', ...wanted })[0] ??
  lab.sim.world.createGuest({ node: 'pve2', type: wanted.type ?? 'qemu', start: wanted.status === 'running' })
    .vmid;

const causes = (vmid: number, back = 0) => newestCauses(lab, vmid, back);

describe.each([-5 * MINUTE, 5 * MINUTE])('on a node whose clock is %i ms off', offset => {
  beforeEach(() => lab.sim.world.setClockOffset('pve2', offset));

  // Kills: comparing the node's times with the cluster's.
  test('a change has the task for its cause that brought it about, and no other', async () => {
    const vmid = onPve2({ type: 'qemu', status: 'running' });
    await settle();
    lab.sim.world.restart(vmid, { user: 'carol@pve' });
    lab.sim.clock.advance(5 * MINUTE);
    await settle();
    lab.sim.world.stop(vmid, { user: 'alice@pve' });
    lab.sim.world.setTags(vmid, ['moved'], { user: 'bob@pve' });
    await lab.discover();
    const told = async (back: number) =>
      (await causes(vmid, back)).map(({ type, user }) => `${type} by ${user}`);
    expect(await told(0)).toEqual(['update: -tags moved by bob@pve']);
    expect(await told(1)).toEqual(['qmstop by alice@pve']);
    const listed = await lab.call('list_tasks', { resource: `vm/${vmid}`, since: '1m' });
    expect(listed.tasks.map((task: { type: string }) => task.type)).toEqual(['qmstop']);
  });

  // Kills: "a destroy task older than its guest destroyed the one before", and "created since" by another clock.
  test('births and deaths are told as they are', async () => {
    await settle();
    const container = lab.sim.world.createGuest({ node: 'pve2', type: 'lxc' }).vmid;
    await settle();
    const vm = lab.sim.world.createGuest({ node: 'pve2', type: 'qemu' }).vmid;
    const other = lab.sim.world.createGuest({ node: 'pve2', type: 'lxc' }).vmid;
    lab.sim.world.reuseVmid(container, { type: 'lxc', name: 'second' });
    await lab.discover();
    expect(await story()).toEqual(
      [
        `container/${container} created`,
        `container/${container} deleted`,
        `container/${other} created`,
        `vm/${vm} created`,
      ].sort(),
    );
    expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
  });

  // Kills: "a snapshot dated before the last look was there before".
  test('a snapshot that is taken is new, and a quiet edit is read', async () => {
    const vmid = onPve2({ type: 'qemu', status: 'stopped' });
    const edited = onPve2({ type: 'qemu', status: 'running' });
    await settle();
    lab.sim.world.snapshot(vmid, 'base');
    lab.sim.world.editConfig(edited, { tablet: 0 });
    await lab.discover({ facets: ['inventory', 'tasks'] });
    expect(await story()).toEqual(
      [`vm/${vmid} updated | snapshots.base new`, `vm/${edited} updated | config.tablet null -> 0`].sort(),
    );
  });
});

// Kills: "from the newest task on", where the node's clock was set back behind it; boot times by another clock.
test.each([
  -5 * MINUTE,
  5 * MINUTE,
])('a node whose clock is set by %i ms loses no task and restarts nothing', async ms => {
  lab.sim.world.setClockOffset('pve2', 0);
  const vmid = onPve2({ type: 'qemu', status: 'running' });
  lab.sim.world.restart(vmid);
  await settle();
  // The first look saw it without an uptime; this one learns when it began.
  await settle();
  lab.sim.world.setClockOffset('pve2', ms);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  lab.sim.clock.advance(20_000);
  lab.sim.world.stop(vmid, { user: 'alice@pve' });
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | status running -> stopped`]);
  const { rows } = await lab.store.tasks({ types: ['qmstop'] });
  expect(rows.map(task => task.user)).toContain('alice@pve');
  // Within minutes it is known how far the clock is off.
  lab.sim.clock.advance(6 * MINUTE);
  await lab.discover();
  lab.sim.world.start(vmid, { user: 'bob@pve' });
  await lab.discover();
  expect((await causes(vmid)).map(({ user }) => user)).toEqual(['bob@pve']);
});

// Kills: a known start dated anew by the clock as it is now, so that it lies after the look that saw it.
test("a start before its node's clock was set is no start since, when the VM moves", async () => {
  const vmid = onPve2({ type: 'qemu', status: 'stopped' });
  await settle();
  lab.sim.world.start(vmid);
  await lab.discover();
  await story();
  lab.sim.clock.advance(4.5 * MINUTE);
  lab.sim.world.setClockOffset('pve2', -4 * MINUTE);
  lab.sim.world.migrate(vmid, 'pve1', { durationMs: 5_000 });
  lab.sim.clock.advance(30_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | node pve2 -> pve1`]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: how far a node's clock is off forgotten because ours was set, where it may not be read again.
test('a VM is created though its node is 90 s behind, our clock was set, and nothing but guests may be seen', async () => {
  const { world, tokens } = lab.sim;
  world.setClockOffset('pve2', -90_000);
  lab.sim.clock.advance(6 * MINUTE);
  await settle();
  await lab.discover();
  await story();
  lab.sim.clock.advance(20_000);
  const { vmid } = world.createGuest({ node: 'pve2', type: 'qemu' });
  world.setRights(tokens.full, [{ path: '/vms', role: 'PVEAuditor' }]);
  lab.skew = 40_000;
  lab.sim.clock.advance(20_000);
  await lab.discover();
  expect((await story()).filter(line => line.startsWith(`vm/${vmid} `))).toEqual([`vm/${vmid} created`]);
});

// Kills: a task written by the clock as it was dated by the clock as it is, so that the VM was started since that migration.
test.each([
  { was: -90_000, is: 0, set: 'after' },
  { was: -90_000, is: 400_000, set: 'after' },
  { was: 400_000, is: 90_000, set: 'after' },
  { was: 0, is: -90_000, set: 'before' },
  { was: 400_000, is: 0, set: 'before' },
])("a VM that moved is no other one $set its node's clock was set from $was to $is ms", async ({
  was,
  is,
  set,
}) => {
  lab.sim.world.setClockOffset('pve2', was);
  const vmid = onPve2({ type: 'qemu', status: 'running' });
  lab.sim.clock.advance(5.5 * MINUTE);
  await settle();
  lab.sim.clock.advance(2 * MINUTE);
  await settle();
  const migrate = () => lab.sim.world.migrate(vmid, 'pve1', { durationMs: 20_000 });
  if (set === 'after') migrate();
  lab.sim.clock.advance(MINUTE);
  lab.sim.world.setClockOffset('pve2', is);
  lab.sim.clock.advance(MINUTE);
  if (set === 'before') migrate();
  lab.sim.clock.advance(set === 'after' ? 3 * MINUTE : 30_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | node pve2 -> pve1`]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: what was done by the clock as it was dated by the clock as it is, so that it began before the last look or after this one.
test.each([
  { was: 0, is: 400_000, gap: MINUTE / 2 },
  { was: -90_000, is: 0, gap: 10 * MINUTE },
  { was: 0, is: -90_000, gap: 10 * MINUTE },
  { was: 400_000, is: -60 * MINUTE, gap: MINUTE / 2 },
])('what was done keeps its moment and its author after its clock was set: %j', async ({ was, is, gap }) => {
  const { world, clock } = lab.sim;
  world.setClockOffset('pve2', was);
  const moved = onPve2({ type: 'qemu', status: 'stopped' });
  const edited = world.createGuest({ node: 'pve2', type: 'qemu', start: true }).vmid;
  clock.advance(5.5 * MINUTE);
  await settle();
  await settle();
  const started = clock.now();
  world.start(moved, { user: 'alice@pve' });
  world.stop(edited, { user: 'bob@pve' });
  world.setTags(edited, ['x'], { user: 'carol@pve' });
  clock.advance(MINUTE);
  world.migrate(moved, 'pve1', { durationMs: 5_000 });
  clock.advance(MINUTE / 2);
  world.setClockOffset('pve2', is);
  clock.advance(gap);
  // How far it was off before is known to a later process, too.
  if (gap > MINUTE) await lab.restart();
  await lab.discover({ deep: true });
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
  const guest = (await lab.store.guests('vm', { ids: [moved] })).rows[0]!;
  expect(Math.abs(guest.startedAt! - started)).toBeLessThan(5_000);
  const users = async (vmid: number, back: number) => (await causes(vmid, back)).map(({ user }) => user);
  expect(await users(edited, 1)).toEqual(['bob@pve']);
  expect((await users(moved, 0)).includes('alice@pve')).toBe(true);
  // Its line may be of either moment, and could then be of none of the looks in question.
  expect(['carol@pve', undefined]).toContain((await users(edited, 0))[0]);
});

describe('when the clock of the node that answers is set, or another node answers', () => {
  const HOUR = 60 * MINUTE;
  const everyNode = (offset: number) => {
    for (const node of ['pve1', 'pve2', 'pve3']) lab.sim.world.setClockOffset(node, offset);
  };

  // Kills: "from the newest task that is known": it is dated in the future, and what is run until then is never read.
  test('two hours back, no task is lost, and the one who stopped a guest is named', async () => {
    const { world, clock } = lab.sim;
    const vmid = onPve2({ type: 'qemu', status: 'running' });
    world.createGuest({ node: 'pve2' }, { user: 'carol@pve' });
    lab.skew = -2 * HOUR;
    await settle();
    clock.set(clock.now() - 2 * HOUR);
    lab.skew = 0;
    clock.advance(5 * MINUTE);
    world.stop(vmid, { user: 'alice@pve' });
    clock.advance(MINUTE);
    await lab.discover();
    expect(await causes(vmid)).toMatchObject([{ type: 'qmstop', user: 'alice@pve' }]);
    clock.advance(20 * MINUTE);
    world.start(vmid, { user: 'bob@pve' });
    clock.advance(3 * HOUR);
    await lab.discover();
    expect(await causes(vmid)).toMatchObject([{ type: 'qmstart', user: 'bob@pve' }]);
  });

  // Kills: asking from when a running task began by the clock of then, and taking it for forgotten where it is not listed.
  test('two hours back, a task that runs on runs on', async () => {
    const { world, clock } = lab.sim;
    const vmid = onPve2({ type: 'qemu', status: 'running' });
    everyNode(-2 * HOUR);
    const upid = world.snapshot(vmid, 'long', { durationMs: 9 * HOUR });
    clock.advance(HOUR);
    lab.skew = -2 * HOUR;
    await settle();
    // Another node answers, by whose clock it is two hours earlier.
    const ends = clock.now() + 7 * HOUR;
    clock.set(clock.now() - 2 * HOUR);
    everyNode(0);
    lab.skew = 0;
    for (let turn = 0; turn < 2; turn++) {
      clock.advance(MINUTE);
      await lab.discover();
      expect(await lab.store.task(upid)).toMatchObject({ status: 'running' });
    }
    clock.set(ends + 2 * HOUR);
    await lab.discover();
    expect(await lab.store.task(upid)).toMatchObject({ status: 'ok' });
  });

  // Kills: "a task that was not recorded around that time is new": an old destruction would be judged again.
  test('two hours on, an old destruction deletes nobody again', async () => {
    const { world, clock } = lab.sim;
    everyNode(2 * HOUR);
    lab.skew = 2 * HOUR;
    const vmid = onPve2({ type: 'lxc' });
    await settle();
    world.reuseVmid(vmid, { type: 'lxc', name: 'second' });
    await settle();
    clock.advance(HOUR);
    world.start(vmid);
    await settle();
    clock.advance(2 * HOUR);
    everyNode(0);
    lab.skew = 0;
    await lab.discover();
    expect(await story()).toEqual([]);
  });
});

// Kills: "half an hour ago" by our clock among tasks that are dated by the cluster's.
test.each([
  -60 * MINUTE,
  60 * MINUTE,
])('recent tasks are listed though our clock is %i ms off', async skew => {
  lab.skew = skew;
  const vmid = onPve2({ type: 'qemu', status: 'running' });
  await settle();
  lab.sim.world.stop(vmid, { user: 'alice@pve' });
  lab.sim.clock.advance(MINUTE);
  const { tasks } = await lab.call('list_tasks', { since: '30m', until: 'now' });
  expect(tasks).toContainEqual(expect.objectContaining({ type: 'qmstop', user: 'alice@pve' }));
  const { history } = await lab.call('show_history', { since: '30m' });
  expect(history).toContainEqual(expect.objectContaining({ type: 'qmstop', user: 'alice@pve' }));
});

// Kills: moments of looks taken for exact, where the clock that dates edits is known to half a second.
test.each([
  -60_000, 60_000,
])('who edits right after a look is named where our clock is %i ms off', async skew => {
  lab.skew = skew;
  const { clock, world } = lab.sim;
  const vmid = onPve2({ type: 'qemu' });
  const within = (second: number) => clock.set(Math.ceil(clock.now() / 1000) * 1000 + second);
  const named = [];
  within(50);
  for (const [tag, later] of [20, 60, 90].entries()) {
    await lab.discover({ deep: true });
    within(900);
    await lab.discover({ deep: true });
    clock.advance(later);
    world.editProperty(vmid, 'net0', 'tag', String(70 + tag), { user: 'bob@pve' });
    clock.advance(300);
    await lab.discover({ deep: true });
    named.push(...(await causes(vmid)).map(({ user }) => user));
  }
  expect(named).toEqual(['bob@pve', 'bob@pve', 'bob@pve']);
});

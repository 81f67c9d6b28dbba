import { afterEach, beforeEach, expect, test } from 'vitest';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { startStory, storyOf } from '../../support/story.ts';

const ALL = [{ path: '/', role: 'Administrator' }];
const AUDITOR = [{ path: '/', role: 'PVEAuditor' }];
const PROD_ONLY = [{ path: '/pool/prod', role: 'PVEVMUser' }];

let lab: Lab;
let story: () => Promise<string[]>;
const allow = (acl: Parameters<Lab['sim']['world']['setRights']>[1]) =>
  lab.sim.world.setRights(lab.sim.tokens.full, acl);
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }));
});
afterEach(() => lab.close());

// Kills: "what a 200 answer lacks was deleted", and "what appears was created".
test.each([
  { name: 'to one pool', acl: PROD_ONLY },
  { name: 'to nothing', acl: [] },
])('rights narrowed $name and widened again make no history', async ({ acl }) => {
  allow(acl);
  const run = await lab.discover({ deep: true });
  expect(run.unseen.map(one => one.reason)).toContainEqual({ code: 'no-right' });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  allow(ALL);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "what the token may not see is not there", told as a cluster without guests.
test('a token that may see nothing is told apart from a cluster that is empty', async () => {
  const blind = await startLab({ guests: 12, token: 'none' });
  try {
    const { attention } = await blind.call('get_cluster_status');
    expect(attention).toContainEqual({ what: 'guests', why: expect.stringContaining('VM.Audit') });
    for (const tool of ['list_vms', 'list_containers'])
      expect((await blind.call(tool)).hint).toMatch(/can be seen.*VM\.Audit/);
  } finally {
    await blind.close();
  }
});

// Kills: "everything that appears with new rights is new", told as created.
test('what a narrow token first sees when its rights grow is discovered, not created', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    fresh.sim.world.setRights(fresh.sim.tokens.full, PROD_ONLY);
    await fresh.discover();
    const tell = storyOf(fresh);
    await tell();
    fresh.sim.world.setRights(fresh.sim.tokens.full, ALL);
    fresh.sim.clock.advance(60_000);
    await fresh.discover({ deep: true });
    expect((await tell()).filter(line => !/ discovered$/.test(line))).toEqual([]);
    expect(await differencesFromTruth(fresh.store, fresh.sim)).toEqual([]);
    expect((await fresh.store.cluster())!.rootFingerprint).not.toBeNull();
  } finally {
    await fresh.close();
  }
});

// Kills: "the newest task that is known ends what has been read": one's own are listed without the right to the others'.
test.each([
  { facet: 'tasks', narrow: 'later', skew: 0 },
  { facet: 'inventory', narrow: 'later', skew: 0 },
  // Nor "by the newest complete list", where there never was one, nor by the time our clock showed then.
  { facet: 'tasks', narrow: 'from the start', skew: 0 },
  { facet: 'tasks', narrow: 'later', skew: 7_200_000 },
] as const)('tasks that ran while rights were narrow are read when these grow: %j', async ({
  facet,
  narrow,
  skew,
}) => {
  if (narrow === 'from the start') {
    await lab.close();
    lab = await startLab({ guests: 12 });
    allow(PROD_ONLY);
  }
  lab.skew = skew;
  const { world, clock, tokens } = lab.sim;
  const vmid = world.find({ type: 'qemu', status: 'running', ha: false, template: false })[0]!;
  const { node } = lab.sim.truth.state().guests[`vm/${vmid}`]!;
  const on = (type: 'qemu') =>
    world.find({ type, node, template: false, ha: false }).find(id => id !== vmid)!;
  await lab.discover();
  allow(PROD_ONLY);
  clock.advance(60_000);
  const upid = world.stop(vmid, { user: 'alice@pve' });
  clock.advance(3_600_000);
  world.snapshot(on('qemu'), 'own', { user: tokens.full.split('=')[0]! });
  clock.advance(60_000);
  await lab.discover();
  expect(await lab.store.task(upid)).toBeNull();
  expect((await lab.store.tasks({ node }, undefined, { limit: 1 })).rows[0]!.type).toBe('qmsnapshot');
  allow(ALL);
  await lab.discover({ facets: [facet] });
  await lab.discover();
  expect(await lab.store.task(upid)).not.toBeNull();
});

// Kills: "a row without `pool` left its pool".
test('losing sight of a pool takes no guest out of it, and costs no reading of its guests', async () => {
  allow([...AUDITOR, { path: '/pool', role: 'NoAccess' }]);
  await lab.discover();
  lab.sim.requests.reset();
  await lab.discover({ facets: ['inventory'] });
  expect(lab.sim.requests.count(/pending$/)).toBe(0);
  allow(ALL);
  await lab.discover();
  expect(await story()).toEqual([]);
});

// Kills: "rights are the same as at the last look, so its pool is new", though its node was off at that look.
test('the pool of a guest whose node was off while rights grew is learnt, not joined', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    const { world, tokens, clock } = fresh.sim;
    world.setRights(tokens.full, [...AUDITOR, { path: '/pool', role: 'NoAccess' }]);
    await fresh.discover();
    world.nodeDown('pve3', { haRecovery: false });
    world.setRights(tokens.full, ALL);
    await fresh.discover();
    const tell = storyOf(fresh);
    await tell();
    world.nodeUp('pve3');
    clock.advance(60_000);
    await fresh.discover();
    expect((await fresh.store.guests('vm', { node: 'pve3' })).rows.some(guest => guest.pool)).toBe(true);
    expect((await tell()).filter(line => line.includes(' pool '))).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "no clock was set since the last look": that look could not see everyone.
test('a clock that is set while guests are out of sight restarts none of them', async () => {
  allow(PROD_ONLY);
  await lab.discover();
  lab.skew = 3_600_000;
  await lab.discover();
  allow(ALL);
  await lab.discover({ deep: true });
  await lab.discover();
  expect(await story()).toEqual([]);
});

// Kills: "its time of creation is after the last look", by the clock of a node that is ahead.
test('a hidden VM made before the last look is discovered, though its node dates it after', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    const { world, tokens, clock } = fresh.sim;
    world.setClockOffset('pve2', 300_000);
    world.setRights(tokens.full, [...AUDITOR, { path: '/vms', role: 'NoAccess' }]);
    const { vmid } = world.createGuest({ type: 'qemu', node: 'pve2' });
    clock.advance(180_000);
    await fresh.discover();
    clock.advance(60_000);
    world.setRights(tokens.full, ALL);
    const tell = storyOf(fresh);
    await fresh.discover();
    expect(await tell()).toContain(`vm/${vmid} discovered`);
  } finally {
    await fresh.close();
  }
});

// Kills: asking again only the first of many that are out of sight.
test('a guest that is gone is found out among many that stay out of sight', async () => {
  const many = await startLab({ guests: 60 });
  try {
    const { world, tokens } = many.sim;
    await many.discover();
    world.setRights(tokens.full, []);
    await many.discover();
    const tell = storyOf(many);
    await tell();
    const vmid = world.find({ type: 'qemu', ha: false, template: false }).at(-1)!;
    world.deleteGuest(vmid);
    world.setRights(tokens.full, [{ path: `/vms/${vmid}`, role: 'PVEAuditor' }]);
    for (let turn = 0; turn < 4; turn++) await many.discover({ facets: ['inventory'] });
    expect(await tell()).toEqual([`vm/${vmid} deleted`]);
  } finally {
    await many.close();
  }
});

// Kills: ignoring the pool altogether.
test('a guest that leaves its pool, and a pool that is removed, are recorded', async () => {
  const { guests } = lab.sim.truth.state();
  const pools = [...new Set(Object.values(guests).flatMap(guest => guest.pool ?? []))];
  const first = Object.values(guests).find(guest => guest.pool === pools[0])!;
  lab.sim.world.setPool(first.vmid, null);
  lab.sim.world.removePool(pools[1]!);
  await lab.discover();
  const lines = await story();
  expect(lines).toContain(`${first.resource} updated | pool ${pools[0]} -> null`);
  expect(lines.some(line => line.includes(`pool ${pools[1]} -> null`))).toBe(true);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "a guest out of sight stays out of sight": the register of VMIDs tells everybody.
test('a guest deleted while it was out of sight is noticed when sight returns', async () => {
  allow(PROD_ONLY);
  await lab.discover();
  const hidden = Object.values(lab.sim.truth.state().guests).find(guest => guest.pool !== 'prod')!;
  lab.sim.world.deleteGuest(hidden.vmid);
  await lab.discover();
  expect(await story()).toEqual([]);
  allow(ALL);
  await lab.discover();
  expect(await story()).toEqual([`${hidden.resource} deleted`]);
});

// Kills: "storages that vanish from the list were removed, those that appear were added".
test('losing and regaining the right to storages makes no history', async () => {
  allow([...AUDITOR, { path: '/storage', role: 'NoAccess' }]);
  await lab.discover();
  allow(ALL);
  await lab.discover();
  expect(await story()).toEqual([]);
});

// Kills: "rights are compared with the last look", though that look could not ask everyone it newly saw.
test('what new rights show, but could not be asked at first, is still discovered', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    const { sim } = fresh;
    sim.world.setRights(sim.tokens.full, []);
    await fresh.discover({ facets: ['inventory'] });
    const tell = storyOf(fresh);
    await tell();
    const made = sim.world.createGuest({ type: 'qemu', node: 'pve2' });
    // A clone's task bears its source's vmid: it might have made anything that appears. And a clone looks as old as its source.
    sim.world.cloneGuest(sim.world.find({ type: 'qemu', node: 'pve2' })[0]!);
    sim.world.setRights(sim.tokens.full, ALL);
    sim.faults.add({ match: /^\/nodes\/pve1\//, kind: 'status', status: 595, times: 1 });
    await fresh.discover({ facets: ['inventory'] });
    await fresh.discover({ deep: true });
    expect((await tell()).filter(line => / (created|deleted)$/.test(line))).toEqual([
      `vm/${made.vmid} created`,
    ]);
    expect(await differencesFromTruth(fresh.store, sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "its restore was seen, so it is new": it was there all along, only out of sight.
test('a hidden guest that is restored while rights grow is discovered, not created', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    const { sim } = fresh;
    sim.world.setRights(sim.tokens.full, PROD_ONLY);
    await fresh.discover();
    const tell = storyOf(fresh);
    await tell();
    sim.clock.advance(120_000);
    const hidden = Object.values(sim.truth.state().guests).filter(guest => guest.pool !== 'prod');
    for (const guest of hidden) sim.world.restore(guest.vmid);
    sim.world.setRights(sim.tokens.full, ALL);
    await fresh.discover();
    expect((await tell()).filter(line => !/ discovered$/.test(line))).toEqual([]);
    expect(await differencesFromTruth(fresh.store, sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "it appeared while something was cloned, so it is the clone": for a token of a pool, guests come into sight by joining it.
test.each([
  { type: 'qemu', ours: 'vm' },
  { type: 'lxc', ours: 'container' },
] as const)('a $type that joins the pool a token may see, while others are cloned, is discovered', async ({
  type,
  ours,
}) => {
  const narrow = await startLab({ guests: 16 });
  try {
    const { world, clock, tokens } = narrow.sim;
    world.setRights(tokens.full, [{ path: '/nodes', role: 'PVEAuditor' }, ...PROD_ONLY]);
    const [joining, cloned] = world.find({ type, ha: false, template: false });
    for (const vmid of world.find({})) world.setPool(vmid, 'dev');
    await narrow.discover();
    const tell = storyOf(narrow);
    await tell();
    clock.advance(3_600_000);
    world.cloneGuest(cloned!);
    world.setPool(joining!, 'prod');
    clock.advance(60_000);
    await narrow.discover();
    expect(await tell()).toEqual([`${ours}/${joining} discovered`]);
    const made = world.createGuest({ type, pool: 'prod' }).vmid;
    clock.advance(60_000);
    await narrow.discover();
    expect(await tell()).toEqual([`${ours}/${made} created`]);
  } finally {
    await narrow.close();
  }
});

// Kills: "the guest was seen a minute ago, so it changed its pool since": the pool was out of sight for a day.
test('a pool that changed while it was out of sight changed since it was last in sight', async () => {
  const { world, clock } = lab.sim;
  const [vmid] = world.find({ type: 'qemu', template: false }) as [number];
  world.setPool(vmid, 'dev');
  await lab.discover();
  await story();
  const inSight = clock.now();
  allow([...AUDITOR, { path: '/pool', role: 'NoAccess' }]);
  clock.advance(60_000);
  await lab.discover();
  world.setPool(vmid, 'prod');
  clock.advance(86_400_000);
  await lab.discover();
  allow(ALL);
  clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | pool dev -> prod`]);
  const resource = { type: 'vm', id: String(vmid) } as const;
  const [version] = await lab.store.versions({ resource }, { limit: 1 });
  expect(version!.windowAfter).toBe(inSight);
});

// Kills: "every token sees all nodes, so one that appears has joined": without Sys.Audit nobody noticed the list was short.
test('a node that a short list left out is found when rights are wider, and did not join', async () => {
  await lab.close();
  lab = await startLab({ guests: 4 });
  allow([{ path: '/', role: 'PVEVMUser' }]);
  const remove = lab.sim.faults.add({ match: '/cluster/resources', kind: 'cut-list', keep: 0.1 });
  await lab.discover();
  remove();
  expect((await lab.store.nodes()).length).toBeLessThan(3);
  story = storyOf(lab);
  await story();
  allow(ALL);
  await lab.discover();
  const lines = (await story()).filter(line => line.startsWith('node/'));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter(line => !line.endsWith(' discovered'))).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "it runs no more, so it is done": a destruction that goes out of sight has freed nothing yet.
test.each([
  'qemu',
  'lxc',
] as const)('a %s that is being destroyed while the token sees nothing is gone once it is', async type => {
  const { world, clock } = lab.sim;
  const vmid = world.find({ type, ha: false, template: false })[0]!;
  if (world.find({ status: 'running' }).includes(vmid)) world.stop(vmid);
  clock.advance(20_000);
  await lab.discover();
  await story();
  world.deleteGuest(vmid, { durationMs: 600_000 });
  clock.advance(20_000);
  await lab.discover();
  allow([]);
  clock.advance(20_000);
  await lab.discover();
  allow(ALL);
  clock.advance(20_000);
  await lab.discover();
  expect(await story()).toEqual([]);
  clock.advance(600_000);
  await lab.discover();
  expect(await story()).toEqual([`${type === 'qemu' ? 'vm' : 'container'}/${vmid} deleted`]);
});

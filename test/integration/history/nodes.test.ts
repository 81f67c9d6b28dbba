import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reasonText } from '../../../src/model/reason-text.ts';
import { clusterTime, ourTime } from '../../../src/model/time.ts';
import { unseenText } from '../../../src/model/unseen-text.ts';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { newestCauses } from '../../support/newest-causes.ts';
import { times } from '../../support/soak.ts';
import { plainRunning, startStory, storyOf } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 12 }));
});
afterEach(() => lab.close());

/** A guest that runs on pve3. */
const onLost = () =>
  Object.values(lab.sim.truth.state().guests).find(
    guest => guest.node === 'pve3' && guest.status === 'running' && guest.ha === null,
  )!.resource;

// Kills: "a guest whose calls fail is gone" and "one failing node fails the run".
test('a frozen node costs sight of its guests, nothing else', async () => {
  lab.sim.world.nodeFrozen('pve3');
  const run = await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  expect(run.status).toBe('completed');
  expect(run.unseen.map(one => unseenText(one.what)).join()).toContain('pve3');
});

// Kills: "the first run needs every node".
test('a node that is frozen at the first look does not keep the others from being recorded', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    fresh.sim.world.nodeFrozen('pve1');
    await fresh.discover();
    expect((await fresh.store.nodes()).map(node => node.id)).toEqual(['pve1', 'pve2', 'pve3']);
    fresh.sim.world.nodeFrozen('pve1', false);
    const tell = storyOf(fresh);
    await tell();
    await fresh.discover({ deep: true });
    expect((await tell()).filter(line => !line.includes(' discovered'))).toEqual([]);
    expect(await differencesFromTruth(fresh.store, fresh.sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "status is what the row says" (stale at first, `unknown` later) and "a missing field was removed".
test('a node that goes off is one change; its guests are shown as last known, before and after their rows are emptied', async () => {
  lab.sim.world.nodeDown('pve3', { haRecovery: false });
  await lab.discover();
  expect(await story()).toEqual(['node/pve3 updated | status online -> offline']);
  lab.sim.clock.advance(360_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  const guest = (await lab.store.guests('vm', { node: 'pve3' })).rows[0]!;
  expect(guest.unseenReason).toEqual({ code: 'node-not-online', node: 'pve3' });
  expect(guest.name).not.toBeNull();
  expect(guest.status).not.toBe('unknown');
});

// Kills: "the node is back, so its rows are right at once", and restarts seen in stale uptimes.
test('a node that comes back tells which guests had stopped', async () => {
  const ran = onLost();
  lab.sim.world.nodeDown('pve3', { haRecovery: false });
  lab.sim.clock.advance(400_000);
  await lab.discover();
  await story();
  lab.sim.world.nodeUp('pve3');
  await lab.discover();
  const lines = await story();
  expect(lines).toContain(`${ran} updated | status running -> stopped`);
  expect(
    lines.filter(
      line => !/^(vm|container)\/\d+ updated \| (status running -> stopped|started_at moved)$/.test(line),
    ),
  ).toEqual(['node/pve3 updated | started_at moved | status offline -> online']);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "whoever /cluster/status calls offline is offline": a minority cannot know.
test('without quorum nothing is concluded about other nodes or their guests', async () => {
  lab.sim.world.quorumLoss();
  await lab.discover({ deep: true });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual([]);
  expect((await lab.store.cluster())!.quorate).toBe(false);
});

// Kills: "not told that there is no quorum, so there is": a token may not read it, and a list may lack it.
test.each([
  'status',
  'nulldata',
] as const)('nothing is concluded about other nodes where the quorum cannot be read (%s)', async kind => {
  lab.sim.world.quorumLoss();
  lab.sim.faults.add({
    match: '/cluster/status',
    kind,
    status: 403,
    ...(kind === 'nulldata' && { times: 1 }),
  });
  await lab.discover().catch(() => {});
  expect((await story()).filter(line => line.startsWith('node/'))).toEqual([]);
});

// Kills: "from unknown to online is a change": the first look was that of a node that was cut off.
test('nodes and guests that were first seen without quorum are discovered, not changed', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    const tell = storyOf(fresh);
    fresh.sim.world.quorumLoss();
    await fresh.discover();
    fresh.sim.world.quorumLoss(false);
    await fresh.discover({ deep: true });
    expect((await tell()).filter(line => !line.endsWith(' discovered'))).toEqual([]);
    expect(await differencesFromTruth(fresh.store, fresh.sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "the register of VMIDs has the last word", also that of a node that is cut off: its files stand still.
test('a guest that the majority made is not deleted when a node that was cut off before answers', async () => {
  const { vmid } = lab.sim.world.createGuest({ type: 'qemu', node: 'pve2' });
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} created`]);
  lab.sim.world.quorumLoss(true, { made: [vmid] });
  await lab.discover();
  await lab.discover({ deep: true });
  lab.sim.world.quorumLoss(false);
  await lab.discover();
  expect(await story()).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "nobody said that there is no quorum": a token that may not read it cannot know, but can count.
test('nothing is concluded about other nodes where the token may not read the quorum', async () => {
  const { world, tokens } = lab.sim;
  world.setRights(tokens.full, [{ path: '/vms', role: 'PVEAuditor' }]);
  const { vmid } = world.createGuest({ type: 'qemu', node: 'pve2' });
  await lab.discover();
  await story();
  world.quorumLoss(true, { made: [vmid] });
  await lab.discover();
  expect(await story()).toEqual([]);
  world.quorumLoss(false);
  world.deleteGuest(vmid);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} deleted`]);
});

// Kills: "the guest itself is the witness", also the one that a node still has which was cut off when it moved or was deleted.
test('a node that is cut off brings no guest back that the majority moved or deleted', async () => {
  const { world } = lab.sim;
  const { vmid: moved } = world.createGuest({ type: 'qemu', node: 'pve1' });
  const { vmid: deleted } = world.createGuest({ type: 'qemu', node: 'pve1' });
  await lab.discover();
  world.migrate(moved, 'pve2');
  world.deleteGuest(deleted);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  await story();
  // What pve1 remembers.
  world.quorumLoss(true);
  world.migrate(moved, 'pve1');
  world.createGuest({ type: 'qemu', vmid: deleted, node: 'pve1' });
  lab.sim.clock.advance(60_000);
  const run = await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  const about = run.unseen.filter(one => [`vm/${moved}`, `vm/${deleted}`].includes(unseenText(one.what)));
  expect(about.map(one => one.reason)).toEqual(Array(2).fill({ code: 'no-quorum' }));
  world.deleteGuest(deleted);
  world.migrate(moved, 'pve2');
  world.quorumLoss(false);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual([]);
});

// Kills: "who answers knows the cluster's files": those of a node that is cut off are of then.
test('a node that is cut off undoes no change of storages and pools that the majority made', async () => {
  const { world, clock } = lab.sim;
  const vmid = plainRunning(lab);
  const extra = { storage: 'extra', type: 'nfs', content: ['iso'], shared: true, options: {} };
  world.migrate(vmid, 'pve2');
  world.migrate(vmid, 'pve1');
  world.addStorage(extra);
  world.setPool(vmid, 'dev');
  world.setHa(vmid, 'started');
  await lab.discover();
  await story();
  // What pve1 remembers.
  world.quorumLoss(true);
  world.removeStorage('extra');
  world.addStorage({ ...extra, storage: 'old' });
  world.setStorageDisabled('nas', true);
  world.setPool(vmid, null);
  world.setHa(vmid, null);
  clock.advance(60_000);
  const run = await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  expect(run.unseen.map(one => one.what)).toContainEqual({ code: 'storage-definitions' });
  world.removeStorage('old');
  world.addStorage(extra);
  world.setStorageDisabled('nas', false);
  world.setPool(vmid, 'dev');
  world.setHa(vmid, 'started');
  world.quorumLoss(false);
  clock.advance(60_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "one list of nodes is enough": the two are asked for apart, and the cut may heal in between.
test('nodes that look offline from a node that rejoins its cluster within the same run were not', async () => {
  const answered = () =>
    lab.sim.requests.list.some(({ path, status }) => path === '/cluster/resources' && status === 200);
  lab.sim.world.quorumLoss();
  lab.sim.requests.reset();
  lab.sim.faults.add({ match: '/cluster/status', kind: 'slow', delayMs: 200, times: 1 });
  const run = lab.discover();
  await vi.waitUntil(answered, { interval: 1 });
  lab.sim.world.quorumLoss(false);
  await run;
  expect((await lab.store.cluster())!.quorate).toBe(true);
  await lab.discover();
  expect(await story()).toEqual([]);
});

/** How many guests of a node no run can see now. */
const unmeasured = async () =>
  (await lab.store.guests('vm', { node: 'pve2' })).rows.filter(
    guest => guest.unseenReason?.code === 'node-without-status',
  ).length;

// Kills: "the node is online, so its guests' rows are right", though it failed to measure them.
test('guests whose rows are empty on a node that is online, but does not tell them, are shown as last known', async () => {
  lab.sim.world.guestsUnmeasured('pve2');
  lab.sim.faults.add({ match: '/nodes/pve2/qemu', kind: 'status', status: 500, reason: 'got timeout' });
  lab.sim.clock.advance(360_000);
  await lab.discover({ facets: ['inventory'] });
  expect(await unmeasured()).toBeGreaterThan(0);
  await lab.discover({ deep: true });
  lab.sim.faults.clear();
  await lab.discover();
  expect(await unmeasured()).toBe(0);
  expect(await story()).toEqual([]);
});

// Kills: "an empty row tells nothing", though the node's own list and the guest do.
test('guests whose rows are empty are read at their node, and what happens to them is told', async () => {
  lab.sim.world.guestsUnmeasured('pve2');
  lab.sim.clock.advance(360_000);
  await lab.discover({ facets: ['inventory'] });
  expect(await unmeasured()).toBe(0);
  expect(await story()).toEqual([]);
  const [vmid] = lab.sim.world.find({ type: 'qemu', node: 'pve2', status: 'running', ha: false });
  lab.sim.world.shutdownInside(vmid!);
  lab.sim.clock.advance(31_000);
  await lab.discover({ facets: ['inventory'] });
  expect((await lab.store.guest('vm', vmid!))!.status).toBe('stopped');
  expect(await story()).toEqual([expect.stringContaining(`vm/${vmid}`)]);
});

// Kills: "an empty row has no tags and the status `unknown`", where the row is all there is.
test('guests whose configuration could not be read yet lose nothing to empty rows', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    const { world, clock } = fresh.sim;
    world.nodeFrozen('pve2');
    await fresh.discover();
    const tell = storyOf(fresh);
    await tell();
    world.nodeFrozen('pve2', false);
    world.guestsUnmeasured('pve2');
    clock.advance(360_000);
    await fresh.discover();
    world.guestsUnmeasured('pve2', false);
    await fresh.discover();
    expect((await tell()).filter(line => !line.endsWith(' discovered'))).toEqual([]);
    expect(await differencesFromTruth(fresh.store, fresh.sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "whatever the first row says is the status": from `unknown` to `running` nothing happened.
test('a guest whose row is empty at the first look has no status until it shows one', async () => {
  const fresh = await startLab({ guests: 12 });
  try {
    fresh.sim.world.guestsUnmeasured('pve2');
    fresh.sim.clock.advance(360_000);
    await fresh.discover();
    const tell = storyOf(fresh);
    expect(JSON.stringify((await fresh.store.versions({})).map(version => version.state))).not.toContain(
      '"status":"unknown"',
    );
    await tell();
    fresh.sim.world.guestsUnmeasured('pve2', false);
    await fresh.discover();
    expect((await tell()).filter(line => !line.endsWith(' discovered'))).toEqual([]);
    expect(await differencesFromTruth(fresh.store, fresh.sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "guests of a node that is gone are out of sight for ever".
test('a node that leaves the cluster is deleted with its guests', async () => {
  lab.sim.world.removeNode('pve3');
  await lab.discover();
  expect((await story()).every(line => line.endsWith(' deleted'))).toBe(true);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "what /cluster/resources lacks has left".
test.each([
  [['/cluster/resources']],
  [['/cluster/status']],
  [['/cluster/resources', '/cluster/status']],
])('a short %s removes and adds no node', async paths => {
  // Rows come in another order each time: often enough, the same node is missing everywhere.
  for (const keep of [0.05, ...Array(times(2, 20)).fill(0.75), 0.9]) {
    for (const match of paths) lab.sim.faults.add({ match, kind: 'cut-list', keep, times: 1 });
    await lab.discover({ facets: ['inventory'] }).catch(() => {});
    await lab.discover({ facets: ['inventory'] });
  }
  expect(await story()).toEqual([]);
});

// Kills: "who came from another node came running": a dead node sends nobody. Nor is a guest restarted that left in time.
test.each([
  { when: 'after its node was seen dead', restarted: true },
  { when: 'just before its node went off', restarted: false },
])('a VM that moved $when: restarted $restarted', async ({ restarted }) => {
  const { world, clock } = lab.sim;
  const [vmid] = world.find({ type: 'qemu', status: 'running', ha: true });
  const { node } = lab.sim.truth.state().guests[`vm/${vmid}`]!;
  clock.advance(60_000);
  // Blind for a moment, which is not dead.
  world.quorumLoss();
  await lab.discover();
  world.quorumLoss(false);
  if (!restarted) world.migrate(vmid!, node === 'pve1' ? 'pve2' : 'pve1');
  world.nodeDown(node);
  clock.advance(30_000);
  await lab.discover();
  clock.advance(300_000);
  await lab.discover();
  const lines = (await story()).filter(line => line.startsWith(`vm/${vmid} `));
  expect(lines).toEqual([
    expect.stringMatching(
      restarted ? /\| node pve\d -> pve\d \| started_at moved$/ : /\| node pve\d -> pve\d$/,
    ),
  ]);
});

// Kills: "it stood on a dead node, so it was started elsewhere": that was but cut off, or nobody saw where the guest stood.
test.each([
  { seen: 'on a node that was but cut off', tasks: true },
  { seen: 'nowhere', tasks: true },
  { seen: 'nowhere', tasks: false },
])('a VM seen $seen, that had left before its node died, was not restarted (tasks of others: $tasks)', async ({
  seen,
  tasks,
}) => {
  const fresh = await startLab({ guests: 8 });
  try {
    const { world, clock, faults } = fresh.sim;
    const story = storyOf(fresh);
    if (!tasks) world.setRights(fresh.sim.tokens.full, [{ path: '/vms', role: 'PVEAuditor' }]);
    await fresh.discover();
    await story();
    const vmid = plainRunning(fresh);
    const { node } = fresh.sim.truth.state().guests[`vm/${vmid}`]!;
    clock.advance(60_000);
    const leave = () => {
      world.migrate(vmid, node === 'pve1' ? 'pve2' : 'pve1');
      clock.advance(60_000);
      world.nodeDown(node, { haRecovery: false });
    };
    if (seen === 'nowhere') leave();
    faults.add({
      match: /cluster\/(?:resources|status)$/,
      kind: 'alter',
      alter: data =>
        (data as Record<string, unknown>[]).flatMap(row => {
          if (seen === 'nowhere') return row['vmid'] === vmid ? [] : [row];
          const isNode = row['type'] === 'node' && (row['node'] ?? row['name']) === node;
          return [isNode ? { ...row, status: 'offline', online: 0 } : row];
        }),
    });
    await fresh.discover();
    faults.clear();
    if (seen !== 'nowhere') leave();
    clock.advance(30_000);
    await fresh.discover();
    const lines = (await story()).filter(line => line.startsWith(`vm/${vmid} `));
    expect(lines).toEqual([expect.stringMatching(/^vm\/\d+ updated \| node pve\d -> pve\d$/)]);
  } finally {
    await fresh.close();
  }
});

// Kills: "the node was seen a moment ago, so it was upgraded since".
test.each([
  'full',
  'none',
] as const)('an upgrade lies between two looks at the version (token: %s)', async token => {
  const fresh = await startLab({ guests: 8, token });
  try {
    const { world, clock } = fresh.sim;
    await fresh.discover();
    const [before] = await fresh.store.nodes();
    clock.advance(3_600_000);
    world.setNodeVersion(before!.id, '9.9.9');
    const upgraded = clock.now();
    clock.advance(3_600_000);
    await fresh.discover({ facets: ['inventory'] });
    clock.advance(60_000);
    await fresh.discover({ facets: ['details'] });
    const [version] = await fresh.store.versions({ resource: { type: 'node', id: before!.id } });
    expect(version!.fields).toEqual([{ path: 'version', from: before!.pveVersion, to: '9.9.9' }]);
    expect(version!.windowAfter).toBe(upgraded - 3_600_000);
    expect(version!.windowBefore).toBe(clock.now());
  } finally {
    await fresh.close();
  }
});

// Kills: "what is unseen is what the last run could not see": it may not have looked, or be under way.
test('an answer names what its own facets could not see, whatever was run since or is running', async () => {
  const seen = async (tool: string, args = {}) =>
    ((await lab.call(tool, args)).unseen ?? []).map((one: { what: string }) => one.what);
  lab.sim.clock.advance(60_000);
  lab.sim.world.nodeFrozen('pve3');
  expect(await seen('list_storage')).toEqual(['storages seen from node pve3']);
  await lab.discover({ facets: ['inventory'] });
  expect(await seen('list_storage')).toEqual(['storages seen from node pve3']);
  expect(await seen('list_vms')).toEqual([]);
  lab.sim.world.nodeFrozen('pve3', false);
  lab.sim.world.nodeDown('pve3', { haRecovery: false });
  lab.sim.clock.advance(60_000);
  lab.sim.requests.reset();
  lab.sim.faults.add({ match: /pending$/, kind: 'slow', delayMs: 500 });
  const run = lab.discover({ deep: true });
  while (lab.sim.requests.count(/pending$/) === 0) await new Promise(resolve => setImmediate(resolve));
  expect(await seen('list_vms')).toEqual([expect.stringContaining('guests on node pve3')]);
  expect((await lab.store.lastRun())!.status).toBe('running');
  await run;
});

// Kills: "it has not ended, so it runs": as the cause of all that happens to the guest elsewhere from then on.
test('a task that ran on a node that died neither runs on nor causes what others do later', async () => {
  const { world, clock } = lab.sim;
  const vmid = plainRunning(lab);
  const { node } = lab.sim.truth.state().guests[`vm/${vmid}`]!;
  world.setHa(vmid, 'started');
  await lab.discover();
  const upid = world.snapshot(vmid, 'x', { user: 'mallory@pve', durationMs: 600_000 });
  clock.advance(20_000);
  await lab.discover();
  world.nodeDown(node);
  clock.advance(20_000);
  await lab.discover({ facets: ['inventory'] });
  expect((await lab.call('list_tasks', { result: 'running' })).tasks).toEqual([]);
  expect((await lab.call('get_cluster_status')).tasks).toEqual({ running: 0, failed_24h: 0 });
  clock.advance(600_000);
  await lab.discover();
  clock.advance(600_000);
  world.setTags(vmid, ['moved'], { user: 'alice@pve' });
  await lab.discover();
  expect((await newestCauses(lab, vmid)).map(({ user }) => user)).toEqual(['alice@pve']);
  // The node itself tells how it ended.
  world.nodeUp(node);
  clock.advance(60_000);
  await lab.discover();
  expect(await lab.store.task(upid)).toMatchObject({ status: 'error', exitStatus: 'unexpected status' });
});

// Kills: "the node does not list it any more, so nothing is new": it would run for ever.
test('a task that its node has forgotten ran until then', async () => {
  const [template] = (await lab.store.tasks({ node: 'pve1' }, undefined, { limit: 1 })).rows;
  const upid = 'UPID:pve1:0000FFFF:0000FFFF:6AFFE258:qmstart:101:alice@pve:';
  const startTime = lab.sim.clock.now() - 60_000;
  const lease = (await lab.store.acquireLease('test', 1_000))!;
  await lab.store.commitFacet(
    lease,
    {
      runId: (await lab.store.lastRun())!.id,
      facet: 'tasks',
      observedAt: ourTime(startTime),
      complete: true,
    },
    commit =>
      commit.upsertTasks([
        {
          ...template!,
          upid,
          startTime: clusterTime(startTime),
          status: 'running',
          endTime: null,
          exitStatus: null,
        },
      ]),
  );
  await lab.store.releaseLease(lease);
  await lab.discover();
  expect(await lab.store.task(upid)).toMatchObject({ status: 'error', exitStatus: 'unknown' });
});

// Kills: handing on the failure of whichever request found the node silent, with another guest's path in it.
test('who cannot be seen on a node that hangs is told of the node, not of another guest', async () => {
  const { world } = lab.sim;
  for (const vmid of world.find({ node: 'pve2' })) world.setTags(vmid, ['moved']);
  world.nodeFrozen('pve2');
  const run = await lab.discover({ deep: true });
  const guests = run.unseen.filter(one => /guest|vm|container/.test(unseenText(one.what)));
  expect(guests).not.toEqual([]);
  for (const { reason } of guests)
    expect(reasonText(reason)).toBe('node pve2 does not answer: 596 Connection timed out');
  // What any node can tell is asked of one that answers.
  expect(run.unseen.map(one => one.what)).not.toContainEqual({ code: 'backups-on', source: 'nas' });
});

// Kills: "its boot is not known, so it was never booted anew": nothing would ever tell it.
test('a node that was off at the first look has its boots told as any other', async () => {
  await lab.close();
  lab = await startLab({ guests: 8 });
  lab.sim.world.nodeDown('pve3');
  lab.sim.clock.advance(60_000);
  await lab.discover();
  story = storyOf(lab);
  await story();
  const nodeLines = async () => (await story()).filter(line => line.startsWith('node/pve3 updated'));
  lab.sim.clock.advance(120_000);
  lab.sim.world.nodeUp('pve3');
  lab.sim.clock.advance(120_000);
  await lab.discover();
  expect(await nodeLines()).toEqual(['node/pve3 updated | status offline -> online']);
  lab.sim.clock.advance(600_000);
  lab.sim.world.nodeDown('pve3');
  lab.sim.clock.advance(60_000);
  lab.sim.world.nodeUp('pve3');
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await nodeLines()).toEqual(['node/pve3 updated | started_at moved']);
});

// Kills: "some lists were read, so all tasks are known".
test('a node whose tasks cannot be read is named, and the tasks are not all', async () => {
  const complete = async () => (await lab.store.lastCommit('tasks'))!.complete;
  expect(await complete()).toBe(true);
  lab.sim.faults.add({ match: '/nodes/pve2/tasks', kind: 'status', times: 1 });
  const run = await lab.discover({ facets: ['tasks'] });
  expect(run.unseen.map(one => one.what)).toEqual([{ code: 'tasks', node: 'pve2' }]);
  expect(await complete()).toBe(false);
  await lab.discover({ facets: ['tasks'] });
  expect(await complete()).toBe(true);
});

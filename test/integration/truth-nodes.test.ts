import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { differencesFromTruth } from '../support/compare-truth.ts';
import { type Lab, startLab } from '../support/lab.ts';
import { storyOf } from '../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  lab = await startLab({ guests: 12 });
  story = storyOf(lab);
  await lab.discover();
  await story();
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
  expect(run.unseen.map(one => one.what).join()).toContain('pve3');
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
test('a node that goes off is one change; its guests stand as last known, before and after their rows are emptied', async () => {
  lab.sim.world.nodeDown('pve3', { haRecovery: false });
  await lab.discover();
  expect(await story()).toEqual(['node/pve3 updated | status online -> offline']);
  lab.sim.clock.advance(360_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
  const guest = (await lab.store.guests('vm', { node: 'pve3' })).rows[0]!;
  expect(guest.unseenReason).toBe('node pve3 is not online');
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
test.each(['status', 'nulldata'] as const)('nor where the quorum cannot be read (%s)', async kind => {
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
  (await lab.store.guests('vm', { node: 'pve2' })).rows.filter(guest =>
    guest.unseenReason?.includes('does not report'),
  ).length;

// Kills: "the node is online, so its guests' rows are right", though it failed to measure them.
test('guests whose rows are empty on a node that is online stand as last known', async () => {
  lab.sim.world.guestsUnmeasured('pve2');
  lab.sim.clock.advance(360_000);
  await lab.discover({ facets: ['inventory'] });
  expect(await unmeasured()).toBeGreaterThan(0);
  await lab.discover({ deep: true });
  lab.sim.world.guestsUnmeasured('pve2', false);
  await lab.discover();
  expect(await unmeasured()).toBe(0);
  expect(await story()).toEqual([]);
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
  for (const keep of [0.05, ...Array(20).fill(0.75), 0.9]) {
    for (const match of paths) lab.sim.faults.add({ match, kind: 'cut-list', keep, times: 1 });
    await lab.discover({ facets: ['inventory'] }).catch(() => {});
    await lab.discover({ facets: ['inventory'] });
  }
  expect(await story()).toEqual([]);
});

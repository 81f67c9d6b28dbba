import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StorageState } from '../../../src/model/state.ts';
import { differencesFromTruth } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { startStory, storyOf } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
beforeEach(async () => {
  ({ lab, story } = await startStory({ guests: 4 }, 30_000));
});
afterEach(() => lab.close());

const EXTRA = { storage: 'extra', type: 'nfs', content: ['iso'], shared: true, options: {} };

// Kills: "a storage whose rows vanish was removed".
test('a disabled storage is disabled, and enabled again', async () => {
  lab.sim.world.setStorageDisabled('nas', true);
  await lab.discover();
  expect(await story()).toEqual(['storage/nas updated | enabled true -> false']);
  lab.sim.world.setStorageDisabled('nas', false);
  await lab.discover();
  expect(await story()).toEqual(['storage/nas updated | enabled false -> true']);
});

// Kills: "it was enabled when its definition was read, so a node that shows it inactive cannot reach it".
test('a storage that is disabled between the two answers was never out of reach', async () => {
  const answered = () =>
    lab.sim.requests.list.some(({ path, status }) => path === '/storage' && status === 200);
  lab.sim.requests.reset();
  lab.sim.faults.add({ match: /^\/nodes\/pve\d\/storage$/, kind: 'slow', delayMs: 200, times: 3 });
  const run = lab.discover({ facets: ['storage'] });
  await vi.waitUntil(answered, { interval: 1 });
  lab.sim.world.setStorageDisabled('nas', true);
  await run;
  expect(await story()).toEqual([]);
  await lab.discover();
  expect(await story()).toEqual(['storage/nas updated | enabled true -> false']);
});

// Kills: "0 bytes is its size" and "the cluster's row says available".
test('an unreachable storage keeps its last size and says from where it cannot be reached', async () => {
  const size = async () => (await lab.store.storages()).find(one => one.id === 'nas')!.totalBytes;
  const before = await size();
  expect(before).toBeGreaterThan(0);
  lab.sim.world.setStorageUnreachable('nas', true);
  await lab.discover();
  lab.sim.clock.advance(400_000);
  await lab.discover();
  expect(await story()).toEqual(['storage/nas updated | unreachable [] -> ["pve1","pve2","pve3"]']);
  expect(await size()).toBe(before);
  lab.sim.world.setStorageUnreachable('nas', false);
  await lab.discover();
  expect(await story()).toEqual(['storage/nas updated | unreachable ["pve1","pve2","pve3"] -> []']);
});

test('why a storage cannot be reached is told in the words of Proxmox, with the outage', async () => {
  const fields = async () =>
    (await lab.call('show_history', { resource: 'storage/nas' })).history[0]!.fields.map(
      one => `${one.path} ${JSON.stringify(one.from)} -> ${JSON.stringify(one.to)}`,
    );
  const said = `"storage 'nas' is not online"`;
  lab.sim.world.setStorageUnreachable('nas', true, ['pve1', 'pve2']);
  await lab.discover();
  expect(await fields()).toEqual([
    'unreachable [] -> ["pve1","pve2"]',
    `unreachable_reasons.pve1 null -> ${said}`,
    `unreachable_reasons.pve2 null -> ${said}`,
  ]);
  const { resource } = await lab.call('get_resource', { resource: 'storage/nas' });
  expect(resource.unreachable_reasons).toEqual({
    pve1: "storage 'nas' is not online",
    pve2: "storage 'nas' is not online",
  });
  const { findings } = await lab.call('check_health', { check: 'storage-unreachable' });
  expect(findings[0]!.evidence.said).toEqual(["storage 'nas' is not online"]);
  // It is asked again after a quarter of an hour, and not with each look.
  lab.sim.requests.reset();
  await lab.discover({ facets: ['storage'] });
  expect(lab.sim.requests.count(/storage\/nas\/content$/)).toBe(0);
  // Another number in it is no other reason, another text is one.
  for (const [reason, told] of [
    [
      'mount error: exit code 32',
      [
        `unreachable_reasons.pve1 ${said} -> "mount error: exit code 32"`,
        `unreachable_reasons.pve2 ${said} -> "mount error: exit code 32"`,
      ],
    ],
    ['mount error: exit code 33', null],
  ] as const) {
    const remove = lab.sim.faults.add({ match: /nas\/content$/, kind: 'status', status: 500, reason });
    lab.sim.clock.advance(1_000_000);
    const before = await lab.store.countVersions({ type: 'storage' });
    await lab.discover({ facets: ['storage'] });
    if (told === null) expect(await lab.store.countVersions({ type: 'storage' })).toBe(before);
    else expect(await fields()).toEqual(told);
    remove();
  }
  lab.sim.world.setStorageUnreachable('nas', false);
  await lab.discover();
  expect((await fields())[0]).toBe('unreachable ["pve1","pve2"] -> []');
  expect((await lab.store.details('storage_reason')).length).toBe(0);
});

// Kills: "no row, no storage" the other way round: added and removed ones must be told.
test('storages that are added and removed are created and deleted', async () => {
  lab.sim.world.addStorage(EXTRA);
  await lab.discover();
  expect(await story()).toEqual(['storage/extra created']);
  lab.sim.world.removeStorage('extra');
  await lab.discover();
  expect(await story()).toEqual(['storage/extra deleted']);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "what /storage lacks is gone, what it has more is new", even at the very first look.
test('a short list of storages neither removes nor adds one', async () => {
  const fresh = await startLab({ guests: 4 });
  try {
    const tell = storyOf(fresh);
    for (const keep of [0.5, 0.2, 0.8]) {
      fresh.sim.faults.add({ match: '/storage', kind: 'cut-list', keep, times: 1 });
      await fresh.discover();
      await fresh.discover();
    }
    const lines = (await tell()).filter(line => line.startsWith('storage/'));
    expect(lines.filter(line => !line.endsWith(' discovered'))).toEqual([]);
    expect(new Set(lines).size).toBe(lines.length);
    expect(await differencesFromTruth(fresh.store, fresh.sim)).toEqual([]);
  } finally {
    await fresh.close();
  }
});

// Kills: "a node that does not answer has lost its storages".
test('a node that is off or hangs keeps its view of storages', async () => {
  lab.sim.world.nodeFrozen('pve2');
  lab.sim.world.nodeDown('pve3');
  await lab.discover();
  expect((await story()).filter(line => line.startsWith('storage/'))).toEqual([]);
  const nas = (await lab.store.versions({ resource: { type: 'storage', id: 'nas' } }))[0]!;
  expect((nas.state as StorageState).unreachable).toEqual([]);
});

// Kills: "the storage was seen a minute ago, so it happened since": its node had not told for hours.
test('a storage lost by a node that hangs was lost at some time since that node last told', async () => {
  const { world, clock } = lab.sim;
  const lastTold = clock.now();
  await lab.discover();
  world.nodeFrozen('pve2');
  for (let turn = 0; turn < 3; turn++) {
    clock.advance(1_800_000);
    if (turn === 1) world.setStorageUnreachable('nas', true, ['pve2']);
    await lab.discover();
  }
  world.nodeFrozen('pve2', false);
  clock.advance(60_000);
  await lab.discover();
  const [version] = await lab.store.versions({ type: 'storage' }, { limit: 1 });
  expect(version).toMatchObject({
    fields: [
      { path: 'unreachable', from: [], to: ['pve2'] },
      { path: 'unreachable_reasons.pve2', from: null, to: "storage 'nas' is not online" },
    ],
    windowAfter: lastTold,
    windowBefore: clock.now(),
  });
});

// Kills: "it was not among the unreachable ones before": its node was off, so nobody knew.
test('a storage that is out of reach of a node that was off at first is no change', async () => {
  await lab.close();
  lab = await startLab({ guests: 4 });
  lab.sim.world.setStorageUnreachable('nas', true, ['pve2']);
  lab.sim.world.nodeDown('pve2');
  await lab.discover();
  lab.sim.world.nodeUp('pve2');
  lab.sim.clock.advance(60_000);
  const run = await lab.discover();
  const versions = await lab.store.versions({ resource: { type: 'storage', id: 'nas' } });
  expect(versions.map(version => version.change)).toEqual(['discovered', 'discovered']);
  expect(versions[0]!.state).toMatchObject({ unreachable: ['pve2'] });
  expect((await lab.call('diff_state', { from: '1h', type: 'storage' })).changes).toEqual([]);
  // The node and the votes it brings back; no storage.
  expect(run.counts.updated).toBe(2);
});

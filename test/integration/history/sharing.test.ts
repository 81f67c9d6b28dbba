import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import { createDiscovery } from '../../../src/discovery/index.ts';
import { noLog } from '../../../src/log.ts';
import { FACETS, type Facet } from '../../../src/model/facet.ts';
import { type Lab, PACKAGE_ROOT, startLab } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';

let lab: Lab;
afterEach(() => lab.close());

/** What a second process has: a store of its own on the lab's file, and its own discovery. */
async function openSecond() {
  const now = () => lab.sim.clock.now();
  const url = `file:${join(lab.folder, 'store.db')}`;
  const store = await openStore({ url, packageRoot: PACKAGE_ROOT, now, log: noLog });
  const second = createDiscovery({ store, client: lab.client, log: noLog, configMaxAgeMs: 300_000, now });
  const close = async () => {
    await second.close();
    await store.close();
  };
  return { store, second, close };
}

const everything = { facets: new Set(FACETS), guests: new Set<string>(), deep: false };

// Kills: asking each guest.
test.each([
  8,
  times(40, 400),
])('an idle look at %i guests costs at most four calls, all facets a few for each node', async guests => {
  lab = await startLab({ guests });
  await lab.discover();
  // Guests are asked for their addresses 200 at a time.
  await lab.discover({ facets: ['addresses'] });
  for (const [facets, most] of [
    [['inventory'], 4],
    [['inventory', 'config'], 4],
    [[...FACETS], 4 + (1 + 3) + (1 + 3) + 6 + 2 * 3 + 3],
  ] as const) {
    lab.sim.clock.advance(30_000);
    lab.sim.requests.reset();
    const run = await lab.discover({ facets: [...facets] });
    expect(lab.sim.requests.count()).toBeLessThanOrEqual(most);
    expect(run.apiCalls).toBe(lab.sim.requests.count());
    expect((await lab.store.runs([run.id]))[0]!.apiCalls).toBe(run.apiCalls);
  }
});

// Kills: rereading what was never in doubt, and rereading all that is old at once.
test('one changed guest costs its own reading; at most 200 of the oldest are read again', async () => {
  lab = await startLab({ guests: times(210, 300) });
  await lab.discover();
  lab.sim.clock.advance(60_000);
  const vmid = lab.sim.world.find({ type: 'qemu' })[0]!;
  lab.sim.world.setTags(vmid, ['fresh']);
  lab.sim.requests.reset();
  await lab.discover({ facets: ['inventory', 'config'] });
  expect(lab.sim.requests.list.filter(call => call.path.endsWith('/pending')).map(call => call.path)).toEqual(
    [expect.stringContaining(`/qemu/${vmid}/`)],
  );
  lab.sim.clock.advance(600_000);
  lab.sim.requests.reset();
  const before = lab.sim.clock.now();
  await lab.discover({ facets: ['inventory', 'config'] });
  expect(lab.sim.requests.count(/pending$/)).toBe(200);
  expect((await lab.store.lastCommit('config'))!.observedAt).toBeLessThan(before);
});

// Kills: a refresh for each caller.
test('twenty who ask at once share one refresh', async () => {
  lab = await startLab({ guests: 16 });
  await lab.discover();
  lab.sim.clock.advance(60_000);
  lab.sim.requests.reset();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => lab.discovery.ensure({ ...everything, maxAgeMs: 30_000 })),
  );
  expect(lab.sim.requests.count('/cluster/resources')).toBe(1);
  expect(
    answers.every(answer => answer.source === 'live' && answer.asOf.inventory === lab.sim.clock.now()),
  ).toBe(true);
});

// Kills: a run for each set of facets somebody asks for; and bringing for ever what somebody once asked for.
test('what was asked for of late is brought along, so that asking for it next costs nothing', async () => {
  lab = await startLab({ guests: 16 });
  const ask = (...facets: Facet[]) =>
    lab.discovery.ensure({ ...everything, facets: new Set(facets), maxAgeMs: 30_000 });
  await ask('inventory', 'tasks', 'storage');
  for (let turn = 0; turn < 3; turn++) {
    // Asked for in between, when it was still young.
    lab.sim.clock.advance(20_000);
    await ask('storage');
    lab.sim.clock.advance(10_001);
    lab.sim.requests.reset();
    await ask('inventory');
    await ask('inventory', 'storage');
    expect(lab.sim.requests.count('/cluster/resources')).toBe(1);
    expect(lab.sim.requests.count('/storage')).toBe(1);
  }
  lab.sim.clock.advance(60_000);
  lab.sim.requests.reset();
  await ask('inventory');
  expect(lab.sim.requests.count('/storage')).toBe(0);
});

// Kills: each process its own discovery, or one that waits for ever for the other's.
test('two processes with one store: one discovers, the other uses what it brought', async () => {
  lab = await startLab({ guests: 16 });
  const { store, second, close } = await openSecond();
  try {
    for (const turn of [1, 2]) {
      lab.sim.requests.reset();
      const ask = { ...everything, maxAgeMs: 30_000 };
      const answers = await Promise.all([lab.discovery.ensure(ask), second.ensure(ask)]);
      expect(lab.sim.requests.count('/cluster/resources'), `turn ${turn}`).toBe(1);
      expect(answers.map(answer => answer.source)).toEqual(['live', 'live']);
      lab.sim.clock.advance(60_000);
    }
    expect((await store.lastRun())!.id).toBe(2);
  } finally {
    await close();
  }
});

// Kills: "it completed, so it brought what it was asked for": one of its facets may have failed.
test('a run of another process that failed to bring a facet does not make that facet fresh', async () => {
  lab = await startLab({ guests: 8 });
  const { second, close } = await openSecond();
  try {
    await lab.discover();
    lab.sim.clock.advance(60_000);
    lab.sim.faults.add({ match: '/storage', kind: 'status' });
    const ask = { ...everything, facets: new Set<Facet>(['storage']), maxAgeMs: 30_000 };
    const answers = await Promise.all([lab.discovery.ensure(ask), second.ensure(ask)]);
    expect(answers.map(answer => answer.source)).toEqual(['store', 'store']);
  } finally {
    await close();
  }
});

// Kills: "its facets are young now, so nothing is left to do": a run of another process does not read what is asked for by name.
test.each([
  { name: 'every configuration', deep: true, named: false },
  { name: 'one guest', deep: false, named: true },
])('who asks for $name does not take the run of another process for it', async ({ deep, named }) => {
  lab = await startLab({ guests: 8 });
  const { second, close } = await openSecond();
  try {
    await lab.discover();
    lab.sim.clock.advance(60_000);
    lab.sim.requests.reset();
    lab.sim.faults.add({ match: '/cluster/resources', kind: 'slow', delayMs: 300, times: 1 });
    const first = lab.discovery.ensure({ ...everything, maxAgeMs: 30_000 });
    await vi.waitUntil(() => lab.sim.requests.count('/cluster/resources') === 1, { interval: 1 });
    const [vmid] = lab.sim.world.find({ type: 'qemu' });
    const guests = new Set(named ? [`vm/${vmid}`] : []);
    await second.discover({ facets: new Set<Facet>(['inventory']), guests, deep });
    await first;
    expect(lab.sim.requests.count(/pending$/)).toBe(deep ? 8 : 1);
  } finally {
    await close();
  }
});

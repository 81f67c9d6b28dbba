import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import { createDiscovery } from '../../../src/discovery/index.ts';
import { CommitFeed } from '../../../src/discovery/schedule/commit-feed.ts';
import { noLog } from '../../../src/log.ts';
import type { ChangeType } from '../../../src/model/change.ts';
import { type DiscoveryEvent, isChange, type RunProgress } from '../../../src/model/event.ts';
import { FACETS } from '../../../src/model/facet.ts';
import { type Lab, PACKAGE_ROOT, startLab } from '../../support/lab.ts';

let lab: Lab;
afterEach(() => lab.close());

const everything = { facets: new Set(FACETS), guests: new Set<string>(), deep: false };
const of = <T extends DiscoveryEvent['type']>(events: DiscoveryEvent[], type: T) =>
  events.filter((event): event is Extract<DiscoveryEvent, { type: T }> => event.type === type);
/** The resources told to have changed in this way. */
const told = (events: DiscoveryEvent[], change: ChangeType) =>
  events.flatMap(event => (isChange(event) && event.type === change ? event.resources : []));

test('a run tells its start, its progress against a known total, what it changed, and its end', async () => {
  lab = await startLab({ guests: 40 });
  const events: DiscoveryEvent[] = [];
  lab.discovery.onEvent(event => events.push(event));
  const first = await lab.discover();
  expect(events[0]).toEqual({ type: 'run started', run: first.id, facets: [...FACETS] });
  expect(events.at(-1)).toMatchObject({ type: 'run completed', run: { id: first.id, status: 'completed' } });
  const found = new Set(told(events, 'discovered'));
  const guests = [...(await lab.store.guests('vm')).rows, ...(await lab.store.guests('container')).rows];
  for (const guest of guests) expect(found).toContain(`${guest.type}/${guest.id}`);
  const progress = of(events, 'progress');
  expect(progress.length).toBeGreaterThan(0);
  for (const { done, total } of progress) expect(done).toBeLessThanOrEqual(total);

  events.length = 0;
  const [renamed, gone] = lab.sim.world.find({ type: 'qemu', status: 'stopped' }) as [number, number];
  lab.sim.world.setTags(renamed, ['fresh']);
  lab.sim.world.deleteGuest(gone);
  const { vmid: born } = lab.sim.world.createGuest({ type: 'lxc' });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(told(events, 'updated')).toContain(`vm/${renamed}`);
  expect(told(events, 'deleted')).toEqual([`vm/${gone}`]);
  expect(told(events, 'created')).toEqual([`container/${born}`]);
  expect(of(events, 'tasks')[0]!.upids.length).toBeGreaterThan(0);
});

test('the total is known long before the last of many configurations is read', async () => {
  const guests = 300;
  lab = await startLab({ guests });
  const progress: RunProgress[] = [];
  lab.discovery.onEvent(event => {
    if (event.type === 'progress') progress.push(event);
  });
  await lab.discover();
  const calls = lab.sim.requests.count();
  // From the first batch of configurations on all of them are part of the total.
  const early = progress.find(one => one.total > guests);
  expect(early!.done).toBeLessThan(calls / 2);
  expect(progress.every((one, n) => n === 0 || one.done > progress[n - 1]!.done)).toBe(true);
});

test('a failed run tells so', async () => {
  lab = await startLab({ guests: 8 });
  const events: DiscoveryEvent[] = [];
  lab.discovery.onEvent(event => events.push(event));
  lab.sim.faults.add({ match: '/cluster/resources', kind: 'status', status: 500, reason: 'broken' });
  await expect(lab.discover()).rejects.toThrow('broken');
  expect(of(events, 'run completed')[0]!.run).toMatchObject({ status: 'failed', error: expect.any(String) });
});

test('what another process recorded is told once, and what this one did is not told twice', async () => {
  lab = await startLab({ guests: 16 });
  await lab.discover();
  const now = () => lab.sim.clock.now();
  const url = `file:${join(lab.folder, 'store.db')}`;
  const store = await openStore({ url, packageRoot: PACKAGE_ROOT, now, log: noLog });
  const second = createDiscovery({ store, client: lab.client, log: noLog, configMaxAgeMs: 300_000, now });
  const heard: DiscoveryEvent[] = [];
  second.onEvent(event => heard.push(event));
  const changes = () => heard.flatMap(event => ('resources' in event ? event.resources : []));
  try {
    await second.ensure({ ...everything, maxAgeMs: 30_000 });
    expect(changes()).toEqual([]);
    const vmid = lab.sim.world.find({ type: 'qemu' })[0]!;
    lab.sim.world.setTags(vmid, ['fresh']);
    lab.sim.clock.advance(60_000);
    // The first process discovers; the second finds everything young enough and looks at the store only.
    await lab.discover();
    await second.ensure({ ...everything, maxAgeMs: 30_000 });
    await expect.poll(changes).toEqual([`vm/${vmid}`]);
    await second.ensure({ ...everything, maxAgeMs: 30_000 });
    lab.sim.world.setTags(vmid, ['stale']);
    lab.sim.clock.advance(60_000);
    await second.ensure({ ...everything, maxAgeMs: 30_000 });
    await second.ensure({ ...everything, maxAgeMs: 30_000 });
    await expect.poll(changes).toEqual([`vm/${vmid}`, `vm/${vmid}`]);
    // Nobody asks this process anything: it looks at the store by itself.
    lab.sim.world.setTags(vmid, ['late']);
    lab.sim.clock.advance(60_000);
    await lab.discover();
    await expect.poll(changes, { timeout: 10_000 }).toHaveLength(3);
  } finally {
    await second.close();
    await store.close();
  }
});

test('changes that could not be read from the store are told the next time, and only once', async () => {
  lab = await startLab({ guests: 4 });
  await lab.discover();
  let isLocked = false;
  const store: typeof lab.store = Object.assign(Object.create(lab.store), {
    steps: async (query: Parameters<typeof lab.store.steps>[0]) => {
      if (isLocked) throw new Error('the database is locked');
      return lab.store.steps(query);
    },
  });
  const feed = new CommitFeed(store);
  const events: DiscoveryEvent[] = [];
  feed.listen(event => events.push(event));
  await feed.catchUp();
  const vmid = lab.sim.world.find({ type: 'qemu' })[0]!;
  lab.sim.world.setTags(vmid, ['fresh']);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  isLocked = true;
  await expect(feed.catchUp()).rejects.toThrow('locked');
  expect(events).toEqual([]);
  isLocked = false;
  await feed.catchUp();
  await feed.catchUp();
  expect(told(events, 'updated')).toEqual([`vm/${vmid}`]);
});

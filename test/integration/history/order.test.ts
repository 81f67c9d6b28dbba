import { afterEach, expect, test } from 'vitest';
import { brokenChains, differencesFromTruth, inventedChanges } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';
import { plainRunning, startStory, storyOf } from '../../support/story.ts';

let lab: Lab;
let story: () => Promise<string[]>;
afterEach(() => lab.close());

const running = (type: 'qemu' | 'lxc' = 'qemu') => plainRunning(lab, type);

// Kills: taking the listing's word: it contradicts itself for 12 s after each change, and by node.
test('rows that lag twelve seconds flap nothing', async () => {
  lab = await startLab({ guests: 12, rowLagMs: 12_000 });
  story = storyOf(lab);
  await lab.discover();
  lab.sim.clock.advance(60_000);
  await lab.discover();
  await story();
  const vmid = running();
  lab.sim.world.restart(vmid);
  lab.sim.world.rename(vmid, 'renamed');
  const lines: string[] = [];
  for (let second = 0; second < 30; second += 3) {
    lab.sim.clock.advance(3_000);
    await lab.discover({ deep: true });
    lines.push(...(await story()));
  }
  expect(lines.flatMap(line => line.split(' | ').slice(1))).toEqual([
    expect.stringContaining('name '),
    'started_at moved',
  ]);
});

// Kills: boot time as now minus uptime: setting a clock would restart every guest.
test.each(
  SOAK ? [-86_400_000, -300_000, 300_000, 86_400_000] : [-86_400_000, 300_000],
)('our clock jumps by %i ms: nothing restarts', async ms => {
  // The process that looked before the jump looks after it.
  ({ lab, story } = await startStory({ guests: 12, discovered: false }));
  lab.skew = ms;
  lab.sim.clock.advance(20_000);
  await lab.discover({ deep: true });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect(await story()).toEqual([]);
  // What does happen is still seen, in its order, and times do not run backwards.
  const vmid = running();
  lab.sim.world.restart(vmid);
  lab.sim.clock.advance(90_000);
  await lab.discover();
  expect(await story()).toEqual([`vm/${vmid} updated | started_at moved`]);
  const times = (await lab.store.versions({})).map(version => version.at);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

// Kills: "less than zero seconds old is young": nothing would be refreshed until the clock has caught up.
test('what seems to lie in the future, since our clock was set back, is read again', async () => {
  lab = await startLab({ discovered: true, guests: 12 });
  const vmid = running();
  lab.skew = -86_400_000;
  lab.sim.world.editConfig(vmid, { description: 'edited' });
  const row = async () => (await lab.store.configs([{ type: 'vm', id: vmid }]))[0]!.config['description'];
  await lab.discovery.ensure({
    facets: new Set(['inventory', 'config']),
    guests: new Set(),
    deep: false,
    maxAgeMs: 30_000,
  });
  expect(await row()).toBe('edited');
});

// Kills: comparing our times with the cluster's: creations, reuse and tasks would be missed or repeated.
test.each([
  -7_200_000, 7_200_000,
])('with our clock %i ms off, life and death are told as they are', async skew => {
  ({ lab, story } = await startStory({ guests: 12, skew }, 60_000));
  const container = lab.sim.world.find({ type: 'lxc' })[0]!;
  const vm = running();
  const created = lab.sim.world.createGuest({ type: 'qemu' }).vmid;
  lab.sim.world.reuseVmid(container, { type: 'lxc' });
  lab.sim.world.editConfig(vm, { description: 'edited' }, { task: true });
  await lab.discover();
  const lines = await story();
  expect(lines.map(line => line.split(' ').slice(0, 2).join(' '))).toEqual(
    [
      `container/${container} created`,
      `container/${container} deleted`,
      `vm/${created} created`,
      `vm/${vm} updated`,
    ].sort(),
  );
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([]);
});

// Kills: keeping what is due in memory, and judging tasks apart from what they prove.
test('a run that dies at any of its commits is healed by the next, without a false line', async () => {
  for (let dies = 0; dies < 5; dies++) {
    let left = Number.POSITIVE_INFINITY;
    lab = await startLab({
      discovered: true,
      guests: 12,
      wrapStore: store =>
        new Proxy(store, {
          get: (target, name) => {
            const value = Reflect.get(target, name, target);
            if (name !== 'commitFacet') return typeof value === 'function' ? value.bind(target) : value;
            return (...args: Parameters<typeof store.commitFacet>) => {
              if (left-- <= 0) throw new Error('the process died');
              return value.apply(target, args);
            };
          },
        }),
    });
    story = storyOf(lab);
    await story();
    lab.sim.clock.advance(60_000);
    const { world } = lab.sim;
    const [container] = world.find({ type: 'lxc', ha: false });
    const vm = running();
    world.reuseVmid(container!, { type: 'lxc', name: 'second' });
    world.deleteGuest(world.find({ type: 'qemu', status: 'stopped', template: false })[0]!);
    world.editConfig(vm, { memory: 7168 });
    world.restart(vm);
    left = dies;
    await lab.discover().catch(() => {});
    left = Number.POSITIVE_INFINITY;
    lab.sim.clock.advance(5_000);
    await lab.restart();
    await lab.discover();
    expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
    expect(await brokenChains(lab.store)).toEqual([]);
    const lines = await story();
    expect(lines.filter(line => line.endsWith('deleted'))).toHaveLength(2);
    expect(lines.filter(line => line.endsWith('created'))).toHaveLength(1);
    if (dies < 4) await lab.close();
  }
});

// Kills: holding anything of history in memory.
test('a restart of our process is no event', async () => {
  ({ lab, story } = await startStory({ guests: 12 }));
  for (let turn = 0; turn < 3; turn++) {
    await lab.restart();
    lab.sim.clock.advance(45_000);
    await lab.discover({ deep: true });
  }
  expect(await story()).toEqual([]);
});

// Kills: intervals of time instead of places in the sequence, closed at both ends or at neither.
test('next_from neither repeats nor loses a change, whatever clocks and processes do', async () => {
  lab = await startLab({ discovered: true, guests: 12 });
  let from = (await lab.call('diff_state', { from: '1h' })).next_from;
  const told: string[] = [];
  const vmids = lab.sim.world.find({ type: 'qemu', template: false });
  for (const [turn, vmid] of vmids.entries()) {
    lab.sim.world.editConfig(vmid, { description: `turn ${turn}` });
    if (turn % 3 === 1) lab.skew -= 600_000;
    if (turn % 3 === 2) await lab.restart();
    await lab.discover({ deep: true });
    const answer = await lab.call('diff_state', { from });
    told.push(...answer.changes.map((row: { resource: string }) => row.resource));
    from = answer.next_from;
    expect((await lab.call('diff_state', { from })).changes).toEqual([]);
  }
  lab.skew = 0;
  const rest = await lab.call('diff_state', { from });
  told.push(...rest.changes.map((row: { resource: string }) => row.resource));
  expect(told.sort()).toEqual(vmids.map(vmid => `vm/${vmid}`));
});

// Kills: storing differences that do not follow from each other.
test('each version follows from the one before it', async () => {
  lab = await startLab({ discovered: true, guests: 20, rowLagMs: 12_000 });
  const { world, clock, truth } = lab.sim;
  const vmid = running();
  for (const act of [
    () => world.editConfig(vmid, { memory: 5120, description: 'x' }),
    () => world.snapshot(vmid, 'base'),
    () => world.restart(vmid),
    () => world.stop(vmid),
    () => world.rollback(vmid, 'base'),
    () => world.start(vmid),
    () => world.reuseVmid(vmid),
  ]) {
    act();
    clock.advance(4_000);
    await lab.discover();
    clock.advance(20_000);
    await lab.discover({ deep: true });
  }
  expect(await brokenChains(lab.store)).toEqual([]);
  expect(inventedChanges(await lab.store.versions({}), truth.events)).toEqual([]);
  expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
});

// Kills: "the newest answer is the truest": the endpoint asked next may lag behind the one before.
test('endpoints that lag differently do not make changes come and go', async () => {
  lab = await startLab({
    guests: 12,
    rowLagMs: 12_000,
    urls: url => [url, url.replace('127.0.0.1', 'localhost')],
  });
  story = storyOf(lab);
  await lab.discover();
  lab.sim.clock.advance(30_000);
  await lab.discover();
  await story();
  const vmid = running('lxc');
  lab.sim.world.stop(vmid);
  await lab.discover({ deep: true });
  for (let turn = 0; turn < 4; turn++) {
    // The answering endpoint fails once, the other one takes over with rows as old as they were.
    lab.sim.faults.add({ match: '/cluster/resources', kind: 'reset', times: 2 });
    lab.sim.clock.advance(4_000);
    await lab.discover({ deep: true }).catch(() => {});
  }
  lab.sim.faults.clear();
  lab.sim.clock.advance(4_000);
  await lab.discover({ deep: true });
  expect(await story()).toEqual([`container/${vmid} updated | status running -> stopped`]);
});

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApplyResult } from '../../../src/model/applying.ts';
import { type ApplyLab, guestLike, startApplyLab } from '../../support/apply-lab.ts';

let lab: ApplyLab;
beforeAll(async () => {
  lab = await startApplyLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.place());

test('a plan for a stopped VM, a running one and a container is carried out', async () => {
  const plan = await lab.plan({ name: '*', set: ['tags+=prod', 'memory=640'] });
  const result = await lab.apply(plan);
  expect(result).toMatchObject({ outcome: 'done', undo: plan });
  expect(result.steps.map(({ resource, path, outcome }) => `${resource} ${path} ${outcome}`).sort()).toEqual([
    'container/201 config.memory verified',
    'container/201 tags verified',
    'vm/100 config.memory verified',
    'vm/100 tags verified',
    'vm/101 config.memory pending',
    'vm/101 tags verified',
  ]);
  const { guests } = lab.sim.truth.state();
  expect(guests['vm/100']).toMatchObject({ tags: ['a', 'b', 'prod'], config: { memory: '640' } });
  expect(guests['vm/101']).toMatchObject({ tags: ['prod'], pending: { memory: '640' } });
  expect(lab.writes()).toHaveLength(3);
  expect(await lab.store.operations({ plan })).toMatchObject([
    { id: `${plan}.1`, resource: 'vm/100', state: 'verified', asker: 'tester of 1000@desk', why: 'a test' },
    { resource: 'vm/101', state: 'pending' },
    { resource: 'container/201', state: 'verified' },
  ]);
  expect(await lab.store.planEvents({ plan })).toMatchObject([
    { type: 'approved', who: 'alice', how: 'terminal' },
    { type: 'ended', facts: { outcome: 'done' } },
  ]);
  expect(await lab.apply(plan)).toMatchObject({ outcome: 'refused', refusals: [{ code: 'used' }] });
  expect(lab.writes()).toHaveLength(3);
});

test('history names the operation for what it changed, a container too, and nobody for what another did', async () => {
  const plan = await lab.plan({ name: '*', set: ['tags+=prod', 'memory=640'] });
  await lab.apply(plan);
  const { history } = await lab.call('show_history', { since: '1h', limit: 3 });
  const ours = {
    source: 'operation',
    plan,
    user: 'mcp@pve!write',
    asker: 'tester of 1000@desk',
    why: 'a test',
  };
  for (const { resource, causes } of history) {
    expect(causes, resource).toMatchObject([ours]);
    expect(causes[0]).not.toHaveProperty('fields');
  }
});

const outcomes = (result: ApplyResult) =>
  Object.fromEntries(result.steps.map(({ resource, path, outcome }) => [`${resource} ${path}`, outcome]));

test('a snapshot is taken before anything changes, and a guest is moved while it is off', async () => {
  const set = ['snapshot+=before', 'cores=2', 'node=pve2', 'status=running'];
  const plan = await lab.plan({ resource: 'vm/100', set });
  expect(await lab.apply(plan)).toMatchObject({ outcome: 'done' });
  expect(lab.writes().map(({ method, path }) => `${method} ${path.slice(7)}`)).toEqual([
    'POST pve1/qemu/100/snapshot',
    'PUT pve1/qemu/100/config',
    'POST pve1/qemu/100/migrate',
    'POST pve2/qemu/100/status/start',
  ]);
  const { node, status, snapshots, config } = lab.sim.truth.state().guests['vm/100']!;
  expect({ node, status, cores: config['cores'] }).toEqual({ node: 'pve2', status: 'running', cores: 2 });
  expect(snapshots).toHaveLength(1);
});

test('a running guest is restarted where that was planned, and only for what waits', async () => {
  const plan = await lab.plan({ resource: 'vm/101', set: ['cores=2', 'tags+=x'], restart: true });
  expect(outcomes(await lab.apply(plan))).toEqual({
    'vm/101 config.cores': 'verified',
    'vm/101 tags': 'verified',
  });
  expect(lab.writes().map(({ path }) => path.slice(7))).toEqual([
    'pve1/qemu/101/config',
    'pve1/qemu/101/status/reboot',
  ]);
  lab.sim.clock.advance(60_000);
  lab.sim.world.editConfig(101, { cores: 3 });
  const alone = await lab.plan({ resource: 'vm/101', restart: true });
  expect(outcomes(await lab.apply(alone))).toEqual({ 'vm/101 config.cores': 'verified' });
  expect(lab.sim.truth.state().guests['vm/101']).toMatchObject({ pending: {}, config: { cores: 3 } });
  const { history } = await lab.call('show_history', { resource: 'vm/101', since: '5m', limit: 3 });
  const restart = history.find((row: { fields?: { path: string }[] }) =>
    row.fields?.some(({ path }) => path === 'config.cores'),
  );
  expect(restart!.causes[0]).toMatchObject({ source: 'operation', type: 'qmreboot', plan: alone });
});

test('a guest is shut down, never stopped hard, and a running one is moved as it runs', async () => {
  expect((await lab.apply(await lab.plan({ resource: 'vm/101', set: ['node=pve3'] }))).outcome).toBe('done');
  expect((await lab.apply(await lab.plan({ resource: 'vm/101', set: ['status=stopped'] }))).outcome).toBe(
    'done',
  );
  expect((await lab.apply(await lab.plan({ resource: 'container/201', set: ['node=pve3'] }))).outcome).toBe(
    'done',
  );
  expect(lab.writes().map(({ path }) => path.slice(7))).toEqual([
    'pve1/qemu/101/migrate',
    'pve3/qemu/101/status/shutdown',
    'pve1/lxc/201/migrate',
  ]);
});

test('where a later step of a guest fails, its earlier ones are taken back', async () => {
  lab.sim.world.orderTasks({ type: 'qmigrate', fail: 'no route' });
  const plan = await lab.plan({ resource: 'vm/100', set: ['cores=2', 'tags+=x', 'node=pve2'] });
  const before = lab.sim.truth.digest(100);
  const result = await lab.apply(plan);
  expect(outcomes(result)).toEqual({
    'vm/100 config.cores': 'reverted',
    'vm/100 tags': 'reverted',
    'vm/100 node': 'failed',
  });
  expect(lab.sim.truth.digest(100)).toBe(before);
});

test('an applied step takes four requests, and one more that history is read with', async () => {
  for (let vmid = 110; vmid < 120; vmid++)
    lab.sim.world.placeGuest({ vmid, type: 'qemu', config: guestLike('vm/100', vmid), running: false });
  await lab.discover({ facets: ['inventory', 'config', 'tasks'], deep: true });
  const plan = await lab.plan({ name: 'web', set: ['memory=800'] });
  lab.sim.requests.reset();
  expect((await lab.apply(plan)).steps).toHaveLength(11);
  for (let vmid = 110; vmid < 120; vmid++) {
    const about = lab.sim.requests.list.filter(
      ({ path, query }) => path.includes(`/qemu/${vmid}/`) || query['vmid'] === String(vmid),
    );
    expect(about.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
      'GET pending',
      'POST config',
      'GET tasks',
      'GET pending',
      'GET pending',
    ]);
  }
});

const STEPS = [
  ['tags', { resource: 'vm/100', set: ['tags+=x'] }, 'pending|PUT config|pending'],
  ['memory', { resource: 'vm/100', set: ['memory=800'] }, 'pending|POST config|tasks|pending'],
  ['a card', { resource: 'vm/101', set: ['net0.tag=20'] }, 'pending|POST config|tasks|pending'],
  ["a container's memory", { resource: 'container/201', set: ['memory=800'] }, 'pending|PUT config|pending'],
  ['start', { resource: 'vm/100', set: ['status=running'] }, 'pending|current|POST start|tasks|current'],
  ['move', { resource: 'vm/100', set: ['node=pve2'] }, 'pending|current|POST migrate|tasks|current'],
  [
    'snapshot',
    { resource: 'vm/101', set: ['snapshot+=s1'] },
    'pending|snapshot|POST snapshot|tasks|snapshot',
  ],
] as const;

test.each(STEPS)('%s: nothing is asked that the step does not need', async (_, step, expected) => {
  const plan = await lab.plan(step);
  lab.sim.requests.reset();
  const vmid = step.resource.split('/')[1]!;
  const asked = () =>
    lab.sim.requests.list
      .filter(({ path, query }) => path.split('/')[4] === vmid || query['vmid'] === vmid)
      .map(({ method, path }) => `${method} ${path.split('/').at(-1)}`.replace('GET ', ''))
      // A task is looked at until it has ended.
      .filter((one, n, all) => one !== 'tasks' || all[n - 1] !== one);
  let before: string[] = [];
  const { refresh } = lab.ports();
  const applier = lab.another({
    refresh: resources => {
      // What follows is history's own reading.
      if (lab.writes().length > 0 && before.length === 0) before = asked();
      return refresh(resources);
    },
  });
  const approval = async () => ({ by: 'alice', how: 'terminal' as const });
  expect(await applier.apply({ plan, asker: 'a', why: null, approval })).toMatchObject({ outcome: 'done' });
  expect(before.join('|')).toBe(expected);
});

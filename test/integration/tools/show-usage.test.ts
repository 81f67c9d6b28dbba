import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TIMEFRAMES } from '../../../src/model/usage.ts';
import { endpoints, type UsageRow } from '../../../src/proxmox/index.ts';
import type { Guest } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What a row tells that could not be read now. */
const OLD = { unseen_since: expect.any(String), unseen_reason: expect.any(String) };
const RRD = /\/rrddata$/;

type Point = [string, number | null];
interface Usage {
  resource: string;
  node?: string;
  metric: string;
  unit: string;
  min: number;
  median: number;
  p95: number;
  max: number;
  now?: number;
  unseen_reason?: string;
  until_full?: { at?: string; earliest?: string; latest?: string; why?: string };
  sparkline: string;
  points: Point[];
}

async function usage(lab: Lab, args: object): Promise<Usage[]> {
  return (await lab.call('show_usage', args)).usage;
}

describe('of a cluster that stands', () => {
  let lab: Lab;
  let vm: { vmid: number; node: string };
  let container: { vmid: number; node: string };
  beforeAll(async () => {
    lab = await startLab({ discovered: true, guests: 30 });
    const { vms } = await lab.call('list_vms', { status: 'running' });
    vm = vms[0]!;
    container = (await lab.call('list_guests', { type: 'container', status: 'running' })).guests[0]!;
  });
  afterAll(() => lab.close());

  /** What Proxmox itself recorded, by another way than the product's. */
  async function recorded(resource: string, timeframe: string, value: (row: UsageRow) => number | undefined) {
    const [type, id] = resource.split('/') as [string, string];
    const query = { timeframe, cf: 'AVERAGE' };
    const rows = {
      vm: () => lab.client.get(endpoints.usage.qemu, { node: vm.node, vmid: id }, query),
      container: () => lab.client.get(endpoints.usage.lxc, { node: container.node, vmid: id }, query),
      node: () => lab.client.get(endpoints.usage.node, { node: id }, query),
      storage: () => lab.client.get(endpoints.usage.storage, { node: 'pve1', storage: id }, query),
    };
    return (await rows[type as keyof typeof rows]()).flatMap(row => value(row) ?? []).sort((a, b) => a - b);
  }

  test('the numbers are those of the rows Proxmox recorded, whatever the resource and the time frame', async () => {
    const both = (a?: number, b?: number) => ((a ?? 0) + (b ?? 0)) / 1024 ** 2;
    const gib = (bytes?: number) => (bytes === undefined ? undefined : bytes / 1024 ** 3);
    const cases: [string, string, (row: UsageRow) => number | undefined][] = [
      [`vm/${vm.vmid}`, 'memory', row => gib(row.mem)],
      [`vm/${vm.vmid}`, 'cpu', row => (row.cpu === undefined ? undefined : row.cpu * 100)],
      [`container/${container.vmid}`, 'storage', row => gib(row.disk)],
      [`container/${container.vmid}`, 'disk', row => both(row.diskread, row.diskwrite)],
      ['node/pve1', 'network', row => both(row.netin, row.netout)],
      ['node/pve1', 'disk', row => gib(row.rootused)],
      ['storage/nas', 'storage', row => gib(row.used)],
    ];
    for (const [index, [resource, metric, value]] of cases.entries())
      for (const timeframe of [TIMEFRAMES[index % 5]!, TIMEFRAMES[(index + 2) % 5]!]) {
        const [row] = await usage(lab, { resource, metric, timeframe, detail: 'full' });
        const truth = await recorded(resource, timeframe, value);
        const at = (share: number) => truth[Math.max(0, Math.ceil(truth.length * share) - 1)]!;
        const wanted = { min: at(0), median: at(0.5), p95: at(0.95), max: at(1) };
        for (const [name, number] of Object.entries(wanted)) {
          const shown = row![name as keyof typeof wanted];
          expect(Math.abs(shown - number), `${resource} ${metric} ${timeframe} ${name}`).toBeLessThanOrEqual(
            Math.max(0.5, number) * 0.006,
          );
        }
        expect(row!.points.length).toBeLessThanOrEqual(60);
        expect(row!.points.length).toBeGreaterThanOrEqual(48);
        expect([...row!.sparkline].length).toBeLessThanOrEqual(30);
      }
  });

  test('ten guests cost ten requests, and none while they are as young as Proxmox makes them', async () => {
    lab.sim.requests.reset();
    expect((await usage(lab, { top: 10, metric: 'memory', timeframe: 'hour' })).length).toBe(10);
    expect(lab.sim.requests.count(RRD)).toBe(10);
    await usage(lab, { top: 10, metric: 'memory', timeframe: 'hour', max_age_seconds: 3600 });
    expect(lab.sim.requests.count(RRD)).toBe(10);
    lab.sim.clock.advance(61_000);
    await usage(lab, { top: 10, metric: 'memory', timeframe: 'hour' });
    expect(lab.sim.requests.count(RRD)).toBe(20);
    await usage(lab, { resource: 'storage/nas', max_age_seconds: 0 });
    lab.sim.clock.advance(10 * 60_000);
    await usage(lab, { resource: 'nas' });
    expect(lab.sim.requests.count(RRD)).toBe(21);
    await usage(lab, { resource: 'nas', max_age_seconds: 0 });
    expect(lab.sim.requests.count(RRD)).toBe(22);
  });

  test('the top ones are those that use most at present', async () => {
    const { vms } = await lab.call('list_vms', { detail: 'full', limit: 500 });
    const used = (one: Guest) => one.memory_gib * (one.memory_percent ?? 0);
    const most = vms.toSorted((a, b) => used(b) - used(a)).slice(0, 3);
    const rows = await usage(lab, { top: 3, type: 'vm', metric: 'memory' });
    expect(rows.map(row => row.resource)).toEqual(most.map(one => `vm/${one.vmid}`));
    expect((await usage(lab, { top: 2, type: 'node' })).map(row => row.metric)).toEqual(['cpu', 'cpu']);
    expect((await usage(lab, { top: 2, metric: 'storage' })).map(row => row.resource)[0]).toMatch(
      /^storage\//,
    );
    expect((await usage(lab, {})).length).toBe(10);
    for (const asked of [{ metric: 'disk' }, { type: 'node', metric: 'network' }]) {
      const { usage: found, hint } = await lab.call('show_usage', { top: 5, timeframe: 'week', ...asked });
      expect(hint).toMatch(/^No listing tells/);
      const medians = found.map((row: Usage) => row.median);
      expect(medians).toEqual(medians.toSorted((a: number, b: number) => b - a));
    }
  });

  test('several stand side by side, by any name, and a local storage has a row for each node', async () => {
    const rows = await usage(lab, { resource: [`${vm.vmid}`, 'pve1', 'local-zfs'], metric: undefined });
    expect([...new Set(rows.map(row => `${row.resource} ${row.metric} ${row.unit}`))]).toEqual([
      ...['cpu %', 'memory GiB', 'disk MiB/s', 'network MiB/s'].map(one => `vm/${vm.vmid} ${one}`),
      ...['cpu %', 'memory GiB', 'disk GiB', 'network MiB/s'].map(one => `node/pve1 ${one}`),
      'storage/local-zfs storage GiB',
    ]);
    expect(rows.filter(row => row.metric === 'storage').map(row => row.node)).toEqual([
      'pve1',
      'pve2',
      'pve3',
    ]);
    const members = (await lab.call('list_guests', { pool: 'prod', template: false })).guests;
    const ofPool = await usage(lab, { resource: 'pool/prod', metric: 'memory', timeframe: 'year' });
    expect(members.map(one => one.resource)).toEqual(expect.arrayContaining(ofPool.map(row => row.resource)));
    expect(ofPool.length).toBeGreaterThan(0);
    expect((await usage(lab, { resource: 'cluster', metric: 'cpu' })).map(row => row.resource)).toEqual([
      'node/pve1',
      'node/pve2',
      'node/pve3',
    ]);
  });

  test('a storage that grows tells the day it will be full, and one that does not tells why there is none', async () => {
    const grow = (perDay: number) => lab.sim.world.growStorage('nas', perDay * 1024 ** 3);
    const full = async () =>
      (await usage(lab, { resource: 'nas', timeframe: 'month', max_age_seconds: 0 }))[0]!.until_full!;
    grow(40);
    const { used_percent: percent, total_gib: total } = (
      await lab.call('list_storage', { status: 'available', max_age_seconds: 0 })
    ).storage.find(one => one.storage === 'nas')!;
    const truth = lab.sim.clock.now() + ((1 - percent / 100) * total * DAY) / 40;
    const told = await full();
    expect(Date.parse(told.earliest!)).toBeLessThanOrEqual(truth + DAY);
    expect(Date.parse(told.latest!)).toBeGreaterThanOrEqual(truth - DAY);
    expect(Math.abs(Date.parse(told.at!) - truth)).toBeLessThan(3 * DAY);
    grow(-40);
    expect(await full()).toEqual({ why: 'cannot be told: it does not grow' });
    grow(0);
    expect(await full()).toHaveProperty('why');
  });

  test('what is set for the datacenter uses nothing itself', async () => {
    const [job] = await lab.store.details('backup_job');
    await expect(lab.call('show_usage', { resource: `backup-job/${job!.subject}` })).rejects.toThrow(
      /uses nothing/,
    );
  });

  test.each<[object, RegExp]>([
    [{ resource: 'nosuch' }, /Nothing here is called/],
    [{ resource: 'storage/nas', metric: 'cpu' }, /Of a storage no cpu is recorded/],
    [{ resource: 'vm/101', metric: 'storage' }, /Of a vm no storage is recorded/],
    [{ resource: 'old-nas' }, /is disabled: nothing is recorded/],
    [{ resource: 'vm/101', top: 3 }, /not both/],
    [{ resource: ', ,' }, /Name 1 to 20/],
    [{ top: 51 }, /top/],
    [{ metric: 'heat' }, /metric/],
  ])('%j is refused with a reason', async (args, why) => {
    await expect(lab.call('show_usage', args)).rejects.toThrow(why);
  });
});

describe('where something was off', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ discovered: true, guests: 12 });
  });
  afterAll(() => lab.close());

  test('a night without the node is a gap in what it and its guests used, not a zero', async () => {
    const { world, clock } = lab.sim;
    const [guest] = world.find({ node: 'pve2', status: 'running', ha: false }) as [number];
    const downAt = clock.now();
    world.nodeDown('pve2');
    clock.advance(8 * HOUR);
    world.nodeUp('pve2', { start: 'all' });
    const upAt = clock.now();
    clock.advance(2 * HOUR);
    const asked = { timeframe: 'day', metric: 'memory', detail: 'full', max_age_seconds: 0 };
    for (const resource of ['node/pve2', String(guest)]) {
      const [row] = await usage(lab, { resource, ...asked });
      expect(row!.min).toBeGreaterThan(0);
      for (const [time, value] of row!.points) {
        const at = Date.parse(time);
        if (at > downAt && at + 24 * 60_000 < upAt) expect(value, `${resource} at ${time}`).toBeNull();
        else if (at + 24 * 60_000 < downAt || at > upAt + HOUR) expect(value).toBeGreaterThan(0);
      }
      expect(row!.sparkline).toMatch(/^[^ ]{16,18} {9,10}[^ ]{2,4}$/u);
    }
  });

  test('a node that does not answer costs its own storage alone, and what was read of it before stands', async () => {
    const { world, clock } = lab.sim;
    await usage(lab, { resource: 'local-zfs', timeframe: 'week' });
    clock.advance(HOUR);
    world.nodeDown('pve3', { haRecovery: false });
    const answer = await lab.call('show_usage', { resource: 'local-zfs,node/pve3', timeframe: 'week' });
    expect(answer.usage.filter((row: Usage) => row.metric === 'storage').length).toBe(3);
    expect(answer.usage.some((row: Usage) => row.resource === 'node/pve3')).toBe(true);
    expect(answer.unseen).toContainEqual({
      what: 'usage of storage/local-zfs',
      since: expect.any(String),
      reason: expect.stringContaining('pve3'),
    });
    world.nodeUp('pve3');
  });

  test('a guest that bears the number of another one has none of its usage', async () => {
    const { world, clock } = lab.sim;
    const [vmid] = world.find({ type: 'qemu', status: 'running', node: 'pve1', ha: false }) as [number];
    await usage(lab, { resource: String(vmid), timeframe: 'day' });
    world.reuseVmid(vmid);
    clock.advance(10 * 60_000);
    await lab.discover();
    const before = clock.now() - 11 * 60_000;
    const answer = await lab.call('show_usage', { resource: String(vmid), timeframe: 'day', detail: 'full' });
    for (const { points } of answer.usage)
      for (const [time, value] of points)
        if (value !== null) expect(Date.parse(time)).toBeGreaterThan(before - 24 * 60_000);
    world.start(vmid);
    clock.advance(HOUR);
    const [row] = await usage(lab, {
      resource: String(vmid),
      metric: 'cpu',
      max_age_seconds: 0,
      detail: 'full',
    });
    expect(row!.points.filter(([, value]) => value !== null).length).toBeLessThanOrEqual(4);
    world.deleteGuest(vmid);
    clock.advance(60_000);
    await lab.discover();
    await expect(lab.call('show_usage', { resource: `vm/${vmid}` })).rejects.toThrow(/not there any more/);
  });
});

test('answers from what was kept while the cluster is down, with its age, after a restart, too', async () => {
  const lab = await startLab({ discovered: true, guests: 8 });
  try {
    const asked = { resource: 'node/pve1', timeframe: 'week' };
    const before = await lab.call('show_usage', asked);
    await lab.sim.stop();
    lab.sim.clock.advance(5 * HOUR);
    for (const again of [false, true]) {
      if (again) await lab.restart();
      const after = await lab.call('show_usage', asked);
      expect(after.usage).toEqual(before.usage.map((row: Usage) => ({ ...row, ...OLD })));
      expect(after).toMatchObject({ source: 'store', as_of: before.as_of, stale: expect.anything() });
    }
    expect(
      (await usage(lab, { top: 3, type: 'node', timeframe: 'week' })).map(row => row.resource),
    ).toContain('node/pve1');
    const never = await lab.call('show_usage', { resource: 'node/pve2', timeframe: 'year' });
    expect(never.usage).toEqual([]);
    expect(never.unseen).toContainEqual(expect.objectContaining({ what: 'usage of node/pve2' }));
  } finally {
    await lab.close();
  }
});

test('an answer that makes no sense, or none at all, costs itself: what was kept stands', async () => {
  const lab = await startLab({ guests: 6 });
  const { clock, faults } = lab.sim;
  try {
    await lab.discover();
    const asked = { resource: 'node/pve1,storage/nas', timeframe: 'week' };
    const before = await lab.call('show_usage', asked);
    for (const kind of ['html', 'truncate', 'nulldata', 'reset', 'wrong-types'] as const) {
      clock.advance(HOUR);
      await lab.discover({ facets: ['inventory', 'storage'] });
      faults.add({ match: RRD, kind });
      const after = await lab.call('show_usage', asked);
      expect(JSON.stringify(after)).not.toMatch(/NaN|Infinity/);
      if (kind !== 'wrong-types') {
        expect(after.usage).toEqual(before.usage.map((row: Usage) => ({ ...row, ...OLD })));
        expect(after).toMatchObject({ source: 'store', as_of: before.as_of, stale: expect.anything() });
      }
      faults.clear();
    }
    faults.add({
      match: /nas.rrddata$/,
      kind: 'alter',
      alter: (rows: UsageRow[]) =>
        rows.map((row, index) => ({
          time: index % 7 === 0 ? -1 : row.time,
          used: [null, 'NaN', -5, 1e300, row.used, String(row.used), { a: 1 }][index % 7],
          total: index % 2 ? row.total : 'much',
        })),
    });
    const [row] = (await usage(lab, { ...asked, max_age_seconds: 0 })).filter(
      one => one.resource === 'storage/nas',
    );
    expect(row!.min).toBeGreaterThan(0);
    expect(row!.max).toBeLessThan(13_000);
    expect(row!.unseen_reason).toBe('some of its records could not be read');
    expect((await usage(lab, { resource: 'node/pve1' })).map(one => one.unseen_reason)).not.toContain(
      row!.unseen_reason,
    );

    // A metric of which nothing could be read is not one that was not recorded.
    faults.add({
      match: /pve1.rrddata$/,
      kind: 'alter',
      alter: (rows: UsageRow[]) => rows.map(one => ({ ...one, cpu: 'nan' })),
    });
    const answer = await lab.call('show_usage', { resource: 'node/pve1', metric: 'cpu', max_age_seconds: 0 });
    expect(answer.usage).toEqual([]);
    expect(answer.unseen).toContainEqual(
      expect.objectContaining({
        what: 'usage of node/pve1',
        reason: 'some of its records could not be read',
      }),
    );
    expect(JSON.stringify(answer.hint ?? '')).not.toContain('Nothing was recorded');
  } finally {
    await lab.close();
  }
});

test('a token that may not see a node or a storage is told so', async () => {
  const lab = await startLab({ discovered: true, guests: 6, token: 'auditor' });
  try {
    expect((await usage(lab, { resource: 'node/pve1,storage/nas', timeframe: 'week' })).length).toBe(5);
    lab.sim.world.setRights('audit@pve!mcp', []);
    const answer = await lab.call('show_usage', { resource: 'node/pve2', timeframe: 'week' });
    expect(answer.unseen).toContainEqual(
      expect.objectContaining({ what: 'usage of node/pve2', reason: expect.stringContaining('Sys.Audit') }),
    );
  } finally {
    await lab.close();
  }
});

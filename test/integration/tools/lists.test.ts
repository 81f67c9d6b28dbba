import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Guest, rowsIn, type Tool } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ discovered: true, guests: 60 });
});
afterAll(() => lab.close());

const ids = (rows: { vmid: number }[]) => rows.map(row => row.vmid);
const guests = (type: 'qemu' | 'lxc') =>
  Object.values(lab.sim.truth.state().guests).filter(guest => guest.type === type);

describe('list_vms', () => {
  test('lists every vm once, and only vms', async () => {
    const { vms, total } = await lab.call('list_vms', { limit: 500 });
    expect(ids(vms)).toEqual(
      guests('qemu')
        .map(guest => guest.vmid)
        .sort((a, b) => a - b),
    );
    expect(total).toBe(vms.length);
  });

  test.each<[object, (row: Guest) => boolean]>([
    [{ status: 'running' }, row => row.status === 'running'],
    [{ status: 'STOPPED' }, row => row.status === 'stopped'],
    [{ node: 'pve2' }, row => row.node === 'pve2'],
    [{ name: 'WEB' }, row => /web/i.test(row.name ?? '')],
    [{ name: 'web*' }, row => /^web/i.test(row.name ?? '')],
    [{ tag: 'db' }, row => row.tags?.includes('db')],
    [{ pool: 'prod' }, row => row.pool === 'prod'],
    [{ template: true }, row => row.template === true],
    [{ template: 'no' }, row => row.template === undefined],
    [
      { node: 'pve1', status: 'running', tag: 'db' },
      row => row.node === 'pve1' && row.status === 'running' && row.tags?.includes('db'),
    ],
  ])('filters by %j', async (filter, fits) => {
    const all = (await lab.call('list_vms', { limit: 500 })).vms;
    const { vms, total } = await lab.call('list_vms', { ...filter, limit: 500 });
    expect(ids(vms)).toEqual(ids(all.filter(fits)));
    expect(total).toBe(vms.length);
    expect(total).toBeGreaterThan(0);
  });

  test.each([
    ['memory', 'memory_gib'],
    ['cpus', 'cpus'],
    ['disk', 'boot_disk_gib'],
  ] as const)('sorts by %s', async (sort, field) => {
    const { vms } = await lab.call('list_vms', { sort, order: 'desc', limit: 500 });
    const values = vms.map(row => row[field]);
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });

  test('takes digits in strings and words as flags, and says which argument was meant', async () => {
    expect((await lab.call('list_vms', { limit: '3' })).vms).toHaveLength(3);
    await expect(lab.call('list_vms', { nodee: 'pve1' })).rejects.toThrow(
      /no argument "nodee" \(did you mean node\?\)/,
    );
    await expect(lab.call('show_history', { upid: 'UPID:' })).rejects.toThrow(
      /no argument "upid" \(get_task has it\)/,
    );
    await expect(lab.call('get_resource', { name: 'web01' })).rejects.toThrow(
      /resource is needed; no argument "name"/,
    );
    await expect(lab.call('list_vms', { limit: 0 })).rejects.toThrow(/limit/);
    await expect(lab.call('list_vms', { status: 'on' })).rejects.toThrow(/running/);
    await expect(lab.call('list_wms')).rejects.toThrow(/list_vms/);
  });

  test('a tag is the same in capitals, now, in the past and where nothing else fits', async () => {
    const { total } = await lab.call('list_vms', { tag: 'db' });
    expect(total).toBeGreaterThan(0);
    expect((await lab.call('list_vms', { tag: 'DB' })).total).toBe(total);
    expect((await lab.call('list_vms', { tag: 'DB', at: 'run:1' })).total).toBe(total);
    expect((await lab.call('list_vms', { tag: 'DB', status: 'unknown' })).hint).not.toContain('that tag');
  });

  test('a tag that is a pool, and a pool that is a tag, are told apart', async () => {
    const { vms } = await lab.call('list_vms', { limit: 500 });
    const { pool } = vms.find(row => row.pool)!;
    const tag = vms.flatMap(row => row.tags ?? []).find(one => vms.every(row => row.pool !== one));
    expect((await lab.call('list_vms', { tag: pool })).hint).toContain('it is a pool: ask with pool');
    expect((await lab.call('list_vms', { pool: tag })).hint).toContain('it is a tag: ask with tag');
  });

  test('takes null and nothing as left out', async () => {
    const blank = {
      node: '',
      status: null,
      name: '',
      tag: null,
      template: null,
      at: '',
      sort: '',
      limit: null,
      cursor: '',
      detail: '',
    };
    expect(await lab.call('list_vms', blank)).toEqual(await lab.call('list_vms'));
    const { next_cursor: cursor } = await lab.call('list_vms', { node: 'pve1', limit: 2 });
    expect(await lab.call('list_vms', { ...blank, cursor })).toEqual(await lab.call('list_vms', { cursor }));
  });

  test('says how many templates are among what is stopped', async () => {
    const off = await lab.call('list_vms', { status: 'stopped' });
    const templates = off.vms.filter(row => row.template).length;
    expect(templates).toBeGreaterThan(0);
    expect(off.hint).toMatch(
      new RegExp(`${templates} of these (?:is a template|are templates): template false`),
    );
    expect((await lab.call('list_vms', { status: 'stopped', template: false })).hint ?? '').not.toContain(
      'template',
    );
    expect((await lab.call('list_vms', { node: 'pve9' })).hint).toContain('pve1');
    expect((await lab.call('list_vms', { status: 'unknown' })).total).toBe(0);
  });

  test('says what to try where nothing matches', async () => {
    expect(await lab.call('list_vms', { name: 'wbe01' })).toMatchObject({
      vms: [],
      total: 0,
      hint: expect.stringContaining('web01'),
    });
    expect((await lab.call('list_vms', { tag: 'nosuch' })).hint).toContain('critical');
  });

  test('tells of matches of the other kind', async () => {
    expect((await lab.call('list_vms', { name: 'dns' })).hint).toMatch(/container.*list_guests/);
    expect((await lab.call('list_containers', { pool: 'prod' })).hint).toMatch(/VMs match too: list_guests/);
  });

  test('adds usage and the age of each facet under detail full', async () => {
    const { vms, as_of } = await lab.call('list_vms', { status: 'running', limit: 1, detail: 'full' });
    expect(vms[0]).toMatchObject({
      cpu_percent: expect.any(Number),
      memory_percent: expect.any(Number),
      uptime_seconds: expect.any(Number),
    });
    expect(as_of).toEqual({ inventory: expect.stringMatching(/^2026-11-20T06:0/) });
  });

  test('refuses a cursor that is none', async () => {
    await expect(lab.call('list_vms', { cursor: 'abc' })).rejects.toThrow(/cursor is not one of ours/);
    const { next_cursor: cursor } = await lab.call('list_vms', { node: 'pve1', limit: 2 });
    await expect(lab.call('list_vms', { node: 'pve2', cursor })).rejects.toThrow(/another node/);
    await expect(lab.call('list_containers', { cursor })).resolves.toBeDefined();
  });
});

describe('pages', () => {
  const collect = async (tool: Tool, field: string, args: object, between: () => void) => {
    const first = await lab.call(tool, { ...args, limit: 7, max_age_seconds: 0 });
    const rows = [...rowsIn(first, field)];
    between();
    for (let cursor = first.next_cursor; cursor !== undefined; ) {
      // By the cursor alone: it carries the arguments.
      const page = await lab.call(tool, { cursor, max_age_seconds: 0 });
      expect(page.total).toBe(first.total);
      rows.push(...rowsIn(page, field));
      cursor = page.next_cursor;
    }
    return { rows, total: first.total };
  };

  test.each([
    'vmid',
    'name',
    'status',
    'memory',
    'disk',
    'uptime',
  ])('of list_vms by %s show one moment', async sort => {
    const before = (await lab.call('list_vms', { sort, limit: 500, max_age_seconds: 0 })).vms;
    const { rows, total } = await collect('list_vms', 'vms', { sort }, () => {
      const { world, clock } = lab.sim;
      const movable = world.find({ type: 'qemu', status: 'running', template: false }).slice(-6);
      world.stop(movable[0]!);
      world.rename(movable[1]!, `aaa-${sort}`);
      world.editConfig(movable[2]!, { tags: 'moved' });
      world.createGuest({ name: `aab-${sort}`, node: 'pve1' });
      world.deleteGuest(movable[3]!);
      clock.advance(5_000);
    });
    expect(rows).toHaveLength(total);
    expect(rows.map(row => row['vmid'])).toEqual(ids(before));
  });

  test('of list_storage and list_nodes show one moment', async () => {
    const before = (await lab.call('list_storage', { limit: 500, max_age_seconds: 0 })).storage;
    const { rows } = await collect('list_storage', 'storage', { limit: 2 }, () => {
      lab.sim.world.addStorage({ storage: 'aaa-first', type: 'dir', content: ['iso'] });
      lab.sim.world.removeStorage('scratch');
    });
    expect(rows.map(row => `${row['storage']} ${row['node']}`)).toEqual(
      before.map(row => `${row.storage} ${row.node}`),
    );
  });

  test('of list_tasks are not shifted by new tasks', async () => {
    const before = (await lab.store.tasks({ until: lab.sim.clock.now() }, { by: 'startTime', order: 'desc' }))
      .rows;
    const { rows } = await collect('list_tasks', 'tasks', {}, () => {
      lab.sim.clock.advance(2_000);
      lab.sim.world.restart(101);
    });
    expect(rows.map(row => row['upid'])).toEqual(before.map(task => task.upid));
  });
});

describe('at', () => {
  test('shows a list as it was, sizes included, without usage', async () => {
    const then = lab.sim.clock.now();
    const before = await lab.call('list_vms', { limit: 500, max_age_seconds: 0 });
    await lab.discover({ deep: true });
    lab.sim.clock.advance(3_600_000);
    const [running] = lab.sim.world.find({ type: 'qemu', status: 'running', template: false });
    lab.sim.world.stop(running!);
    lab.sim.world.rename(running!, 'quite-another');
    await lab.discover({ deep: true });
    const at = new Date(then + 60_000).toISOString();
    const { vms, at: shown } = await lab.call('list_vms', { at, limit: 500, sort: 'vmid' });
    expect(shown).toBe(at.replace('.000Z', '+00:00'));
    expect(vms).toEqual(before.vms);
    expect((await lab.call('list_vms', { at, status: 'running' })).total).toBe(
      (await lab.call('list_vms', { status: 'running' })).total + 1,
    );
    expect(await lab.call('list_vms', { at: '2020-01-01' })).toMatchObject({
      total: 0,
      hint: expect.stringContaining('before history'),
    });
  });
});

describe('the other lists', () => {
  test('list_containers, list_nodes and list_storage carry what they promise', async () => {
    const { containers } = await lab.call('list_containers', { limit: 1 });
    expect(containers[0]).toMatchObject({
      vmid: expect.any(Number),
      name: expect.any(String),
      node: expect.any(String),
      status: expect.any(String),
      cpus: expect.any(Number),
      memory_gib: expect.any(Number),
      boot_disk_gib: expect.any(Number),
    });
    const { nodes } = await lab.call('list_nodes', { sort: 'memory_percent', order: 'desc' });
    expect(nodes).toHaveLength(3);
    for (const field of [
      'cpus',
      'cpu_percent',
      'memory_gib',
      'memory_percent',
      'allocated_cpus',
      'allocated_memory_gib',
      'uptime_seconds',
      'version',
      'guests',
    ])
      expect(nodes[0], field).toHaveProperty(field);
    const { storage } = await lab.call('list_storage', { shared: false, content: 'images' });
    expect(storage.every(row => row.node !== undefined && row.content.includes('images'))).toBe(true);
    expect((await lab.call('list_storage', { type: 'zfs' })).hint).toContain('zfspool');
    expect((await lab.call('list_storage', { shared: 'true' })).storage.every(row => row.shared)).toBe(true);
  });

  test('list_tasks filters by resource, user, family and result', async () => {
    lab.sim.world.start(102, { fail: 'start failed: QEMU exited with code 1', user: 'eve@pve' });
    lab.sim.clock.advance(60_000);
    const { tasks } = await lab.call('list_tasks', {
      resource: 'app01',
      result: 'error',
      type: 'start',
      user: 'eve@pve',
      max_age_seconds: 0,
    });
    expect(tasks).toEqual([
      expect.objectContaining({
        type: 'qmstart',
        id: 'vm/102',
        user: 'eve@pve',
        status: 'start failed: QEMU exited with code 1',
      }),
    ]);
    expect((await lab.call('list_tasks', { since: '1m', user: 'nobody@pam' })).hint).toContain(
      'No task matches',
    );
    const named = await lab.call('list_tasks', { user: 'eve' });
    expect(named.tasks).toEqual(tasks);
    const { tasks: ok } = await lab.call('list_tasks', { result: 'ok', limit: 500 });
    expect(ok.every(task => /^(?:OK|WARNINGS)/.test(task.status))).toBe(true);
  });

  // Kills: "no such type, so nothing of the kind happened".
  test('list_tasks takes types as people name them, and says so where no task is of a type', async () => {
    const vmid = lab.sim.world.find({ type: 'qemu', status: 'running', ha: false })[0]!;
    lab.sim.world.restart(vmid);
    lab.sim.world.snapshot(vmid, 'named');
    lab.sim.clock.advance(60_000);
    const types = async (type: string) => {
      const { tasks } = await lab.call('list_tasks', {
        type,
        since: '2m',
        resource: `vm/${vmid}`,
        max_age_seconds: 0,
      });
      return [...new Set(tasks.map(task => task.type))];
    };
    expect(await types('reboot')).toEqual(['qmreboot']);
    expect(await types('Restart')).toEqual(['qmreboot']);
    expect(await types('snapshots')).toEqual(['qmsnapshot']);
    expect(await types('qmsnapshot')).toEqual(['qmsnapshot']);
    for (const both of ['reboot, snapshot', ['reboot', 'snapshot']])
      expect((await types(both as string)).sort()).toEqual(['qmreboot', 'qmsnapshot']);
    for (const node of [['pve1'], 'node/pve1'])
      expect((await lab.call('list_vms', { node })).total).toBeGreaterThan(0);
    const { hint } = await lab.call('list_tasks', { type: 'defragment' });
    expect(hint).toContain('No task at all is of type "defragment": families are start, stop, backup');
    expect(hint).toContain('show_history');
    expect((await lab.call('list_tasks', { type: 'reboot', user: 'eve@pve' })).hint).not.toContain('at all');
    const { tasks } = await lab.call('list_tasks', { result: 'failed', limit: 5 });
    expect(tasks.some(task => task.status === 'OK')).toBe(false);
  });

  test('get_cluster_status counts what there is', async () => {
    const status = await lab.call('get_cluster_status', { max_age_seconds: 0 });
    expect(status).toMatchObject({
      name: 'lab',
      quorate: true,
      nodes: { total: 3, online: 3 },
      attention: expect.any(Array),
    });
    expect(status.vms.total + (status.vms.templates ?? 0)).toBe(guests('qemu').length);
    expect(status.attention.some(row => row.what === 'vm/102')).toBe(true);
  });
});

test('a guest on a node that is not online is unknown, its last status named apart', async () => {
  const own = await startLab({ discovered: true, guests: 20 });
  try {
    own.sim.world.nodeDown('pve3');
    own.sim.clock.advance(400_000);
    const { vms } = await own.call('list_vms', { status: 'unknown' });
    expect(vms.length).toBeGreaterThan(0);
    expect(vms.every(row => row.node === 'pve3' && row.last_status !== undefined)).toBe(true);
    expect((await own.call('get_cluster_status')).attention).toContainEqual({
      what: 'node/pve3',
      why: expect.stringContaining('offline'),
    });
  } finally {
    await own.close();
  }
});

test('an empty store says so instead of counting zero', async () => {
  const own = await startLab({ guests: 5 });
  try {
    await own.sim.stop();
    for (const tool of own.runner.tools) {
      const result = await own.runner.run(tool.name, tool.example);
      expect(result.isError, tool.name).toBe(true);
      expect((result.content[0] as { text: string }).text).toMatch(/does not answer/);
    }
  } finally {
    await own.close();
  }
});

test('a cluster that went away leaves its age', async () => {
  const own = await startLab({ guests: 5 });
  try {
    own.sim.clock.advance(60_000);
    await own.discover();
    await own.sim.stop();
    own.sim.clock.advance(3_600_000);
    const answer = await own.call('list_vms');
    expect(answer).toMatchObject({
      source: 'store',
      stale: { since: '2026-11-20T06:01:00+00:00', reason: expect.any(String) },
    });
    expect(answer.total).toBeGreaterThan(0);
  } finally {
    await own.close();
  }
});

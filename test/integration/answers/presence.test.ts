import { afterEach, expect, test } from 'vitest';
import {
  type Answer,
  type Guest,
  type Node,
  rowsIn,
  type Storage,
  type Task,
  type Tool,
} from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import type { PveRow } from '../../support/pve-row.ts';
import { times } from '../../support/soak.ts';

/*
 * Every reason for which something cannot be seen, against every answer that shows or counts it: a row that is not the
 * present is marked, and nothing counts it as running, online or available.
 */

let lab: Lab;
afterEach(() => lab.close());

const narrow = (...acl: Parameters<Lab['sim']['world']['setRights']>[1]) =>
  lab.sim.world.setRights(lab.sim.tokens.full, acl);
/** All but guests and storages; a role on /pool would show the guests of every pool. */
const besides = [
  { path: '/', privs: ['Sys.Audit', 'Sys.Syslog'] },
  { path: '/pool', privs: ['Pool.Audit'] },
];

/** What takes something out of sight, and what that is: nodes, guests' nodes (`*`: all guests), storages. */
const REASONS: {
  [why: string]: {
    do: () => void;
    nodes?: string[];
    guestsOf?: string[];
    storages?: string[];
    tasksOf?: string[];
  };
} = {
  'no quorum': {
    do: () => lab.sim.world.quorumLoss(),
    nodes: ['pve2', 'pve3'],
    guestsOf: ['pve2', 'pve3'],
    storages: ['local@pve2', 'local@pve3'],
    tasksOf: ['pve2', 'pve3'],
  },
  'sources disagree': {
    do: () =>
      lab.sim.faults.add({
        match: '/cluster/status',
        kind: 'status',
        status: 200,
        body: JSON.stringify({
          data: [
            { type: 'cluster', id: 'cluster', name: 'lab', nodes: 3, quorate: 1, version: 3 },
            ...['pve1', 'pve2', 'pve3'].map((name, n) => ({
              type: 'node',
              id: `node/${name}`,
              name,
              nodeid: n + 1,
              online: name === 'pve3' ? 0 : 1,
            })),
          ],
        }),
      }),
    nodes: ['pve3'],
    guestsOf: ['pve3'],
    storages: ['local@pve3'],
    tasksOf: ['pve3'],
  },
  'node off': {
    do: () => lab.sim.world.nodeDown('pve3', { haRecovery: false }),
    guestsOf: ['pve3'],
    storages: ['local@pve3'],
  },
  'node hung': {
    do: () => lab.sim.world.nodeFrozen('pve3'),
    nodes: ['pve3'],
    storages: ['local@pve3'],
    tasksOf: ['pve3'],
  },
  'rights on guests lost': {
    do: () => narrow(...besides, { path: '/storage', role: 'PVEAuditor' }),
    guestsOf: ['pve1', 'pve2', 'pve3'],
  },
  'rights on storages lost': {
    do: () => narrow(...besides, { path: '/vms', role: 'PVEAuditor' }),
    storages: ['*'],
  },
  'all rights lost': {
    do: () => narrow({ path: '/', role: 'NoAccess' }),
    guestsOf: ['pve1', 'pve2', 'pve3'],
    storages: ['*'],
  },
  'storage listing failed on a node': {
    do: () => lab.sim.faults.add({ match: '/nodes/pve2/storage', kind: 'status', status: 500 }),
    storages: ['local@pve2'],
  },
  'task list failed on a node': {
    do: () => lab.sim.faults.add({ match: '/nodes/pve2/tasks', kind: 'status', status: 500 }),
    tasksOf: ['pve2'],
  },
  'guest listing short': {
    do: () => lab.sim.faults.add({ match: '/cluster/resources', kind: 'cut-list', keep: 0.05 }),
  },
};

async function start(): Promise<void> {
  lab = await startLab({ guests: 24 });
  for (const node of ['pve1', 'pve2', 'pve3']) {
    const { vmid } = lab.sim.world.createGuest({ type: 'qemu', node, start: true });
    lab.sim.world.backup(vmid, { durationMs: 86_400_000 });
  }
  lab.sim.clock.advance(60_000);
  await lab.discover();
}

const rowsOf = async <T extends Tool, List extends keyof Answer<T>>(tool: T, list: List, args = {}) => {
  const answer: Answer<T> = await lab.call(tool, { limit: 500, ...args });
  return { rows: answer[list], answer };
};
/** What rows of all lists have. */
type Seen = Pick<Guest & Node & Storage & Task, 'node' | 'status' | 'unseen_reason'>;
const isMarked = (row: Seen) => row.unseen_reason !== undefined;

/** Out of sight: says so, and since when; in sight: does not. */
function expectMarked<R extends Seen>(rows: R[], unseen: (row: R) => boolean): void {
  for (const row of rows) {
    const label = JSON.stringify(row);
    expect(isMarked(row), label).toBe(unseen(row));
    if (!unseen(row)) continue;
    expect(row.status, label).toBe('unknown');
    expect(row.unseen_reason, label).not.toBe('');
  }
}

const count = (rows: Seen[], status: string) => rows.filter(row => row.status === status).length;

test.each(Object.keys(REASONS))('%s: no answer shows or counts as present what cannot be seen', async why => {
  await start();
  const reason = REASONS[why]!;
  reason.do();
  lab.sim.clock.advance(60_000);
  await lab.discover().catch(() => {});
  const nodes = await rowsOf('list_nodes', 'nodes');
  const vms = await rowsOf('list_vms', 'vms');
  const containers = await rowsOf('list_containers', 'containers');
  const storage = await rowsOf('list_storage', 'storage');
  const tasks = await rowsOf('list_tasks', 'tasks');
  const status = await lab.call('get_cluster_status', { detail: 'full' });

  if (why !== 'guest listing short') {
    const isUnseenStorage = (row: Storage) =>
      reason.storages?.some(
        one => one === '*' || (one.startsWith('local@') && row.node === one.slice(6) && !row.shared),
      ) ?? false;
    expectMarked(nodes.rows, row => reason.nodes?.includes(row.node) ?? false);
    for (const { rows } of [vms, containers])
      expectMarked(rows, row => reason.guestsOf?.includes(row.node) ?? false);
    expectMarked(storage.rows, isUnseenStorage);
    expectMarked(tasks.rows, row => (row.status === 'unknown' ? isMarked(row) : false));
    for (const node of reason.tasksOf ?? [])
      expect(tasks.rows.filter(row => row.node === node && isMarked(row)).length, node).toBeGreaterThan(0);
  }

  // What the rows say, the counts say: none of them is more than what is confirmed.
  for (const { rows, answer } of [nodes, vms, containers, storage, tasks]) {
    const unseen = rows.filter(isMarked).length;
    expect(answer.unseen_total).toBe(unseen === 0 ? undefined : unseen);
    expect(answer.total).toBe(rows.length);
  }
  expect(status.nodes.online ?? 0).toBe(count(nodes.rows, 'online'));
  expect(status.nodes.unknown ?? 0).toBe(count(nodes.rows, 'unknown'));
  for (const [counts, { rows }] of [
    [status.vms, vms],
    [status.containers, containers],
  ] as const) {
    const living = rows.filter(row => !row.template);
    for (const word of ['running', 'stopped', 'paused', 'unknown'] as const)
      expect(counts[word] ?? 0, word).toBe(count(living, word));
    expect(counts.templates ?? 0).toBe(rows.filter(row => row.template && !isMarked(row)).length);
  }
  expect(status.tasks.running).toBe(count(tasks.rows, 'running'));
  const online = nodes.rows.filter(row => row.status === 'online');
  const sum = <F extends string>(rows: { [field in F]: number }[], field: F) =>
    rows.reduce((total, row) => total + (row[field] ?? 0), 0);
  if (status.totals.cpus !== undefined) {
    expect(status.totals.cpus).toBeLessThanOrEqual(sum(online, 'cpus'));
    expect(Math.abs(status.totals.memory_gib - sum(online, 'memory_gib'))).toBeLessThan(1);
  }
  const left = status.totals.left_out ?? [];
  for (const row of nodes.rows) if (row.status !== 'online') expect(left).toContain(`node/${row.node}`);
  expect(Math.abs((status.totals.storage_gib ?? 0) - sum(storage.rows, 'total_gib'))).toBeLessThan(1);
  for (const row of storage.rows) {
    if (row.status === 'available' || row.status === 'disabled') continue;
    if (row.status.startsWith('unreachable from')) continue;
    expect(row.total_gib, JSON.stringify(row)).toBeUndefined();
    expect(left.some(one => one.startsWith(`storage/${row.storage}`))).toBe(true);
  }

  // What a node was given is what its guests that are confirmed to run were given.
  for (const node of nodes.rows) {
    const own = [...vms.rows, ...containers.rows].filter(row => row.node === node.node);
    const running = own.filter(row => row.status === 'running');
    if (node.allocated_cpus !== undefined) expect(node.allocated_cpus).toBe(sum(running, 'cpus'));
    expect(node.unseen_guests ?? 0).toBe(own.filter(row => isMarked(row) && !row.template).length);
  }

  // Filters and sort orders go by what is known now.
  for (const [tool, key, all] of [
    ['list_vms', 'vms', vms],
    ['list_containers', 'containers', containers],
    ['list_nodes', 'nodes', nodes],
  ] as const)
    for (const word of tool === 'list_nodes'
      ? ['online', 'offline', 'unknown']
      : ['running', 'stopped', 'unknown']) {
      const found = await lab.call(tool, { limit: 500, status: word });
      expect(rowsIn(found, key), `${tool} ${word}`).toEqual(all.rows.filter(row => row.status === word));
    }
  for (const order of ['asc', 'desc']) {
    const { rows } = await rowsOf('list_vms', 'vms', { sort: 'status', order });
    const words = rows.map(row => row.status);
    expect(words).toEqual(order === 'asc' ? words.toSorted() : words.toSorted().toReversed());
  }
  expect((await rowsOf('list_tasks', 'tasks', { result: 'running' })).rows.some(isMarked)).toBe(false);

  // One by one, and by search.
  for (const row of [...vms.rows.slice(0, 6), ...containers.rows.slice(0, 3), ...nodes.rows]) {
    const resource = 'vmid' in row ? String(row.vmid) : `node/${row.node}`;
    const one = (await lab.call('get_resource', { resource })).resource;
    expect([one.status, one.last_status, one.unseen_since], resource).toEqual([
      row.status,
      row.last_status,
      row.unseen_since,
    ]);
    if (isMarked(row)) {
      expect(one.usage).toBeUndefined();
      const { matches } = await lab.call('find_resources', { query: row.node });
      for (const match of matches.filter(found => found.resource === resource))
        expect(match.status).toBe('unknown');
    }
  }

  // All of them are named, in the answer that has no rows for them.
  const lost = [...vms.rows, ...containers.rows].filter(isMarked);
  if (lost.length > 0 && status.unseen !== undefined) {
    const named = JSON.stringify(status.unseen);
    for (const row of lost.slice(0, 5)) expect(named).toContain(`/${row.vmid}"`);
  }

  // And the same moment asked for later says the same.
  const at = new Date(lab.sim.clock.now()).toISOString();
  const then = await rowsOf('list_vms', 'vms', { at });
  expect(then.rows.map(row => [row.vmid, row.status])).toEqual(vms.rows.map(row => [row.vmid, row.status]));
  const nodesThen = await rowsOf('list_nodes', 'nodes', { at });
  const isNow = ({ node, status, last_status }: Node) => [node, status, last_status];
  expect(nodesThen.rows.map(row => isNow(row))).toEqual(nodes.rows.map(row => isNow(row)));
  const storageThen = await rowsOf('list_storage', 'storage', { at });
  const shown = (row: Storage) => [row.storage, row.node, row.status, row.unseen_from, row.unseen_since];
  expect(storageThen.rows.map(row => shown(row))).toEqual(storage.rows.map(row => shown(row)));
  expect(storageThen.answer.unseen_total).toBe(storage.answer.unseen_total);
  // The present is filtered by the store, the past by us: both mean the same.
  for (const word of ['running', 'stopped', 'paused', 'unknown']) {
    const [now, past] = await Promise.all([
      rowsOf('list_vms', 'vms', { status: word }),
      rowsOf('list_vms', 'vms', { status: word, at }),
    ]);
    expect(
      past.rows.map(row => row.vmid),
      word,
    ).toEqual(now.rows.map(row => row.vmid));
    expect(past.answer.unseen_total, word).toBe(now.answer.unseen_total);
  }
});

// Kills: "its last size is its size": a storage that cannot be reached has only an old one, and nobody sums it up.
test('sizes of a storage that is out of reach are old, and said to be', async () => {
  await start();
  const before = (await lab.call('get_cluster_status')).totals;
  lab.sim.world.setStorageUnreachable('nas', true);
  lab.sim.clock.advance(60_000);
  await lab.discover();
  const [row] = (await rowsOf('list_storage', 'storage')).rows.filter(one => one.storage === 'nas');
  expect(row).toMatchObject({ status: 'unreachable', last_total_gib: expect.any(Number) });
  expect(row!.total_gib).toBeUndefined();
  const { totals } = await lab.call('get_cluster_status');
  expect(totals.left_out).toEqual(['storage/nas']);
  expect(before.storage_gib - totals.storage_gib).toBeCloseTo(row!.last_total_gib, 0);
});

test('what comes back into sight is present again, everywhere', async () => {
  await start();
  const before = await lab.call('get_cluster_status');
  narrow({ path: '/', role: 'NoAccess' });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  expect((await lab.call('get_cluster_status')).vms).toEqual({
    total: before.vms.total,
    unknown: before.vms.total,
    ...(before.vms.templates && { templates: 0, templates_unknown: before.vms.templates }),
  });
  narrow({ path: '/', role: 'Administrator' });
  lab.sim.clock.advance(60_000);
  await lab.discover();
  const after = await lab.call('get_cluster_status');
  expect([after.nodes, after.vms, after.containers, after.totals.left_out]).toEqual([
    before.nodes,
    before.vms,
    before.containers,
    undefined,
  ]);
  for (const [tool, key] of [
    ['list_vms', 'vms'],
    ['list_storage', 'storage'],
  ] as const)
    expect((rowsIn(await lab.call(tool, { limit: 500 }), key) as Seen[]).some(isMarked)).toBe(false);
});

// Kills: "a listing that calls it online has seen it": while its statistics hang, Proxmox repeats its last row for 5 minutes.
test('a node whose row stands still is online only where it answers for itself', async () => {
  await start();
  const [before] = await lab.store.details('node', ['pve3']);
  let told: number | undefined;
  lab.sim.faults.add({
    match: '/cluster/resources',
    kind: 'alter',
    alter: (rows: PveRow[]) => {
      const row = rows.find(one => one.type === 'node' && one.node === 'pve3')!;
      told ??= row.uptime;
      row.uptime = told;
    },
  });
  const look = async () => {
    lab.sim.clock.advance(40_000);
    const { nodes } = await lab.call('list_nodes');
    return nodes.map(row => [row.status, row.last_status, row.unseen_since]);
  };
  const online = ['online', undefined, undefined];
  // The row moved once, then stands still, while the node itself answers.
  for (const _ of [1, 2]) expect(await look()).toEqual([online, online, online]);
  lab.sim.world.nodeFrozen('pve3');
  const since = `${new Date(before!.observedAt).toISOString().slice(0, 19)}+00:00`;
  for (const _ of [1, 2]) expect(await look()).toEqual([online, online, ['unknown', 'online', since]]);
  expect((await lab.call('get_resource', { resource: 'node/pve3' })).resource.status).toBe('unknown');
  lab.sim.world.nodeFrozen('pve3', false);
  expect(await look()).toEqual([online, online, online]);
});

// Kills: "only who asks a node for its details finds out": whatever asked it, it did not answer.
test('a node that told nobody its tasks is not online in the list of nodes', async () => {
  await start();
  lab.sim.world.nodeFrozen('pve2');
  lab.sim.clock.advance(60_000);
  await lab.call('list_tasks');
  const look = async () => (await lab.call('list_nodes')).nodes.map(row => row.status);
  expect(await look()).toEqual(['online', 'unknown', 'online']);
  // A look that needs no more of it than its row still asks whether it is back.
  lab.sim.clock.advance(60_000);
  expect(await look()).toEqual(['online', 'unknown', 'online']);
  lab.sim.world.nodeFrozen('pve2', false);
  lab.sim.clock.advance(60_000);
  expect(await look()).toEqual(['online', 'online', 'online']);
});

test('a guest whose configuration could not be read says so, everywhere, until it can be', async () => {
  await start();
  const before = (await rowsOf('list_guests', 'guests')).rows;
  expect(before.some(row => row.unconfirmed !== undefined)).toBe(false);
  const some = before.filter(row => row.node === 'pve1');
  const remove = lab.sim.faults.add({
    match: /\/nodes\/pve1\/\w+\/\d+\/(config|pending)/,
    kind: 'status',
    status: 500,
  });
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
  const { rows } = await rowsOf('list_guests', 'guests');
  const marked = rows.filter(row => row.unconfirmed?.['config'] !== undefined).map(row => row.vmid);
  expect(marked).toEqual(some.map(row => row.vmid));
  const one = rows.find(row => row.vmid === marked[0])!;
  expect(Date.parse(one.unconfirmed['config']!)).toBeLessThan(lab.sim.clock.now() - 50_000);
  const { matches } = await lab.call('find_resources', { query: String(marked[0]) });
  expect(matches[0]!.unconfirmed).toEqual(one.unconfirmed);
  // A run that asks for the configuration of another guest alone has not read these.
  remove();
  const other = before.find(row => row.node === 'pve2')!;
  lab.sim.world.editConfig(other.vmid, { description: 'other' });
  lab.sim.clock.advance(20_000);
  await lab.discover({ facets: ['inventory', 'tasks'] });
  const later = (await rowsOf('list_guests', 'guests')).rows.filter(row => row.unconfirmed?.['config']);
  expect(later.map(row => row.vmid)).toEqual(marked);
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
  expect((await rowsOf('list_guests', 'guests')).rows.some(row => row.unconfirmed !== undefined)).toBe(false);
});

test('a load that its row does not tell is marked as old on its row, everywhere, until it is told', async () => {
  await start();
  const running = async () => (await lab.call('list_vms', { status: 'running', detail: 'full' })).vms;
  const [{ vmid }, other] = (await running()) as unknown as [{ vmid: number }, { vmid: number }];
  const at = lab.sim.clock.now();
  for (const odd of [undefined, 'nan', {}, null, -1e300]) {
    lab.sim.faults.clear();
    lab.sim.faults.add({
      match: '/cluster/resources',
      kind: 'alter',
      alter: (rows: { vmid?: number }[]) => {
        for (const row of rows) if (row.vmid === vmid) Object.assign(row, { cpu: odd, mem: odd });
      },
    });
    lab.sim.clock.advance(60_000);
    const vms = await running();
    const old = vms.find(row => row.vmid === vmid)?.unconfirmed ?? {};
    expect(Object.keys(old), String(odd)).toEqual(['cpu_percent', 'memory_percent']);
    expect(Object.values(old).map(time => Date.parse(String(time)))).toEqual([at, at]);
    expect(vms.find(row => row.vmid === other.vmid)!.unconfirmed).toBeUndefined();
    const { resource } = await lab.call('get_resource', { resource: vmid });
    expect(resource.unconfirmed).toEqual(old);
  }
  lab.sim.faults.clear();
  lab.sim.clock.advance(60_000);
  expect((await running()).filter(row => row.unconfirmed !== undefined)).toEqual([]);
  const told = await lab.store.versions({});
  expect(told.filter(({ change }) => change !== 'discovered')).toEqual([]);
});

/** The numbers of a node and of a storage, by their field in an answer of Proxmox, and the column that holds each. */
const NODE_NUMBERS = {
  cpu: 'cpu_percent',
  maxcpu: 'cpus',
  mem: 'memory_percent',
  maxmem: 'memory_gib',
  uptime: 'uptime_seconds',
};
const NODE_PARTS = {
  loadavg: 'load',
  'rootfs.total': 'root_gib',
  'rootfs.used': 'root_used_gib',
  'swap.total': 'swap_gib',
  'swap.used': 'swap_used_gib',
  'cpuinfo.sockets': 'cpu_sockets',
};
const SIZES = { total: 'total_gib', used: 'used_percent', avail: 'free_gib' };

/** Makes these fields odd in the answers of one node, or, with `none`, of no one. */
function oddNumbers(fields: string[], odd: unknown) {
  lab.sim.faults.clear();
  const alter = (row: { [field: string]: unknown }) => {
    for (const field of fields) {
      const [part, of] = field.split('.');
      if (of === undefined) row[field] = odd;
      else if (row[part!] !== undefined) row[part!] = { ...(row[part!] as object), [of]: odd };
    }
  };
  const one = (rows: { [field: string]: unknown }[]) =>
    rows.filter(row => row['id'] === 'node/pve1' || row['storage'] === 'local').forEach(alter);
  lab.sim.faults.add({ match: '/cluster/resources', kind: 'alter', alter: one });
  lab.sim.faults.add({ match: '/nodes/pve1/storage', kind: 'alter', alter: one });
  lab.sim.faults.add({ match: '/nodes/pve1/status', kind: 'alter', alter });
}

async function unconfirmedNow() {
  await lab.discover();
  const { nodes } = await lab.call('list_nodes');
  const { resource } = await lab.call('get_resource', { resource: 'node/pve1' });
  const { storage } = await lab.call('list_storage');
  return {
    listed: nodes.find(node => node.node === 'pve1')!,
    own: (resource.unconfirmed ?? {}) as { [fact: string]: string },
    local: storage.find(one => one.storage === 'local' && one.node === 'pve1')!,
    others: [
      ...nodes.filter(node => node.node !== 'pve1'),
      ...storage.filter(one => one.storage !== 'local' || one.node !== 'pve1'),
    ].filter(row => row.unconfirmed !== undefined),
  };
}

// Kills: a number of a node or a storage from an earlier look that is told as it is now, because this one could not be read.
test('numbers of nodes and storages that could not be read are marked on their rows, and are not told as present', async () => {
  await start();
  const columns = [...Object.values(NODE_NUMBERS), ...Object.values(NODE_PARTS)].sort();
  const fields = [...Object.keys(NODE_NUMBERS), ...Object.keys(NODE_PARTS), ...Object.keys(SIZES)];
  const before = await unconfirmedNow();
  expect([before.own, before.local.unconfirmed]).toEqual([{}, undefined]);
  const at = lab.sim.clock.now();
  for (const odd of ['nan', { a: 1 }, -1e300]) {
    oddNumbers(fields, odd);
    lab.sim.clock.advance(60_000);
    const { listed, own, local, others } = await unconfirmedNow();
    expect(Object.keys(own).sort(), String(odd)).toEqual(columns);
    for (const time of Object.values(own)) expect(Date.parse(time)).toBe(at);
    expect(Object.keys(listed.unconfirmed!).sort()).toEqual(Object.values(NODE_NUMBERS).sort());
    expect(listed).toMatchObject({ cpus: before.listed.cpus, memory_gib: before.listed.memory_gib });
    for (const used of ['cpu_percent', 'memory_percent', 'uptime_seconds'])
      expect(listed).not.toHaveProperty(used);
    expect(Object.keys(local.unconfirmed!)).toEqual(Object.values(SIZES));
    expect(local).toMatchObject({
      last_total_gib: before.local.total_gib,
      last_used_percent: before.local.used_percent,
    });
    expect(local).not.toHaveProperty('total_gib');
    expect(others).toEqual([]);
  }
  // Each for itself.
  const each = Object.entries({ ...NODE_NUMBERS, ...NODE_PARTS });
  for (const [field, column] of each.filter((_, n) => n % times(4, 1) === 0)) {
    oddNumbers([field], 'nan');
    lab.sim.clock.advance(60_000);
    expect(Object.keys((await unconfirmedNow()).own), field).toEqual([column]);
  }
  lab.sim.faults.clear();
  lab.sim.clock.advance(60_000);
  const after = await unconfirmedNow();
  expect([after.own, after.listed.unconfirmed, after.local.unconfirmed]).toEqual([{}, undefined, undefined]);
  const told = await lab.store.versions({});
  expect(told.filter(({ change }) => change !== 'discovered')).toEqual([]);
});

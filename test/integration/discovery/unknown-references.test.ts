import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/simulator/faults.ts';
import { startPostgres } from '../../support/database-postgres.ts';
import { type Lab, type LabOptions, startLab } from '../../support/lab.ts';
import { requestsOf } from '../../support/odd-values.ts';
import { times } from '../../support/soak.ts';
import { storyOf } from '../../support/story.ts';

type Row = Record<string, unknown>;
const upid = (node: string, id: string) =>
  `UPID:${node}:0000057B:000500C7:${Math.floor(Date.UTC(2026, 0, 1) / 1000)
    .toString(16)
    .toUpperCase()}:qmstart:${id}:root@pam:`;

/** Each names what no other list has. `told` is where the answer of a tool shows that the row was recorded, or not. */
const REFERENCES: { name: string; endpoint: string; add: (rows: Row[]) => void }[] = [
  {
    name: 'a guest on a node that left',
    endpoint: '/cluster/resources',
    add: rows => {
      const vm = rows.find(row => row['type'] === 'qemu')!;
      rows.push({ ...vm, id: 'qemu/9001', vmid: 9001, name: 'left', node: 'gone', status: 'running' });
    },
  },
  {
    name: 'a container on a node that left',
    endpoint: '/cluster/resources',
    add: rows => {
      rows.push({ id: 'lxc/9002', type: 'lxc', vmid: 9002, name: 'left', node: 'gone', status: 'unknown' });
    },
  },
  {
    name: 'a storage row of a node that left',
    endpoint: '/cluster/resources',
    add: rows => {
      rows.push({
        id: 'storage/gone/nas',
        type: 'storage',
        storage: 'nas',
        node: 'gone',
        status: 'available',
      });
    },
  },
  {
    name: 'a guest in a pool that no list has',
    endpoint: '/cluster/resources',
    add: rows => {
      rows.find(row => row['type'] === 'qemu')!['pool'] = 'nowhere';
    },
  },
  {
    name: 'a task of a host that was renamed',
    endpoint: '/nodes/{node}/tasks',
    add: rows => {
      rows.push({ upid: upid('oldname', '101'), status: 'OK', endtime: 1_767_225_700 });
    },
  },
  {
    name: 'a task of a guest that is gone',
    endpoint: '/nodes/{node}/tasks',
    add: rows => {
      rows.push({ upid: upid('pve1', '98765'), status: 'OK', endtime: 1_767_225_700 });
    },
  },
  {
    name: 'a storage that a node alone knows',
    endpoint: '/nodes/{node}/storage',
    add: rows => {
      rows.push({ storage: 'undefined-one', active: 1, enabled: 1, total: 10, used: 1, avail: 9 });
    },
  },
  {
    name: 'a storage for nodes that left',
    endpoint: '/storage',
    add: rows => {
      rows.push({ storage: 'leftover', type: 'dir', path: '/x', content: 'images', nodes: 'gone,pve1' });
    },
  },
  {
    name: 'a replication job of a guest, to a node, that are gone',
    endpoint: '/nodes/{node}/replication',
    add: rows => {
      rows.push({ id: '98765-0', guest: 98765, target: 'gone', schedule: '*/15' });
    },
  },
  {
    name: 'a guest under high availability that is gone',
    endpoint: '/cluster/ha/resources',
    add: rows => {
      rows.push({ sid: 'vm:98765', state: 'started', group: 'nowhere' });
    },
  },
  {
    name: 'a backup job of guests, a pool and a storage that are gone',
    endpoint: '/cluster/backup',
    add: rows => {
      rows.push({ id: 'leftover', vmid: '98765', pool: 'nowhere', storage: 'nowhere', node: 'gone' });
    },
  },
  {
    name: 'a backup of a guest that is gone',
    endpoint: '/nodes/{node}/storage/{storage}/content',
    add: rows => {
      rows.push({
        volid: 'x:backup/vzdump-qemu-98765-2026_01_01-00_00_00.vma',
        vmid: 98765,
        size: 1,
        ctime: 1,
      });
    },
  },
  {
    name: 'a log line of a node and a guest that are gone',
    endpoint: '/cluster/log',
    add: rows => {
      rows.unshift({ uid: 'x1', node: 'gone', user: 'a@pam', time: 1, msg: 'update VM 98765: -memory 1' });
    },
  },
  {
    name: 'the status of a node that no row has',
    endpoint: '/cluster/status',
    add: rows => {
      rows.push({ type: 'node', id: 'node/gone', name: 'gone', nodeid: 99, online: 0 });
    },
  },
];

const asFault = ({ endpoint, add }: (typeof REFERENCES)[number]): Fault => ({
  match: requestsOf(endpoint),
  kind: 'alter',
  alter: (rows: Row[]) => add(rows),
});

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});
const TOOLS = [
  'list_vms',
  'list_containers',
  'list_nodes',
  'list_storage',
  'list_tasks',
  'get_cluster_status',
];

async function count({ store }: Lab) {
  const [vms, containers, nodes, storages] = await Promise.all([
    store.guests('vm'),
    store.guests('container'),
    store.nodes(),
    store.storages(),
  ]);
  return [vms.total, containers.total, nodes.length, storages.length];
}

describe('rows that refer to what no other list has', () => {
  /** Apart in the soak; else those that stand in lists of different kinds together. */
  const together = times(4, 1);
  const groups = REFERENCES.slice(0, Math.ceil(REFERENCES.length / together)).map((_, at, { length }) =>
    REFERENCES.filter((_, n) => n % length === at),
  );
  test.each(
    groups.map(group => ({ group, name: group.map(one => one.name).join('; ') })),
  )('cost nothing on a fresh store: $name', async ({ group }) => {
    lab = await startLab({ guests: 10 });
    const { guests } = lab.sim.truth.state();
    for (const reference of group) lab.sim.faults.add(asFault(reference));
    const run = await lab.discover({ deep: true });
    expect(run).toMatchObject({ status: 'completed', error: null });
    expect(run.warnings.filter(line => /facet|refers|foreign|column/i.test(line))).toEqual([]);
    const [vms, containers] = await count(lab);
    expect(vms! + containers!).toBeGreaterThanOrEqual(Object.keys(guests).length);
    for (const tool of TOOLS) await lab.call(tool, {});
  });
});

describe('a row that refers to what no other list has does not stop an older store', () => {
  let older: Lab;
  let story: () => Promise<string[]>;
  beforeAll(async () => {
    older = await startLab({ discovered: true, guests: 10 });
    await older.discover({ deep: true });
    story = storyOf(older);
    await story();
  });
  afterAll(() => older.close());

  test.each(REFERENCES)('$name', async reference => {
    older.sim.faults.add(asFault(reference));
    const before = older.sim.clock.now();
    older.sim.clock.advance(60_000);
    expect(await older.discover({ deep: true })).toMatchObject({ status: 'completed', error: null });
    expect((await older.store.lastCommit('inventory'))?.observedAt).toBeGreaterThan(before);
    older.sim.faults.clear();
    await older.discover({ deep: true });
    expect((await story()).filter(line => / deleted/.test(line)).length).toBeLessThanOrEqual(1);
  });
});

async function tellsOfTheGone(options: LabOptions) {
  lab = await startLab({ guests: 10, ...options });
  for (const reference of REFERENCES.slice(0, 2)) {
    const { endpoint } = reference;
    lab.sim.faults.add({
      match: requestsOf(endpoint),
      kind: 'alter',
      alter: (rows: Row[]) => {
        for (const one of REFERENCES.slice(0, 2)) one.add(rows);
      },
    });
  }
  await lab.discover({ deep: true });
  const { guests } = lab.sim.truth.state();
  const [vms, containers] = await count(lab);
  expect(vms! + containers!).toBe(Object.keys(guests).length + 2);
  const vm = await lab.store.guest('vm', 9001);
  expect(vm).toMatchObject({ name: 'left', nodeId: 'gone', status: null });
  expect(vm?.unseenReason).toEqual({ code: 'node-not-member', node: 'gone' });
  expect((await lab.store.nodes()).map(node => node.id)).not.toContain('gone');
  const shown = JSON.stringify(await lab.call('get_resource', { resource: 'vm/9001' }));
  expect(shown).toContain('not part of the cluster');
}

test('the guest is told, and its node as one that is not of the cluster', () => tellsOfTheGone({}));

test('on PostgreSQL, too, a guest is told, and its node as one that is not of the cluster', async () => {
  const server = await startPostgres();
  try {
    await tellsOfTheGone({ databaseUrl: await server.createStore() });
    await lab?.close();
    lab = undefined;
  } finally {
    await server.stop();
  }
});

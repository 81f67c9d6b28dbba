import { afterEach, describe, expect, test } from 'vitest';
import { resources } from '../../../resources/index.ts';
import { answer } from '../../../src/cli/render/answer.ts';
import { INSTRUCTIONS } from '../../../src/mcp/server/instructions.ts';
import { tools } from '../../../tools/index.ts';
import type { Guest, Resource } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';

/*
 * What answers say in words and sums, read as by one who has only them: nothing is claimed that was not seen, nothing counted as
 * none that cannot be seen, and every reason could be the true one.
 */

const MINUTE = 60_000;
let lab: Lab;
afterEach(() => lab.close());

const start = async (options: Parameters<typeof startLab>[0] = {}) => {
  lab = await startLab({ discovered: true, guests: 14, now: Date.UTC(2026, 10, 20, 6, 1), ...options });
};
const narrow = (...acl: Parameters<Lab['sim']['world']['setRights']>[1]) =>
  lab.sim.world.setRights(lab.sim.tokens.full, acl);
const look = async (ms = MINUTE) => {
  lab.sim.clock.advance(ms);
  await lab.discover();
};
const changes = async (args: object = {}) =>
  (await lab.call('diff_state', { from: '1h', limit: 100, ...args })).changes;
const whyOf = async (resource: string) =>
  (await changes()).find(row => row.resource === resource)?.why_unknown;
const attention = async (what: string) =>
  (await lab.call('get_cluster_status')).attention.filter(row => row.what === what);

describe('who sees only part', () => {
  test('tasks of its own user alone are not told as all there are', async () => {
    await start();
    narrow({ path: '/', privs: ['VM.Audit', 'Pool.Audit', 'Datastore.Audit'] });
    await look();
    expect((await lab.call('get_cluster_status')).tasks).toMatchObject({ own_only: true });
    expect(await attention('tasks')).toHaveLength(1);
    for (const tool of ['list_tasks', 'show_history'])
      expect((await lab.call(tool)).hint, tool).toContain("only those of the token's own user");
    narrow({ path: '/', role: 'Administrator' });
    await look();
    expect((await lab.call('get_cluster_status')).tasks.own_only).toBeUndefined();
    expect((await lab.call('list_tasks')).hint ?? '').not.toContain('own user');
  });

  test('a load that is told no longer is not shown as the present', async () => {
    await start();
    const before = await lab.call('get_cluster_status');
    narrow({ path: '/', privs: ['VM.Audit', 'Pool.Audit', 'Datastore.Audit'] });
    await look();
    for (const node of (await lab.call('list_nodes')).nodes) {
      expect(node).toMatchObject({ status: 'online', cpus: expect.any(Number) });
      for (const field of ['cpu_percent', 'memory_percent', 'uptime_seconds'] as const)
        expect(node[field], field).toBeUndefined();
    }
    const { totals } = await lab.call('get_cluster_status');
    expect(totals).toMatchObject({ cpus: before.totals.cpus, memory_gib: before.totals.memory_gib });
    expect(totals.cpu_percent).toBeUndefined();
    expect(totals.memory_percent).toBeUndefined();
    expect(totals.left_out).toContain('load of node/pve1');
  });

  test('a quorum that cannot be read is said to be unknown', async () => {
    await start();
    narrow({ path: '/', privs: ['VM.Audit'] });
    await look();
    expect((await lab.call('get_cluster_status')).quorate).toBeUndefined();
    expect((await attention('cluster'))[0]!.why).toContain('could not be read');
  });

  test('storages out of sight for one reason are one line', async () => {
    await start();
    narrow({ path: '/', privs: ['VM.Audit', 'Sys.Audit', 'Pool.Audit', 'Sys.Syslog'] });
    await look();
    const rows = (await lab.call('get_cluster_status')).attention.filter(row => /storage/.test(row.what));
    expect(rows).toHaveLength(1);
    for (const { storage } of (await lab.call('list_storage')).storage)
      expect(rows[0]!.why).toContain(`storage/${storage}`);
  });

  test('guests out of sight are counted as get_cluster_status counts them', async () => {
    await start();
    narrow({ path: '/vms/100', privs: ['VM.Audit'] });
    await look();
    const { vms, containers } = await lab.call('get_cluster_status');
    const total = vms.total + containers.total;
    const unknown = vms.unknown + containers.unknown;
    expect((await attention('guests'))[0]!.why).toContain(`${unknown} of ${total} cannot be seen`);
    const { nodes } = await lab.call('list_nodes');
    for (const node of nodes)
      if (node.unseen_guests === node.guests) expect(node.allocated_cpus).toBeUndefined();
  });

  test('a pool that is told no longer is marked on the row', async () => {
    await start();
    const before = (await lab.call('list_vms', { pool: 'prod' })).vms;
    expect(before.length).toBeGreaterThan(0);
    for (const row of before) expect(row.unconfirmed).toBeUndefined();
    narrow({ path: '/', privs: ['VM.Audit', 'Sys.Audit', 'Datastore.Audit', 'Sys.Syslog'] });
    await look();
    for (const row of (await lab.call('list_vms', { pool: 'prod' })).vms)
      expect(row.unconfirmed).toEqual({ pool: '2026-11-20T06:01:00+00:00' });
    const { resource } = await lab.call('get_resource', { resource: `vm/${before[0]!.vmid}` });
    expect(resource.unconfirmed).toHaveProperty('pool');
    const inPool = (await lab.call('find_resources', { query: 'prod' })).matches.filter(
      match => match.field === 'pool' && /^(vm|container)\//.test(match.resource),
    );
    expect(inPool.length).toBeGreaterThan(0);
    for (const match of inPool)
      expect(match).toMatchObject({
        unconfirmed: { pool: '2026-11-20T06:01:00+00:00' },
        as_of: '2026-11-20T06:01:00+00:00',
      });
    narrow({ path: '/', role: 'Administrator' });
    await look();
    for (const row of (await lab.call('list_vms', { pool: 'prod' })).vms)
      expect(row.unconfirmed).toBeUndefined();
  });

  test('a token that sees nothing is never told that nothing changed, nor that the cluster is called "unnamed"', async () => {
    await start({ token: 'none' });
    expect((await lab.call('get_cluster_status')).name).toBeUndefined();
    const { hint } = await lab.call('diff_state');
    expect(hint).not.toContain('Nothing changed');
    expect(hint).toContain('VM.Audit');
    expect((await lab.call('show_history')).hint).toContain('VM.Audit');
  });
});

test('configurations that were read a while ago are not said to be unchanged', async () => {
  await start();
  lab.sim.clock.advance(2 * MINUTE);
  lab.sim.world.editProperty(101, 'net0', 'tag', '44', { user: 'alice@pam' });
  lab.sim.clock.advance(MINUTE);
  const { hint, changes: rows } = await lab.call('diff_state', { from: '2m' });
  expect(rows).toEqual([]);
  expect(hint).toContain('configurations were last read at 2026-11-20T06:01:00');
  expect(hint).not.toContain('Nothing changed');
});

test('a moment at which not all could be seen is not said to have been without changes', async () => {
  await start();
  lab.sim.world.quorumLoss();
  await look();
  const to = new Date(lab.sim.clock.now()).toISOString();
  lab.sim.world.quorumLoss(false);
  await look();
  const { hint, changes: rows } = await lab.call('diff_state', { from: '1h', to, type: 'vm' });
  expect(rows).toEqual([]);
  expect(hint).not.toContain('Nothing changed');
  expect(hint).toContain('could not see all of it');
});

test.each([
  ['no quorum', () => lab.sim.world.quorumLoss()],
  ['rights lost', () => narrow({ path: '/', role: 'NoAccess' })],
] as const)('resources and tables mark what lists mark: %s', async (_why, lose) => {
  await start();
  lose();
  await look();
  const nodes = new Map((await lab.call('list_nodes')).nodes.map(row => [row.node, row]));
  const read = async (path: string, variables: { [name: string]: string } = {}) => {
    const resource = resources.find(one => one.uri === `proxmox://${path}`)!;
    return (await resource.read(variables, await lab.runner.context(resource.needs))) as Resource & {
      vms: Guest[];
      containers: Guest[];
      nodes: object;
    };
  };
  for (const [tool, key] of [
    ['list_vms', 'vms'],
    ['list_containers', 'containers'],
  ] as const) {
    const listed = await lab.call(tool, { limit: 100 });
    const rows = 'vms' in listed ? listed.vms : listed.containers;
    const shown = (await read(key))[key];
    expect(shown.map(row => [row.vmid, row.status])).toEqual(rows.map(row => [row.vmid, row.status]));
    const table = answer({ [key]: rows }, null).split('\n');
    expect(rows.some(row => row.unseen_since)).toBe(true);
    for (const row of rows) {
      const alone = await read(`${key}/{vmid}`, { vmid: String(row.vmid) });
      expect(alone.status, `${key} ${row.vmid}`).toBe(row.status);
      if (row.unseen_since === undefined) continue;
      expect(alone.unseen_reason).toBe(row.unseen_reason);
      expect(alone.usage ?? null).toBeNull();
      const line = table.find(text => text.startsWith(`${row.vmid} `))!;
      expect(line).toMatch(/ unknown +(?:running|stopped) /);
      expect(line).toContain(row.unseen_reason);
    }
  }
  for (const [node, row] of nodes)
    expect((await read('nodes/{node}', { node })).status, node).toBe(row.status);
  const cluster = await read('cluster');
  expect(cluster.nodes).toEqual((await lab.call('get_cluster_status')).nodes);
  const told = answer(cluster, null);
  expect(told).toMatch(/unknown/);
  expect(told).toMatch(/could not be judged|cannot be seen/);
  const stores = (await read('storage/{storage}', { storage: 'local' })).views;
  for (const view of stores) if (view.unseen_since) expect(view.status).toBe('unknown');
});

describe('why nobody is named', () => {
  test('a quorum that was lost was no edit', async () => {
    await start();
    lab.sim.world.quorumLoss();
    await look();
    expect(await whyOf('cluster')).toBe('nodes lose and find one another without a task');
    expect(JSON.stringify(await lab.call('list_vms', { status: 'unknown' }))).not.toContain('is not online');
  });

  test('a node that left was taken out, and its guests went with it', async () => {
    await start();
    const gone = (await lab.call('list_vms', { node: 'pve3' })).vms[0]!;
    lab.sim.world.removeNode('pve3');
    await look();
    expect(await whyOf('node/pve3')).toContain('pvecm');
    expect(await whyOf(`vm/${gone.vmid}`)).toBe('its node left the cluster (pve3)');
  });

  test('what the HA manager recovers has its node for a reason', async () => {
    await start();
    lab.sim.world.nodeDown('pve3');
    await look();
    await look(9 * MINUTE);
    const moved = (await changes()).find(row => row.fields?.some(field => field.path === 'node'));
    expect(moved?.['why_unknown']).toMatch(/^node: its node was down: the HA manager.* \(pve3\)$/);
    expect(moved?.['causes']).toMatchObject([{ type: 'qmstart', fields: ['started_at'] }]);
  });

  test("another node's list that could not be read is no reason", async () => {
    await start();
    lab.sim.faults.add({ match: '/nodes/pve3/tasks', kind: 'status', status: 500 });
    const here = (await lab.call('list_vms', { node: 'pve1', status: 'running' })).vms[0]!;
    lab.sim.world.shutdownInside(here.vmid);
    await look();
    expect(await whyOf(`vm/${here.vmid}`)).toMatch(/^no task on its node did it: from inside the guest/);
  });

  // Kills: "edits of containers leave nothing" where a rollback by somebody else may have done it.
  test('of a container, tasks of others that cannot be seen are one', async () => {
    await start();
    narrow({ path: '/', privs: ['VM.Audit', 'Pool.Audit', 'Datastore.Audit', 'Sys.Syslog'] });
    await look();
    lab.sim.world.rename(200, 'renamed');
    await look(10 * MINUTE);
    const why = await whyOf('container/200');
    expect(why).toContain('edits of containers leave neither');
    expect(why).toContain('the token sees only tasks of its own user');
  });

  test('no hint guesses at reasons beside those of the rows', async () => {
    await start();
    lab.sim.world.shutdownInside(109);
    await look();
    expect((await lab.call('diff_state', { from: '5m' })).hint ?? '').not.toContain('without a cause');
  });
});

describe('what belongs to whom', () => {
  test('backups that lie under a VMID are not claimed for a guest that came since they were read', async () => {
    await start();
    lab.sim.world.backup(101);
    await look(10 * MINUTE);
    lab.sim.world.reuseVmid(101, {});
    lab.sim.clock.advance(MINUTE);
    // As an answer finds it that is given between the commit of the guest and that of its backups.
    await lab.discovery.ensure({
      facets: new Set(['inventory']),
      guests: new Set(),
      deep: false,
      maxAgeMs: 0,
      signal: undefined,
    });
    const { backups } = (await lab.call('get_resource', { resource: 'vm/101', max_age_seconds: 3600 }))
      .resource;
    expect(backups.count ?? 0).toBe(0);
    expect(backups.last_backup_at).toBeUndefined();
    expect(backups.unjudged ?? backups.former?.[0]).toMatchObject({ count: 1 });
  });

  test('the task of a clone tells the guest it made', async () => {
    await start();
    const { vmid, upid } = lab.sim.world.cloneGuest(101, { name: 'copy' });
    await look();
    const { task } = await lab.call('get_task', { upid });
    expect(task.changes).toMatchObject([{ resource: `vm/${vmid}`, change: 'created', name: 'copy' }]);
  });
});

/** Calls of every list and what stands beside it. */
const CALLS: [string, { [argument: string]: unknown; group?: string[] }][] = [
  ['get_cluster_status', {}],
  ['list_vms', { detail: 'full' }],
  ['list_vms', { at: '2020-01-01' }],
  ['list_containers', { at: '1m' }],
  ['list_guests', { where: ['!onboot'], detail: 'full' }],
  ['list_guests', { group: ['node'] }],
  ['list_nodes', {}],
  ['list_nodes', { at: '1m' }],
  ['list_nodes', { group: ['status'] }],
  ['list_storage', { limit: 3 }],
  ['list_storage', { group: ['type'] }],
  ['list_tasks', { since: '2020-01-01' }],
  ['get_resource', { resource: 'vm/100' }],
  ['find_resources', { query: 'prod' }],
  ['diff_state', { from: '2020-01-01' }],
  ['diff_state', { resource: 'vm/100', with: 'vm/101' }],
  ['show_history', { limit: 100 }],
  ['discover', {}],
];

/** What an output field's schema says of its columns, with what it says in the same place of list_guests where it refers to that. */
function descriptionOf(field: unknown): string {
  const { description = '' } = (field ?? {}) as { description?: string };
  const guests = tools.find(tool => tool.name === 'list_guests')!.output as { [name: string]: unknown };
  return description.startsWith('As in list_guests')
    ? `${description} ${descriptionOf(guests['guests'])}`
    : description;
}

// Kills: fields that nothing told a model of: no schema, no argument of the same name, and no line of the instructions.
test('every field of an answer is declared, columns by name', async () => {
  await start();
  const undeclared = new Set<string>();
  const check = async () => {
    for (const [name, args] of CALLS) {
      const { isError, structuredContent = {} } = await lab.runner.run(name, args);
      if (isError) continue;
      const { output, input } = tools.find(tool => tool.name === name)!;
      const known = (field: string) =>
        field in output || field in input || new RegExp(`\\b${field}\\b`).test(INSTRUCTIONS);
      for (const [field, value] of Object.entries(structuredContent)) {
        if (field !== 'untrusted' && !known(field)) undeclared.add(`${name}: ${field}`);
        const words = `${descriptionOf(output[field])} ${INSTRUCTIONS}`;
        if (!name.startsWith('list_') || !Array.isArray(value) || field === 'unseen') continue;
        for (const column of value
          .flatMap(row => Object.keys(row))
          .filter(column => !args.group?.includes(column)))
          if (!new RegExp(`\\b${column}\\b`).test(words)) undeclared.add(`${name}: ${field}.${column}`);
      }
    }
  };
  await check();
  lab.sim.world.backup(101, { durationMs: 10 * MINUTE });
  lab.sim.world.setStorageUnreachable('nas', true);
  lab.sim.world.nodeDown('pve3', { haRecovery: false });
  await look();
  await check();
  lab.sim.world.quorumLoss();
  await look();
  await check();
  lab.sim.world.quorumLoss(false);
  narrow({ path: '/', privs: ['VM.Audit'] });
  await look();
  await check();
  lab.sim.faults.add({ match: /./, kind: 'status', status: 500 });
  lab.sim.clock.advance(10 * MINUTE);
  await check();
  expect([...undeclared]).toEqual([]);
});

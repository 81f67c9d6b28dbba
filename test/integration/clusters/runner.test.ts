import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { prompts } from '../../../prompts/index.ts';
import { resources } from '../../../resources/index.ts';
import { clusterPrompts } from '../../../src/clusters/prompts.ts';
import { clusterResources } from '../../../src/clusters/resources.ts';
import { createClustersRunner } from '../../../src/clusters/runner.ts';
import { noLog } from '../../../src/log.ts';
import type { Row } from '../../../src/mcp/define/output.ts';
import type { ToolRunner } from '../../../src/mcp/runner/tool-runner.ts';
import { completePrompt } from '../../../src/mcp/server/prompt-server.ts';
import { type Answer, rowsIn, type Tool } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { propertyRuns } from '../../support/soak.ts';

let home: Lab;
let lab: Lab;
let runner: ToolRunner;
const members = () =>
  new Map([
    ['home', home.runner],
    ['lab', lab.runner],
  ]);
beforeAll(async () => {
  [home, lab] = await Promise.all([
    startLab({ guests: 12, clusterName: 'home' }),
    startLab({ guests: 8, seed: 7, clusterName: 'lab' }),
  ]);
  // One guest that only one of them has, beside those that both have by vmid.
  lab.sim.world.createGuest({ vmid: 900 });
  await Promise.all([home.discover({ deep: true }), lab.discover({ deep: true })]);
  for (const one of [home, lab]) {
    for (const vmid of [100, 101, 102]) one.sim.world.rename(vmid, `renamed-${vmid}`);
    one.sim.clock.advance(60_000);
    await one.discover({ deep: true });
  }
  runner = createClustersRunner(members(), noLog);
});
afterAll(() => Promise.all([home.close(), lab.close()]));

async function call<T extends string>(name: T, args: object = {}): Promise<Answer<T>> {
  const result = await runner.run(name, args);
  if (result.isError) throw new Error((result.content as { text: string }[])[0]!.text);
  return result.structuredContent as Answer<T>;
}
const inEach = async <T extends string>(name: T, args: object = {}) => ({
  home: await home.call(name, args),
  lab: await lab.call(name, args),
});

describe('a list of both', () => {
  test('has every row with its cluster, in one order, and totals add up', async () => {
    const each = await inEach('list_guests');
    const both = await call('list_guests');
    expect(both.total).toBe(each.home.total + each.lab.total);
    expect(both.guests).toHaveLength(both.total);
    for (const cluster of ['home', 'lab'] as const) {
      const own = both.guests.filter(row => row.cluster === cluster);
      expect(own.map(row => row.resource)).toEqual(
        each[cluster].guests.map(row => `${cluster}:${row.resource}`),
      );
    }
    const vmids = both.guests.map(row => row.vmid);
    expect(vmids).toEqual([...vmids].sort((a, b) => a - b));
    expect(both.clusters.map(one => [one.cluster, one.total])).toEqual([
      ['home', each.home.total],
      ['lab', each.lab.total],
    ]);
  });

  test('paged with any limit it is the list in one page, each row once', async () => {
    const lists: [Tool, string, object][] = [
      ['list_guests', 'guests', {}],
      ['list_guests', 'guests', { sort: 'memory', order: 'desc' }],
      ['list_vms', 'vms', { sort: 'name' }],
      ['list_storage', 'storage', { sort: 'used_percent', order: 'desc' }],
      ['list_tasks', 'tasks', {}],
      ['show_history', 'history', { since: '2026-01-01' }],
      ['find_resources', 'matches', { query: 'vmbr0' }],
      ['check_health', 'findings', {}],
      ['diff_state', 'changes', { from: '2026-01-01' }],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lists),
        fc.integer({ min: 1, max: 9 }),
        async ([tool, key, args], limit) => {
          const whole: object[] = [];
          let page = await call(tool, { ...args, limit: 500 });
          whole.push(...rowsIn(page, key));
          while (page.next_cursor !== undefined) {
            page = await call(tool, { cursor: page.next_cursor });
            whole.push(...rowsIn(page, key));
          }
          const pieces: Row[] = [];
          let piece = await call(tool, { ...args, limit });
          for (let guard = 0; guard < 200; guard++) {
            expect(rowsIn(piece, key).length).toBeLessThanOrEqual(limit);
            pieces.push(...rowsIn(piece, key));
            if (piece.next_cursor === undefined) break;
            piece = await call(tool, { cursor: piece.next_cursor, limit });
          }
          const text = (rows: object[]) => rows.map(row => JSON.stringify({ ...row, as_of: undefined }));
          expect(text(pieces)).toEqual(text(whole));
          expect(new Set(pieces.map(row => row['cluster'])).size).toBeGreaterThan(0);
        },
      ),
      { numRuns: propertyRuns(5) },
    );
  });

  test('of one cluster alone is that list, still with its cluster', async () => {
    for (const args of [{ cluster: 'lab' }, { cluster: 'LAB' }, { cluster: ['lab'] }]) {
      const { guests, total } = await call('list_guests', args);
      expect(total).toBe((await lab.call('list_guests')).total);
      expect(new Set(guests.map(row => row.cluster))).toEqual(new Set(['lab']));
    }
    await expect(call('list_guests', { cluster: 'moon' })).rejects.toThrow(/no cluster "moon".*home, lab/s);
  });
});

describe('one thing', () => {
  test('that two clusters have is refused with the candidates, whatever asks', async () => {
    for (const [tool, args] of [
      ['get_resource', { resource: 100 }],
      ['get_resource', { resource: 'vm/100' }],
      ['show_history', { resource: 'node/pve1' }],
      ['list_tasks', { resource: 100 }],
      ['diff_state', { resource: 'vm/100' }],
      ['check_health', { if_down: 'pve1' }],
      ['get_resource', { resource: 'cluster' }],
    ] as const)
      await expect(call(tool, args), tool).rejects.toThrow(/several clusters.*home:.* or lab:/s);
  });

  test('that one cluster has is found there, and named with its cluster anywhere', async () => {
    for (const resource of [900, '900', 'vm/900', 'lab:vm/900', 'lab:900', 'LAB: vm/900']) {
      const answer = await call('get_resource', { resource });
      expect(answer.cluster).toBe('lab');
      expect(answer.resource.resource).toBe('lab:vm/900');
    }
    expect((await call('get_resource', { resource: 'home:vm/100' })).resource.name).toBe(
      (await home.call('get_resource', { resource: 'vm/100' })).resource.name,
    );
    await expect(call('get_resource', { resource: 'home:vm/900' })).rejects.toThrow(/900/);
    await expect(call('get_resource', { resource: 'home:vm/100', cluster: 'lab' })).resolves.toMatchObject({
      cluster: 'home',
    });
    await expect(call('diff_state', { resource: 'home:vm/100', with: 'lab:vm/100' })).rejects.toThrow(
      /one cluster/,
    );
  });

  test('a task is read where it ran', async () => {
    const { upid } = (await lab.call('list_tasks', { limit: 1 })).tasks[0]!;
    const { task, cluster } = await call('get_task', { upid });
    expect([task.upid, cluster]).toEqual([upid, 'lab']);
  });
});

// Kills: "the names are those of the first cluster that answers".
test('prompts offer what any of the clusters has, with its cluster where several have it', async () => {
  const offered = clusterPrompts(prompts, members());
  const offers = (name: string, argument: string, typed: string) =>
    completePrompt(
      offered.find(one => one.name === name),
      argument,
      typed,
      () => runner.context([]),
    );
  expect(await offers('investigate_resource', 'resource', 'vm/900')).toEqual(['vm/900']);
  expect(await offers('investigate_resource', 'resource', 'vm/100')).toEqual(['home:vm/100', 'lab:vm/100']);
  expect(await offers('investigate_resource', 'resource', 'lab:vm/100')).toEqual(['lab:vm/100']);
  expect(await offers('capacity_report', 'node', 'pve')).toEqual(['pve1', 'pve2', 'pve3']);
});

/** Each tool with what it is asked of both. */
const ALL: [tool: string, args: object][] = [
  ['discover', {}],
  ['get_cluster_status', {}],
  ['list_nodes', {}],
  ['list_guests', { limit: 4 }],
  ['list_guests', { group: ['node'] }],
  ['list_vms', { detail: 'full' }],
  ['list_containers', {}],
  ['list_storage', {}],
  ['list_tasks', { limit: 5 }],
  ['get_resource', { resource: 'lab:vm/100', include: ['config', 'history', 'tasks', 'usage'] }],
  ['find_resources', { query: 'renamed' }],
  ['diff_state', { from: '2026-01-01' }],
  ['diff_state', { from: 'declared' }],
  ['diff_state', { resource: 'home:vm/100', with: 'home:vm/101' }],
  ['show_history', { since: '2026-01-01', limit: 20 }],
  ['check_health', {}],
  ['check_health', { if_down: 'lab:pve1' }],
  ['query_sql', { sql: 'SELECT vmid FROM guests' }],
  ['show_usage', { top: 3 }],
  ['show_usage', { resource: 'lab:vm/100,lab:vm/101' }],
  ['declare_state', {}],
  ['plan_changes', { resource: 'lab:vm/100', set: ['cores=1'] }],
];

// Kills: a row that does not say of which cluster it is, a name that means a thing in each, a schema that answers break.
test.each(ALL)('%s %j names each thing with its cluster, as its schema says', async (name, args) => {
  const facts = await call(name, args);
  const tool = runner.tools.find(one => one.name === name)!;
  expect(z.looseObject(tool.output as z.ZodRawShape).safeParse(facts).error).toBeUndefined();
  const bare: string[] = [];
  const look = (value: unknown, path: string, of: boolean) => {
    if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) look(one, `${path}[${at}]`, of);
      return;
    }
    // Words may name things bare where they stand with their cluster; a rule's id is what a person calls it.
    const isName =
      typeof value === 'string' && /^(?:vm|container|node|storage|backup-job)\/[\w-]+$/.test(value);
    if (isName && !/\.(?:id|rule|rules\[\d+\]|what)$/.test(path)) bare.push(`${path} ${value}`);
    if (value === null || typeof value !== 'object') return;
    const own = of || 'cluster' in value;
    if ('resource' in value && !own) bare.push(`${path} has no cluster`);
    for (const [key, one] of Object.entries(value)) {
      if (/^(?:vm|container)\//.test(key)) bare.push(`${path}.${key}`);
      look(one, `${path}.${key}`, own);
    }
  };
  look(facts, name, false);
  expect(bare).toEqual([]);
  const lists = Object.entries(facts).filter(
    ([key, one]) => Array.isArray(one) && !['columns', 'versions'].includes(key),
  );
  for (const [key, rows] of lists as [string, unknown[]][])
    for (const row of rows.filter(one => typeof one === 'object') as (unknown[] | Row)[])
      expect(Array.isArray(row) ? row[0] : row['cluster'], key).toMatch(/^(?:home|lab)$/);
});

test('the best matches of all stand first, whichever cluster they are in', async () => {
  home.sim.world.rename(103, 'needle-in-a-name');
  lab.sim.world.rename(103, 'needle');
  for (const one of [home, lab]) {
    one.sim.clock.advance(60_000);
    await one.discover({ deep: true });
  }
  const { matches, total } = await call('find_resources', { query: 'needle' });
  expect([total, matches.map(row => row.resource)]).toEqual([2, ['lab:vm/103', 'home:vm/103']]);
  const first = await call('find_resources', { query: 'needle', limit: 1 });
  expect(first.matches.map(row => row.resource)).toEqual(['lab:vm/103']);
  const rest = await call('find_resources', { cursor: first.next_cursor });
  expect(rest.matches.map(row => row.resource)).toEqual(['home:vm/103']);
  // A name as answers give it is found in its own cluster.
  const named = await call('find_resources', { query: 'home:vm/103' });
  expect(named.matches.map(row => row.resource)).toEqual(['home:vm/103']);
});

test('what ranks ranks all of them, and a table gives each its share', async () => {
  const { usage } = await call('show_usage', { top: 4, metric: 'memory' });
  const each = await inEach('show_usage', { top: 4, metric: 'memory' });
  const best = [...each.home.usage, ...each.lab.usage].map(row => row.now).sort((a, b) => b - a);
  expect(usage.map(row => row.now)).toEqual(best.slice(0, 4));
  const { rows, truncated, hint } = await call('query_sql', { sql: 'SELECT vmid FROM guests', limit: 5 });
  expect(rows.map(row => row[0])).toEqual(['home', 'home', 'home', 'lab', 'lab']);
  expect([truncated, hint]).toEqual([true, expect.stringMatching(/asked by itself/)]);
});

test('a status stands beside the other one, and what can be added is', async () => {
  const each = await inEach('get_cluster_status');
  const both = await call('get_cluster_status');
  expect(both.clusters.map(one => [one.cluster, one.name])).toEqual([
    ['home', 'home'],
    ['lab', 'lab'],
  ]);
  for (const kind of ['nodes', 'vms', 'containers'] as const)
    expect(both[kind].total).toBe(each.home[kind].total + each.lab[kind].total);
  for (const size of ['cpus', 'memory_gib', 'storage_gib'] as const)
    expect(both.totals[size]).toBeCloseTo(each.home.totals[size] + each.lab.totals[size], 0);
  const shares = [each.home, each.lab].map(one => one.totals.memory_percent).sort((a, b) => a - b);
  expect(both.totals.memory_percent).toBeGreaterThanOrEqual(shares[0]!);
  expect(both.totals.memory_percent).toBeLessThanOrEqual(shares[1]!);
});

test('next_from holds a moment of each store, and finds what changed in either since', async () => {
  const { next_from: token } = await call('diff_state', { from: '24h' });
  expect(token).toMatch(/^home=[0-9a-z~]+;lab=[0-9a-z~]+$/);
  home.sim.world.rename(100, 'in-home');
  lab.sim.world.rename(101, 'in-lab');
  for (const one of [home, lab]) {
    one.sim.clock.advance(60_000);
    await one.discover({ deep: true });
  }
  const { changes } = await call('diff_state', { from: token });
  expect(changes.map(change => change.resource).sort()).toEqual(['home:vm/100', 'lab:vm/101']);
  expect((await call('diff_state', { from: token, cluster: 'lab' })).changes).toHaveLength(1);
  await expect(call('diff_state', { from: 'run:1' })).rejects.toThrow(/another run in each cluster/);
});

test('SQL is asked of each store, its rows with their cluster first', async () => {
  const { columns, rows } = await call('query_sql', { sql: 'SELECT count(*) AS n FROM guests' });
  expect(columns).toEqual(['cluster', 'n']);
  expect(rows.map(row => row[0])).toEqual(['home', 'lab']);
});

describe('a declaration', () => {
  test('belongs to one cluster: named, or the only one that has the resource', async () => {
    await expect(call('declare_state', { tag: 'web', set: ['onboot=1'] })).rejects.toThrow(
      /cluster home or lab/,
    );
    await expect(call('declare_state', { resource: 'vm/100', set: ['onboot=1'] })).rejects.toThrow(
      /several clusters/,
    );
    const { cluster, revision } = await call('declare_state', {
      resource: 'vm/900',
      set: ['onboot=1'],
      why: 'x',
    });
    expect([cluster, revision]).toEqual(['lab', 1]);
    expect((await home.call('declare_state')).rules).toEqual([]);
    // What is declared is told of all: each with its own revision.
    const told = await call('declare_state');
    expect(told.rules.map(rule => [rule.cluster, rule.match.resource])).toEqual([['lab', 'lab:vm/900']]);
    expect(told.clusters.map(one => [one.cluster, one.revision])).toEqual([
      ['home', 0],
      ['lab', 1],
    ]);
    const plan = await call('plan_changes', { resource: 'lab:vm/900' });
    expect(plan.cluster).toBe('lab');
    for (const step of plan.steps) expect(step.resource).toMatch(/^lab:/);
  });
});

describe('a cluster in trouble', () => {
  test('that is slow is not waited for: its store answers, and the refresh goes on', async () => {
    home.sim.clock.advance(3_600_000);
    lab.sim.clock.advance(3_600_000);
    lab.sim.faults.add({ match: /./, kind: 'slow', delayMs: 60_000 });
    try {
      const { guests, clusters } = await call('list_guests');
      expect(clusters[0]).toMatchObject({ cluster: 'home', source: 'live' });
      expect(clusters[1]!.stale.reason).toMatch(/within 2 s/);
      expect(guests.filter(row => row.cluster === 'lab').length).toBeGreaterThan(5);
      // Nor where a resource is read, or a plan looks for whose thing it is.
      const vms = clusterResources(resources, members(), 'UTC').find(({ uri }) => uri === 'proxmox://vms')!;
      const read = (await vms.read({}, await runner.context([]))) as Pick<Answer, 'clusters'>;
      expect(read.clusters.map(one => [one.cluster, one.source])).toEqual([
        ['home', 'live'],
        ['lab', 'store'],
      ]);
    } finally {
      lab.sim.faults.clear();
    }
  });

  test('that is down spoils nobody: its rows come from its store and say so', async () => {
    await lab.sim.stop();
    try {
      home.sim.clock.advance(3_600_000);
      lab.sim.clock.advance(3_600_000);
      const { guests, clusters, source } = await call('list_guests');
      expect(new Set(guests.map(row => row.cluster))).toEqual(new Set(['home', 'lab']));
      expect(source).toBe('store');
      expect(clusters[0]).toMatchObject({ cluster: 'home', source: 'live' });
      expect(clusters[1]).toMatchObject({ cluster: 'lab', source: 'store', stale: expect.anything() });
    } finally {
      await lab.sim.start({ port: Number(new URL(lab.url).port) });
    }
  });
});

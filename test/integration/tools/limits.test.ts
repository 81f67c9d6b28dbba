import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createUsageReader } from '../../../src/discovery/index.ts';
import { noLog } from '../../../src/log.ts';
import { createToolRunner } from '../../../src/mcp/runner/tool-runner.ts';
import type { Freshness } from '../../../src/model/freshness.ts';
import { runDay } from '../../../src/simulator/day.ts';
import { tools } from '../../../tools/index.ts';
import type { Answer } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { SOAK, times } from '../../support/soak.ts';

const HALF = 20_000;

/** Calls that bring every tool to its longest. */
const calls: [string, object][] = [
  ['get_cluster_status', {}],
  ['get_cluster_status', { detail: 'full' }],
  ['check_health', { limit: 500 }],
  ['check_health', { if_down: 'pve1' }],
  ['list_vms', {}],
  ['list_vms', { limit: 500, detail: 'full' }],
  ['list_vms', { at: 'now', limit: 500 }],
  ['list_vms', { tag: 'nosuch' }],
  ['list_containers', { limit: 500 }],
  ['list_nodes', { limit: 500, detail: 'full' }],
  ['list_storage', { limit: 500 }],
  ['list_tasks', { limit: 500 }],
  ['get_resource', { resource: 'vm/101' }],
  ['get_resource', { resource: 'node/pve1' }],
  ['get_resource', { resource: 'storage/local' }],
  ['get_resource', { resource: 'vm/101', at: 'now', include: 'history' }],
  ['find_resources', { query: 'vmbr0', limit: 500 }],
  ['find_resources', { query: 'snapshots', limit: 500 }],
  ['find_resources', { query: 'vlan 30', limit: 500 }],
  ['diff_state', { from: '30d', limit: 500 }],
  ['diff_state', { from: 'last month', change: 'updated', limit: 500 }],
  ['show_history', { limit: 500 }],
  ['show_history', { resource: '101', limit: 500 }],
  ['show_history', { user: 'root', limit: 500 }],
  ['show_usage', { top: 50 }],
  ['show_usage', { top: 20, detail: 'full' }],
  ['show_usage', { resource: 'cluster', detail: 'full', timeframe: 'year' }],
  ['discover', {}],
];

/** What every answer must be, whatever the tool. */
async function check<T extends string>(lab: Lab, name: T, args: object, maxAge = 3_600): Promise<Answer<T>> {
  const tool = tools.find(one => one.name === name)!;
  const aged = 'max_age_seconds' in tool.input ? { max_age_seconds: maxAge, ...args } : args;
  const result = await lab.runner.run(name, aged);
  const { text } = result.content[0] as { text: string };
  expect(result.isError, `${name} ${JSON.stringify(args)}: ${text.slice(0, 300)}`).toBeUndefined();
  expect(JSON.parse(text)).toEqual(result.structuredContent);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(HALF);
  expect(() => z.looseObject(tool.output).parse(result.structuredContent)).not.toThrow();
  expect(result.structuredContent).toMatchObject({ as_of: expect.anything(), source: 'live' });
  expect(nulls(result.structuredContent)).toEqual([]);
  return result.structuredContent as Answer<T>;
}

/** Paths of nulls; the two sides of a change may be one, and a gap in what was recorded is. */
function nulls(value: unknown, path = ''): string[] {
  if (value === null) return /\.(?:from|to|running|after_restart|points\.\d+\.1)$/.test(path) ? [] : [path];
  if (typeof value !== 'object') return value === undefined ? [path] : [];
  return Object.entries(value).flatMap(([key, child]) => nulls(child, `${path}.${key}`));
}

describe('after a day on sixty guests', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ discovered: true, guests: 60 });
    await runDay(lab.sim, {
      until: SOAK ? '13:00' : '10:00',
      onStep: async step => {
        lab.sim.clock.advance(20_000);
        await lab.discover({ deep: step.index % 5 === 0 });
      },
    });
  });
  afterAll(() => lab.close());

  test.each(
    calls,
  )('%s %j keeps its schema, says the same in both halves, holds no null', async (name, args) => {
    await check(lab, name, args);
  });

  test('get_task too', async () => {
    const { tasks } = await check(lab, 'list_tasks', {});
    await check(lab, 'get_task', { upid: tasks[0]!.upid });
  });

  test('a whole day in pages of diff_state and show_history shows each row once', async () => {
    const rowsOf = (page: Answer<'diff_state' | 'show_history'>) =>
      ('changes' in page ? page.changes : page.history).map(row => JSON.stringify(row));
    for (const name of ['diff_state', 'show_history'] as const) {
      const first = await check(lab, name, { limit: 20 });
      const seen = rowsOf(first);
      for (let cursor = first.next_cursor; cursor !== undefined; ) {
        const page = await check(lab, name, { cursor });
        expect(page.total).toBe(first.total);
        seen.push(...rowsOf(page));
        cursor = page.next_cursor;
      }
      expect(seen).toHaveLength(first.total);
      expect(new Set(seen).size).toBe(first.total);
    }
  });

  test('forty VMs are at most 5,000 bytes in each half', async () => {
    const answer = await check(lab, 'list_vms', { limit: 40 });
    expect(answer.vms).toHaveLength(40);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(5_000);
  });
});

/** Ten thousand in the soak: an answer's size hangs on its page, not on how many there are. */
const GUESTS = times(640, 10_000);

describe(`${GUESTS} guests on 32 nodes`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ guests: GUESTS, nodes: 32 });
    await lab.discover({ facets: ['inventory', 'storage', 'tasks', 'details'] });
    for (const vmid of lab.sim.world.find({}).slice(0, 60)) lab.sim.world.setPool(vmid, 'moved');
    lab.sim.clock.advance(60_000);
    await lab.discover({ facets: ['inventory'] });
    // Reading as many configurations is not what this is about.
    lab.runner = createToolRunner({
      open: async () => ({
        store: lab.store,
        discovery: { ...lab.discovery, onEvent: () => () => {}, ensure },
        readUsage: createUsageReader({
          store: lab.store,
          client: lab.client,
          now: () => lab.sim.clock.now(),
        }),
      }),
      tools,
      maxAgeMs: 30_000,
      timeZone: 'UTC',
      now: () => lab.sim.clock.now(),
      log: noLog,
    });
  });
  afterAll(() => lab.close());

  const ensure = async (): Promise<Freshness> => ({
    asOf: { inventory: lab.sim.clock.now() },
    source: 'live',
    stale: null,
    unseen: [],
  });

  test.each(
    calls.filter(([name]) => name !== 'discover'),
  )('%s %j stays within 20,000 bytes and pages', async (name, args) => {
    const answer = await check(lab, name, args);
    const [rows] = Object.values(answer).filter(value => Array.isArray(value)) as unknown[][];
    if (answer.total > (rows?.length ?? 0)) expect(answer.next_cursor).toEqual(expect.any(String));
  });

  test('a long list says how to narrow it', async () => {
    const vms = GUESTS * 0.75;
    expect((await check(lab, 'list_vms', {})).hint).toContain(`${vms} match: narrow with node`);
    expect((await check(lab, 'list_storage', {})).next_cursor).toBeDefined();
  });
});

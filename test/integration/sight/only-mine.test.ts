import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOnlyMine } from '../../../src/app/only-mine.ts';
import { noLog } from '../../../src/log.ts';
import { createToolRunner, type ToolRunner } from '../../../src/mcp/runner/tool-runner.ts';
import { createProxmoxClient, endpoints, type ProxmoxClient } from '../../../src/proxmox/index.ts';
import { tools } from '../../../tools/index.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { propertyRuns } from '../../support/soak.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ guests: 16 });
  await lab.discover({ deep: true });
  // A history and tasks of every guest, and log lines of others.
  for (const { vmid } of guests()) {
    lab.sim.world.setTags(vmid, [`tag-of-${vmid}`], { user: 'bob@pve' });
    lab.sim.world.backup(vmid, { storage: 'nas' });
  }
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep: true });
});
afterAll(() => lab.close());

const guests = () => Object.values(lab.sim.truth.state().guests);
const open: ProxmoxClient[] = [];
afterAll(() => {
  for (const client of open) client.close();
});

type Acl = { path: string; role: string }[];
/** A client whose token has these rights. */
function clientOf(acl: Acl, id = 'dev@pve!mine') {
  const token = lab.sim.world.addToken(id, acl);
  const now = () => lab.sim.clock.now();
  const client = createProxmoxClient({
    urls: [lab.url],
    credentials: { token },
    tls: { ca: lab.sim.caPem },
    now,
  });
  open.push(client);
  return { token, client };
}
/** The tools over the store that the widest token filled, as another token may see it. */
function runnerOf(acl: Acl, id?: string): ToolRunner {
  const { token, client } = clientOf(acl, id);
  const now = () => lab.sim.clock.now();
  const mine = createOnlyMine({ credentials: { token } } as never, client, now);
  return createToolRunner({
    open: () => mine({ store: lab.store, discovery: lab.discovery }),
    tools,
    maxAgeMs: 30_000,
    timeZone: 'UTC',
    now,
    log: noLog,
  });
}
async function answer(runner: ToolRunner, name: string, args: object = {}): Promise<any> {
  const result = await runner.run(name, args);
  return result.structuredContent ?? { error: (result.content as { text: string }[])[0]!.text };
}

/** What each tool is asked, so that it shows as much as it can. */
const CALLS: [tool: string, args: object][] = [
  ['get_cluster_status', { detail: 'full' }],
  ['list_guests', { limit: 500, detail: 'full' }],
  ['list_guests', { limit: 500, sort: 'memory', order: 'desc', where: ['vmid>0'] }],
  ['list_guests', { group: ['tag'] }],
  ['list_vms', { limit: 500 }],
  ['list_nodes', {}],
  ['list_storage', {}],
  ['list_tasks', { limit: 500 }],
  ['find_resources', { query: 'vmbr0', limit: 500 }],
  ['find_resources', { query: 'bc:24:11', limit: 500 }],
  ['find_resources', { query: 'tag-of-*', limit: 500 }],
  ['diff_state', { from: '2026-01-01', limit: 500 }],
  ['diff_state', { from: 'run:1', limit: 500 }],
  ['show_history', { since: '2026-01-01', limit: 500 }],
  ['check_health', { limit: 500 }],
  ['check_health', { if_down: 'pve1' }],
  ['query_sql', { sql: 'SELECT * FROM guests' }],
  ['query_sql', { sql: 'SELECT * FROM changes' }],
  ['discover', {}],
];

describe('a token with rights on two guests and one storage', () => {
  const acl = [
    { path: '/vms/101', role: 'PVEAuditor' },
    { path: '/vms/200', role: 'PVEAuditor' },
    { path: '/storage/local', role: 'PVEAuditor' },
  ];
  const seen = new Set([101, 200]);

  test('finds nothing of the others in any answer, and is told that it does not', async () => {
    const runner = runnerOf(acl);
    const hidden = guests().filter(({ vmid }) => !seen.has(vmid));
    const words = [
      ...hidden.flatMap(({ vmid, name }) => [
        `vm/${vmid}`,
        `container/${vmid}`,
        `tag-of-${vmid}`,
        ...(name ? [name] : []),
      ]),
      // Not local-zfs: the configurations of the two it sees name it.
      ...['nas', 'old-nas', 'ceph'],
    ];
    const shown = guests().filter(({ vmid }) => seen.has(vmid));
    for (const [tool, args] of CALLS) {
      const facts = await answer(runner, tool, args);
      const text = JSON.stringify(facts);
      const found = words.filter(word => new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text));
      expect(found, `${tool} ${JSON.stringify(args)}: ${text.slice(0, 1500)}`).toEqual([]);
      if (facts.error === undefined && !['query_sql', 'discover'].includes(tool))
        expect(JSON.stringify(facts.unseen), tool).toContain('this token may not see');
    }
    // What is hidden makes nothing look wrong: no finding that is none to who sees all.
    const findings = async (from: any) =>
      from.findings.map(({ check, resource, what }: any) => `${check} ${resource} ${what}`);
    const all = new Set(await findings(await lab.call('check_health', { limit: 500 })));
    const own = await findings(await answer(runner, 'check_health', { limit: 500 }));
    expect(own.filter((one: string) => !all.has(one))).toEqual([]);
    expect(own.length).toBeGreaterThan(0);
    const { guests: rows, total } = await answer(runner, 'list_guests', {});
    expect([rows.map((row: any) => row.vmid).sort(), total]).toEqual([[101, 200], 2]);
    expect((await answer(runner, 'get_resource', { resource: 'vm/101' })).resource.name).toBe(
      shown.find(({ vmid }) => vmid === 101)!.name,
    );
    expect((await answer(runner, 'get_resource', { resource: 'vm/100' })).error).toMatch(/100/);
    expect((await answer(runner, 'show_history', { resource: 'vm/101' })).total).toBeGreaterThan(0);
    // Refused in a sentence, with what to do instead.
    const { error } = await answer(runner, 'query_sql', { sql: 'SELECT 1 AS one FROM guests' });
    expect(error).toMatch(/only a part.*list tools.*PVEAuditor on \//s);
  });

  test('pages through a list without gaps', async () => {
    const runner = runnerOf(acl);
    const whole = await answer(runner, 'show_history', { since: '2026-01-01', limit: 500 });
    const pieces: any[] = [];
    let page = await answer(runner, 'show_history', { since: '2026-01-01', limit: 2 });
    pieces.push(...page.history);
    while (page.next_cursor) {
      page = await answer(runner, 'show_history', { cursor: page.next_cursor, limit: 2 });
      pieces.push(...page.history);
    }
    expect(pieces).toEqual(whole.history);
    expect(whole.total).toBe(pieces.length);
  });

  test('that loses its rights loses the answers', async () => {
    const runner = runnerOf(acl, 'fired@pve!mine');
    expect((await answer(runner, 'list_guests')).total).toBe(2);
    lab.sim.world.setRights('fired@pve!mine', []);
    lab.sim.clock.advance(120_000);
    expect((await answer(runner, 'list_guests')).total).toBe(0);
  });

  test('is known by its last rights while the cluster is down, and by none where it was never seen', async () => {
    const runner = runnerOf(acl, 'known@pve!mine');
    expect((await answer(runner, 'list_guests')).total).toBe(2);
    const again = runnerOf(acl, 'known@pve!mine');
    const never = runnerOf(acl, 'never@pve!mine');
    await lab.sim.stop();
    try {
      expect((await answer(again, 'list_guests', { max_age_seconds: 99_999 })).total).toBe(2);
      expect((await answer(never, 'list_guests', { max_age_seconds: 99_999 })).error).toMatch(/not known/);
    } finally {
      await lab.sim.start({ port: Number(new URL(lab.url).port) });
    }
  });
});

test('a token that may see everything is answered everything, as without', async () => {
  const runner = runnerOf([{ path: '/', role: 'Administrator' }], 'all@pve!mine');
  for (const tool of ['list_guests', 'list_storage', 'list_tasks', 'get_cluster_status']) {
    const [mine, all] = [await answer(runner, tool), await lab.call(tool)];
    expect({ ...mine, as_of: 0 }, tool).toEqual({ ...all, as_of: 0 });
  }
});

test('an auditor sees all but what others did by hand', async () => {
  const runner = runnerOf([{ path: '/', role: 'PVEAuditor' }], 'audit@pve!mine');
  expect((await answer(runner, 'list_guests', { limit: 500 })).total).toBe(
    (await lab.call('list_guests')).total,
  );
  expect((await answer(runner, 'query_sql', { sql: 'SELECT count(*) AS n FROM guests' })).rows[0][0]).toBe(
    guests().length,
  );
  const tagged = await answer(runner, 'show_history', { resource: 'vm/100', since: '2026-01-01' });
  const change = tagged.history.find((one: any) =>
    one.fields?.some((field: any) => field.path.endsWith('tags')),
  );
  expect(change.causes).toEqual([]);
});

test("what rights mean is what Proxmox's own listing shows, whatever the rights", async () => {
  const paths = [
    '/',
    '/vms',
    '/vms/100',
    '/vms/101',
    '/vms/200',
    '/storage',
    '/storage/local',
    '/storage/nas',
    '/nodes',
    '/pool/prod',
  ];
  const entry = fc.record({
    path: fc.constantFrom(...paths),
    role: fc.constantFrom('PVEAuditor', 'NoAccess', 'Administrator'),
  });
  const { token, client } = clientOf([], 'any@pve!mine');
  const connection = { credentials: { token } } as never;
  const every: any[] = await lab.client.run().get(endpoints.cluster.resources);
  const everyStorage = new Set(every.flatMap(row => (row.type === 'storage' ? [String(row.storage)] : [])));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(entry, { maxLength: 4, selector: one => one.path }), async acl => {
      lab.sim.world.setRights('any@pve!mine', acl);
      const rows: any[] = await client.run().get(endpoints.cluster.resources);
      const mine = createOnlyMine(connection, client, () => lab.sim.clock.now());
      const opened = await mine({ store: lab.store, discovery: lab.discovery });
      const shown = await Promise.all([opened.store.guests('vm'), opened.store.guests('container')]);
      const own = new Set(shown.flatMap(list => list.rows.map(({ id }) => id)));
      const stored = new Set((await opened.store.storages()).map(({ id }) => id));
      const listed = new Set(rows.flatMap(row => (row.vmid === undefined ? [] : [Number(row.vmid)])));
      for (const { vmid } of guests())
        expect(own.has(vmid), `${vmid} ${JSON.stringify(acl)}`).toBe(listed.has(vmid));
      const storages = new Set(rows.flatMap(row => (row.type === 'storage' ? [row.storage] : [])));
      for (const id of everyStorage)
        expect(stored.has(id), `${id} ${JSON.stringify(acl)}`).toBe(storages.has(id));
      if (opened.hides === undefined) expect(own.size).toBe(guests().length);
    }),
    { numRuns: propertyRuns(25) },
  );
});

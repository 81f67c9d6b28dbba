import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resources } from '../../../resources/index.ts';
import { createOnlyMine } from '../../../src/app/only-mine.ts';
import { noLog } from '../../../src/log.ts';
import { createToolRunner, type ToolRunner } from '../../../src/mcp/runner/tool-runner.ts';
import { VIEW_NAMES } from '../../../src/model/query.ts';
import { createProxmoxClient, endpoints, type ProxmoxClient } from '../../../src/proxmox/index.ts';
import { tools } from '../../../tools/index.ts';
import type { Answer, Change } from '../../support/answer.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { queryHere } from '../../support/query-here.ts';
import { propertyRuns, SOAK } from '../../support/soak.ts';

const NARROW = [
  { path: '/vms/101', role: 'PVEAuditor' },
  { path: '/vms/200', role: 'PVEAuditor' },
  { path: '/storage/local', role: 'PVEAuditor' },
];

onBothEngines('only mine', engine => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({
      guests: 16,
      ...(engine.name === 'postgresql' && { databaseUrl: await engine.newStore() }),
    });
    if (engine.name === 'sqlite') queryHere(lab);
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
    const mine = createOnlyMine({ credentials: { token } }, client, now);
    return createToolRunner({
      open: () => mine({ store: lab.store, discovery: lab.discovery }),
      tools,
      maxAgeMs: 30_000,
      timeZone: 'UTC',
      now,
      log: noLog,
    });
  }
  async function answer<T extends string>(
    runner: ToolRunner,
    name: T,
    args: object = {},
  ): Promise<Answer<T>> {
    const result = await runner.run(name, args);
    return (result.structuredContent ?? {
      error: (result.content as { text: string }[])[0]!.text,
    }) as Answer<T>;
  }

  let narrow: ToolRunner;
  beforeAll(() => {
    narrow = runnerOf(NARROW, 'narrow@pve!mine');
  });

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
    ...VIEW_NAMES.map((view): [string, object] => [
      'query_sql',
      { sql: `SELECT * FROM ${view}`, limit: 1000 },
    ]),
    ['show_usage', { top: 50 }],
    ['show_usage', { resource: 'vm/101' }],
    ['diff_state', { from: 'declared' }],
    ['plan_changes', {}],
    ['declare_state', {}],
    ['discover', { deep: true }],
  ];

  // Kills: rights that are kept, and longer than a note may be.
  test('a token with rights on each of 300 guests is answered', async () => {
    const acl = Array.from({ length: 300 }, (_, n) => ({ path: `/vms/${100 + n}`, role: 'PVEVMAdmin' }));
    const { vms, error } = await answer(runnerOf(acl, 'many@pve!mine'), 'list_vms', { limit: 500 });
    expect(error).toBeUndefined();
    expect(vms.length).toBe(guests().filter(({ type }) => type === 'qemu').length);
  });

  describe('a token with rights on two guests and one storage', () => {
    const acl = NARROW;
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
        // The notes of one of the two tell of a storage.
        const text = JSON.stringify(facts).replaceAll('nightly dump to nas', '');
        const found = words.filter(word => new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text));
        expect(found, `${tool} ${JSON.stringify(args)}: ${text.slice(0, 1500)}`).toEqual([]);
        if (facts.error === undefined)
          expect(JSON.stringify(facts.unseen), tool).toContain('guests, storages');
      }
      // What is hidden makes nothing look wrong: no finding that is none to who sees all.
      const findings = (from: Answer<'check_health'>) =>
        from.findings.map(({ check, resource, what }) => `${check} ${resource} ${what}`);
      const all = new Set(findings(await lab.call('check_health', { limit: 500 })));
      const own = findings(await answer(runner, 'check_health', { limit: 500 }));
      expect(own.filter(one => !all.has(one))).toEqual([]);
      expect(own.length).toBeGreaterThan(0);
      const { guests: rows, total } = await answer(runner, 'list_guests', {});
      expect([rows.map(row => row.vmid).sort(), total]).toEqual([[101, 200], 2]);
      expect((await answer(runner, 'get_resource', { resource: 'vm/101' })).resource.name).toBe(
        shown.find(({ vmid }) => vmid === 101)!.name,
      );
      expect((await answer(runner, 'get_resource', { resource: 'vm/100' })).error).toMatch(/100/);
      expect((await answer(runner, 'show_history', { resource: 'vm/101' })).total).toBeGreaterThan(0);
    });

    test('pages through a list without gaps', async () => {
      const runner = runnerOf(acl);
      const whole = await answer(runner, 'show_history', { since: '2026-01-01', limit: 500 });
      const pieces: Change[] = [];
      let page = await answer(runner, 'show_history', { since: '2026-01-01', limit: 2 });
      pieces.push(...page.history);
      while (page.next_cursor) {
        page = await answer(runner, 'show_history', { cursor: page.next_cursor, limit: 2 });
        pieces.push(...page.history);
      }
      expect(pieces).toEqual(whole.history);
      expect(whole.total).toBe(pieces.length);
    });

    // How rights are read and kept hangs on no engine.
    if (!SOAK && engine.name === 'postgresql') return;

    test('that loses its rights loses the answers', async () => {
      const runner = runnerOf(acl, 'fired@pve!mine');
      expect((await answer(runner, 'list_guests')).total).toBe(2);
      lab.sim.world.setRights('fired@pve!mine', []);
      lab.sim.clock.advance(120_000);
      expect((await answer(runner, 'list_guests')).total).toBe(0);
    });

    // Kills: each answer waits for a slow cluster to say what may be seen.
    test('is known by its last rights while the cluster is slow', async () => {
      const runner = runnerOf(acl, 'slow@pve!mine');
      expect((await answer(runner, 'list_guests')).total).toBe(2);
      const again = runnerOf(acl, 'slow@pve!mine');
      lab.sim.clock.advance(120_000);
      lab.sim.faults.add({ match: /./, kind: 'slow', delayMs: 600_000 });
      try {
        for (const one of [runner, again])
          expect((await answer(one, 'list_guests', { max_age_seconds: 99_999 })).total).toBe(2);
      } finally {
        lab.sim.faults.clear();
      }
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
    const asked = await answer(runner, 'query_sql', { sql: 'SELECT count(*) AS n FROM guests' });
    expect(asked.rows[0]![0]).toBe(guests().length);
    expect(asked.unseen).toEqual([
      {
        what: 'backups, and lines of the log that this token may not see',
        reason: expect.stringMatching(/no right/),
      },
    ]);
    const tagged = await answer(runner, 'show_history', { resource: 'vm/100', since: '2026-01-01' });
    const change = tagged.history.find(one => one.fields?.some(field => field.path.endsWith('tags')))!;
    expect([change.causes, change.why_unknown]).toEqual([
      [],
      expect.stringMatching(/Sys\.Syslog|own lines|log/),
    ]);
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
    const connection = { credentials: { token } };
    const every = await lab.client.run().get(endpoints.cluster.resources);
    const everyStorage = new Set(every.flatMap(row => (row.type === 'storage' ? [String(row.storage)] : [])));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(entry, { maxLength: 4, selector: one => one.path }), async acl => {
        lab.sim.world.setRights('any@pve!mine', acl);
        const rows = await client.run().get(endpoints.cluster.resources);
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
        if (opened.hidden === undefined) expect(own.size).toBe(guests().length);
      }),
      { numRuns: propertyRuns(engine.name === 'sqlite' ? 15 : 3) },
    );
  });

  test.each([
    'SELECT * FROM vms',
    'SELECT * FROM main.vms',
    'SELECT * FROM "main"."vms"',
    'SELECT * FROM state_snapshots',
    'SELECT * FROM public.vms',
    'WITH guests AS (SELECT 1 AS vmid) SELECT * FROM guests',
    'WITH g AS (SELECT * FROM guests), guests AS (SELECT * FROM g) SELECT * FROM guests',
    'WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 9) SELECT * FROM vms, g',
    'SELECT * FROM json_each(@seen_resources)',
    'SELECT * FROM seen_resources',
    'SELECT $1 FROM guests',
    'SELECT * FROM guests AS t, t',
    'SELECT rowid FROM guests',
    "SELECT * FROM guests; ATTACH 'x' AS y",
  ])('a statement that would lead around what may be seen is refused: %s', async sql => {
    const { error } = await answer(narrow, 'query_sql', { sql });
    expect(error).toMatch(/^(?:SQL|query_sql|"guests" is a view)/);
  });

  test.each([
    'SELECT count(*) FROM guests WHERE vmid NOT IN (101, 200)',
    'SELECT count(*) FROM guests WHERE vmid = 101 AND 1 = 0 OR name IS NOT NULL AND vmid NOT IN (101, 200)',
    'WITH g AS (SELECT * FROM guests UNION SELECT * FROM guests) SELECT count(*) FROM g WHERE vmid NOT IN (101, 200)',
    "SELECT count(*) FROM config c LEFT JOIN guests g ON g.resource = c.resource WHERE g.vmid IS NULL OR c.resource NOT IN ('vm/101', 'container/200')",
    "SELECT (SELECT count(*) FROM changes x WHERE x.resource NOT IN (SELECT resource FROM guests) AND x.resource <> 'storage/local') AS n",
    'SELECT count(*) FROM guests t, guests d WHERE d.vmid <> 101 AND d.vmid <> 200',
    'SELECT count(*) FROM tasks',
    'SELECT count(*) FROM backups',
    'SELECT count(*) FROM backup_jobs',
  ])('no subquery, join or WITH finds what may not be seen: %s', async sql => {
    const { rows, error } = await answer(narrow, 'query_sql', { sql });
    expect([rows, error]).toEqual([[[0]], undefined]);
  });

  test('each view shows who sees a part just that part of it', async () => {
    const runner = runnerOf(NARROW);
    const mine = /^(?:vm\/101|container\/200|storage\/local)$/;
    for (const view of VIEW_NAMES) {
      // Theirs are other rights.
      if (['nodes', 'storage', 'backups', 'backup_jobs', 'tasks', 'addresses'].includes(view)) continue;
      const sql = `SELECT * FROM ${view} ORDER BY 1, 2`;
      const [part, all] = [
        await answer(runner, 'query_sql', { sql, limit: 1000 }),
        await lab.call('query_sql', { sql, limit: 1000 }),
      ];
      const at = all.columns.indexOf('resource');
      // Who made a change, and when there was a backup, are other rights.
      const own = all.rows.filter(row => mine.test(String(row[at])));
      const bare = (rows: unknown[][]) =>
        rows.map(row => row.filter((_, n) => !['user', 'last_backup_at', 'pool'].includes(all.columns[n]!)));
      expect(all.rows.length, view).toBeGreaterThanOrEqual(own.length);
      expect(bare(part.rows), view).toEqual(bare(own));
    }
  });

  test('backups are seen by who may allocate on their storage and back their guest up, an auditor is none', async () => {
    const of = async (runner: ToolRunner) => ({
      rows: (await answer(runner, 'query_sql', { sql: 'SELECT resource, volume FROM backups' })).rows,
      last: (
        await answer(runner, 'query_sql', {
          sql: 'SELECT resource FROM guests WHERE last_backup_at IS NOT NULL',
        })
      ).rows,
      where: (await answer(runner, 'list_guests', { where: ['last_backup>0d'], limit: 500 })).total,
      one: (await answer(runner, 'get_resource', { resource: 'vm/101', include: ['config'] })).resource
        ?.backups,
      checks: (await answer(runner, 'check_health', { check: 'backup-missing' })).total,
    });
    const all = await of(lab.runner);
    expect(all.rows.length).toBeGreaterThan(10);
    const auditor = await of(runnerOf([{ path: '/', role: 'PVEAuditor' }], 'audit2@pve!mine'));
    expect([auditor.rows, auditor.last]).toEqual([[], []]);
    expect(auditor.one ?? null).toBeNull();
    // That none is seen is no sign that there is none.
    expect(auditor.checks).toBe(0);
    const acl = [
      { path: '/vms/101', role: 'PVEVMUser' },
      { path: '/vms/102', role: 'PVEAuditor' },
      { path: '/storage/nas', role: 'PVEDatastoreUser' },
    ];
    const { client } = clientOf(acl, 'saver@pve!listing');
    const listed = await client
      .run()
      .get(endpoints.storage.content, { node: 'pve1', storage: 'nas' }, { content: 'backup' });
    const saver = await of(runnerOf(acl, 'saver@pve!mine'));
    expect(saver.rows.map(row => row[1]).sort()).toEqual(listed.map(({ volid }) => volid).sort());
    expect(saver.last).toEqual([['vm/101']]);
  });

  test('a pool is named to who may see it', async () => {
    const [guest] = guests().filter(({ pool }) => pool);
    const acl = [{ path: `/vms/${guest!.vmid}`, role: 'PVEAuditor' }];
    const blind = runnerOf(acl, 'pool@pve!blind');
    const sighted = runnerOf(
      [...acl, { path: `/pool/${guest!.pool}`, role: 'PVEPoolUser' }],
      'pool@pve!sighted',
    );
    for (const [runner, pool] of [
      [blind, null],
      [sighted, guest!.pool],
    ] as const) {
      expect((await answer(runner, 'query_sql', { sql: 'SELECT pool FROM guests' })).rows).toContainEqual([
        pool,
      ]);
      const { guests: rows } = await answer(runner, 'list_guests', { limit: 500 });
      expect(rows.find(row => row.vmid === guest!.vmid)!.pool ?? null).toBe(pool);
      expect((await answer(runner, 'list_guests', { pool: guest!.pool })).total > 0).toBe(pool !== null);
      expect(
        JSON.stringify(
          await answer(runner, 'get_resource', { resource: guest!.vmid, include: ['history', 'config'] }),
        ).includes(`"${guest!.pool}"`),
      ).toBe(pool !== null);
    }
  });

  test('what a run counted is counted of what may be seen, and nobody is named because others are hidden', async () => {
    const runner = runnerOf(NARROW);
    lab.sim.world.setTags(101, ['mine'], { user: 'eve@pve' });
    lab.sim.world.setTags(102, ['not-mine'], { user: 'eve@pve' });
    lab.sim.clock.advance(60_000);
    const { counts, changes } = await answer(runner, 'discover', { deep: true });
    expect([counts.updated, counts.created, counts.unchanged]).toEqual([1, 0, 1]);
    expect(changes.map(change => change.resource)).toEqual(['vm/101']);
    expect(changes[0]).toMatchObject({ causes: [], why_unknown: expect.stringMatching(/own|may/) });
  });

  test('no resource, no list of them and no completion offers what may not be seen', async () => {
    const runner = runnerOf(NARROW);
    const context = await runner.context(['inventory', 'tasks', 'storage']);
    const hidden = /(?<![\w-])(?:100|102|103|201|nas|old-nas|ceph)(?![\w-])/;
    for (const definition of resources) {
      const offered = (await definition.list?.(context)) ?? [];
      expect(JSON.stringify(offered), definition.uri).not.toMatch(hidden);
      for (const [, name] of definition.uri.matchAll(/\{(\w+)\}/g))
        for (const type of ['vm', 'container', 'storage', 'node']) {
          const values = (await definition.complete?.(name!, '', context, { type })) ?? [];
          expect(JSON.stringify(values), `${definition.uri} ${name}`).not.toMatch(hidden);
        }
      if (definition.uri.includes('{')) continue;
      const read = JSON.stringify(await definition.read({}, await runner.context(definition.needs)));
      if (definition.uri !== 'proxmox://schema')
        expect(read, definition.uri).not.toMatch(/(?:vm|container)\/(?:100|102|103|201)\b|tag-of-102/);
    }
    for (const [uri, variables] of [
      ['proxmox://vms/{vmid}', { vmid: '100' }],
      ['proxmox://storage/{storage}', { storage: 'nas' }],
      ['proxmox://history/{type}/{id}', { type: 'vm', id: '100' }],
    ] as const) {
      const definition = resources.find(one => one.uri === uri)!;
      await expect(definition.read(variables, context), uri).rejects.toThrow();
    }
  });

  test('what is declared of a guest that may not be seen is neither missing nor told', async () => {
    await lab.call('declare_state', { resource: 'vm/102', set: ['onboot=1'], why: 'x' });
    const facts = await answer(runnerOf(NARROW), 'diff_state', { from: 'declared' });
    expect(facts.changes).toEqual([]);
  });
});

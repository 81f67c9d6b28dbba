import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VIEW_NAMES } from '../../../src/model/query.ts';
import { VIEWS } from '../../../src/sql/catalogue.ts';
import { FUNCTIONS } from '../../../src/sql/language.ts';
import type { Answer } from '../../support/answer.ts';
import { type PostgresServer, startPostgres } from '../../support/database-postgres.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { queryHere } from '../../support/query-here.ts';

let server: PostgresServer;
let labs: Lab[];

/** The same cluster with the same seed, its day and changes, in a store of each engine. */
beforeAll(async () => {
  server = await startPostgres();
  labs = await Promise.all(
    [undefined, await server.createStore()].map(databaseUrl => startLab({ guests: 40, databaseUrl })),
  );
  queryHere(labs[0]!);
  for (const { sim, discover } of labs) {
    await discover({ deep: true });
    const [vm] = sim.world.find({ type: 'qemu', template: false, status: 'stopped' });
    const ide0 = `local-zfs:vm-${vm}-disk-9,size=8G`;
    sim.world.editConfig(vm!, { onboot: '1', memory: '3072', ide0 }, { user: 'ann@pve', task: true });
    sim.world.editConfig(vm!, { description: 'line 1\nline 2, with a comma' }, { user: 'ann@pve' });
    sim.clock.advance(120_000);
    await discover({ deep: true });
  }
});
afterAll(async () => {
  await Promise.all(labs.map(lab => lab.close()));
  await server.stop();
});

/** What both engines answer, which must be the same. */
async function answerOfBoth(sql: string): Promise<{ columns: string[]; rows: unknown[][] }> {
  const [sqlite, postgresql] = (await Promise.all(
    labs.map(lab => lab.call('query_sql', { sql, limit: 1_000 })),
  )) as [Answer<'query_sql'>, Answer<'query_sql'>];
  expect([postgresql.columns, postgresql.rows]).toEqual([sqlite.columns, sqlite.rows]);
  return sqlite;
}

test.each(VIEW_NAMES)('%s has its columns and the same rows on both engines', async view => {
  const columns = Object.keys(VIEWS[view].columns);
  const quoted = columns.map(column => `"${column}"`).join(', ');
  const answer = await answerOfBoth(`select * from ${view} order by ${quoted}`);
  expect(answer.columns).toEqual(columns);
  expect(answer.rows.length).toBeGreaterThan(0);
  for (const row of answer.rows)
    for (const [at, value] of row.entries()) {
      const { type } = VIEWS[view].columns[columns[at]!]!;
      if (value === null) continue;
      if (type === 'flag') expect([0, 1]).toContain(value);
      else if (type === 'time') expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      else expect(typeof value).toBe(type === 'text' ? 'string' : 'number');
    }
});

const QUESTIONS = [
  'select count(*), count(pool), sum(memory_mib), min(name), max(name) from guests',
  'select round(avg(memory_mib), 1) as mean, round(avg(boot_disk_gib)) from guests',
  'select pool, count(*) from guests group by pool order by pool',
  'select pool, count(*) from guests group by pool order by pool desc, 2',
  "select name from guests where name like 'WEB%' or name like '%\\_%' escape '\\' order by name",
  'select vmid / 7, vmid % 7, -vmid, vmid * 1.5 from guests order by vmid limit 3',
  "select vmid from guests where vmid = '101' or vmid between 103 and 105 order by vmid",
  'select vmid from guests where not template and (onboot or agent) order by vmid',
  'select g.vmid from guests g where not g.template and g.vmid in (select max(vmid) from guests group by node) order by 1',
  "select coalesce(pool, 'none') p, ifnull(lock, '-'), nullif(status, 'stopped') from guests order by vmid limit 5",
  'select lower(name), upper(name), length(name), substr(name, 2, 3), substring(name, 1, 1) from guests order by vmid limit 5',
  "select trim(name), ltrim(name, 'w'), rtrim(name, '0123456789'), replace(name, 'web', 'x'), instr(name, '0') from guests order by vmid limit 5",
  "select concat(name, '@', node), name || ' on ' || node || ' ' || vmid, abs(vmid - 200) from guests order by vmid limit 5",
  "select resource, string_agg(device, ',' order by device) from disks group by resource order by 1 limit 5",
  'select resource, group_concat(distinct bus) from disks group by resource order by 1 limit 5',
  "select group_concat(distinct node, ' & ') nodes from guests",
  "select cast(value as integer), cast(value as real) / 2, cast(cast(value as integer) as text) = value from config where key = 'memory' order by resource",
  "select count(*) from config where cast(value as integer) > 2000 and key = 'memory'",
  "select distinct cast(value as integer) from config where key in ('cpu', 'ostype')",
  'select name, row_number() over (partition by node order by vmid) r, rank() over (order by node), dense_rank() over (order by node) from guests order by vmid limit 9',
  'select vmid, lag(vmid) over (order by vmid), lead(vmid, 2) over (order by vmid), first_value(vmid) over (order by vmid), ntile(3) over (order by vmid) from guests order by vmid limit 9',
  'select vmid, sum(memory_mib) over (order by vmid rows between 1 preceding and current row), last_value(vmid) over (order by vmid) from guests order by vmid limit 5',
  "select count(*) filter (where status = 'running') as running, sum(case when template then 1 else 0 end) from guests",
  "with r as (select * from guests where status = 'running'), n(node, k) as (select node, count(*) from r group by node) select n.node, k from n where k > 0 order by 1",
  "select g.name, d.device from guests g left join disks d on d.resource = g.resource and d.bus = 'efidisk' order by g.vmid limit 20",
  'select node from guests union select node from nodes order by node',
  'select resource from guests except select resource from backups order by resource',
  'select resource from guests intersect select resource from disks order by resource limit 3',
  'select user, count(*) from tasks group by user having count(*) > 1 order by user',
  "select count(*) from tasks where started_at > ago('2d') and started_at <= now()",
  "select count(*) from tasks where started_at > datetime('now', '-2 days') and date(started_at) >= date('now', '-3 days')",
  "select round((julianday('now') - julianday(started_at)) * 24, 2) hours from tasks order by started_at desc limit 3",
  'select date(at), datetime(at) from changes order by seq limit 1',
  'select max(seq) = min(seq), 1 < 2, null is null, not 1 = 1 from changes',
  "select 'it''s', \"name\" from guests where vmid = 100 -- a comment\n /* and another */;",
  'select exists (select 1 from guests where vmid = 1) e, (select count(*) from nodes) n',
  'select * from (select vmid, name from guests) x where x.vmid > 100 order by x.vmid limit 2 offset 1',
  'select seq from changes c where c.user is not distinct from null and c.seq = 1 limit 1',
];

test.each(QUESTIONS)('both engines answer alike: %s', async sql => {
  expect((await answerOfBoth(sql)).columns.length).toBeGreaterThan(0);
});

test('the questions asked of both engines use every function there is', () => {
  const asked = QUESTIONS.join(' ');
  expect([...FUNCTIONS].filter(name => !asked.includes(`${name}(`))).toEqual([]);
});

describe('docs/sql.md', () => {
  const text = readFileSync(fileURLToPath(new URL('../../../docs/sql.md', import.meta.url)), 'utf8');
  const queries = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!.trim());

  test('has ten statements', () => expect(queries).toHaveLength(10));
  test.each(queries)('has a statement that both engines answer alike: %s', async sql => {
    expect((await answerOfBoth(sql)).rows.length).toBeGreaterThan(0);
  });
});

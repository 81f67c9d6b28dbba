import { beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseStore } from '../../../src/database/index.ts';
import { withConnection as withPostgres } from '../../../src/database/postgresql/connection.ts';
import { withConnection as withSqlite } from '../../../src/database/sqlite/connection.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aGuest, aNode, aTask, aVersion, startWriting } from '../../support/database-fixtures.ts';

/** A query of the store's and the index it must use. Without it the query reads the whole table. */
const HOT: [string, string, (store: DatabaseStore) => Promise<unknown>][] = [
  [
    "a resource's history",
    'state_snapshots_resource_type_resource_id_seq_id_idx',
    store => store.versions({ resource: { type: 'vm', id: '101' } }, { limit: 5 }),
  ],
  ['the changes of an interval', 'state_snapshots_seq_id_idx', store => store.versions({ after: 5, to: 8 })],
  [
    'resources at a moment',
    'state_snapshots_resource_type_resource_id_seq_id_idx',
    store => store.versionsAt(5, [{ type: 'vm', id: '101' }]),
  ],
  [
    'everything at a moment',
    'state_snapshots_resource_type_resource_id_seq_id_idx',
    store => store.everythingAt(5),
  ],
  ['the commit of a moment', 'commits_at_seq_idx', store => store.commitAt(Date.now())],
  ["a facet's last commit", 'commits_facet_seq_idx', store => store.lastCommit('tasks')],
  ["a run's commits", 'commits_run_id_idx', store => store.commitsOfRun(1)],
  [
    "a resource's tasks",
    'tasks_resource_type_resource_id_start_time_idx',
    store => store.tasks({ resource: { type: 'vm', id: '7' } }),
  ],
  [
    "a node's tasks",
    'tasks_node_id_start_time_idx',
    store => store.tasks({ node: 'pve2' }, undefined, { limit: 5 }),
  ],
  ['the newest tasks', 'tasks_start_time_upid_idx', store => store.tasks({}, undefined, { limit: 5 })],
  ['running tasks', 'tasks_status_idx', store => store.tasks({ statuses: ['running'] })],
  [
    "a guest's log lines",
    'log_lines_vmid_at_idx',
    store => store.logLines({ vmid: 101, since: 1, until: 9 }),
  ],
  ['log lines of a span', 'log_lines_at_idx', store => store.logLines({ since: 1, until: 9 })],
  ['guests out of sight', 'vms_unseen_idx', store => store.guests('vm', { seen: false })],
  [
    'how many guests of a page are out of sight',
    'vms_unseen_idx',
    store => store.guestPage('vm', {}, { by: 'id', order: 'asc' }, { limit: 5 }),
  ],
  ["a node's guests", 'vms_node_id_idx', store => store.guests('vm', { node: 'pve2' })],
];

onBothEngines('query plans', engine => {
  let store: DatabaseStore;
  let url: string;
  const queries: { sql: string }[] = [];
  beforeAll(async () => {
    url = await engine.newStore();
    const log = {
      debug: (_: string, facts?: Record<string, unknown>) =>
        void (facts?.sql && queries.push({ sql: String(facts.sql) })),
      info() {},
      warn() {},
      error() {},
    };
    store = await engine.open({ url, queryLog: true, log });
    let { commit } = await startWriting(store);
    await commit(async writer => {
      await writer.upsertNodes(Array.from({ length: 30 }, (_, n) => aNode(`pve${n}`)));
      await writer.upsertGuests(
        'vm',
        Array.from({ length: 3000 }, (_, n) => aGuest(100 + n, { nodeId: `pve${n % 30}` })),
      );
      await writer.upsertTasks(
        Array.from({ length: 3000 }, (_, n) =>
          aTask(n, {
            resourceId: String(n % 500),
            nodeId: n % 100 ? 'pve1' : 'pve2',
            status: n % 100 ? 'ok' : 'running',
          }),
        ),
      );
      await writer.insertLogLines(
        Array.from({ length: 3000 }, (_, n) => ({
          id: String(n),
          at: clusterTime(n),
          nodeId: 'pve1',
          user: 'u',
          vmid: 100 + (n % 300),
          message: '',
          pid: null,
        })),
      );
    });
    for (let n = 0; n < 60; n++) {
      if (n % 3 === 0) ({ commit } = await startWriting(store));
      const facet = (['inventory', 'config', 'storage', 'details'] as const)[n % 4]!;
      await commit(
        writer => writer.insertVersions(Array.from({ length: 100 }, (_, m) => aVersion(101 + m))),
        { facet },
      );
    }
    const analyze = 'ANALYZE';
    if (engine.name === 'sqlite') await withSqlite(url.slice(5), connection => void connection.exec(analyze));
    else await withPostgres(url, connection => connection.query(analyze));
  });

  async function plan(sql: string): Promise<string> {
    if (engine.name === 'sqlite') {
      return withSqlite(url.slice(5), connection => {
        // Values do not matter to SQLite's plan.
        const rows = connection
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all(...(sql.match(/\?/g) ?? []).map(() => 1)) as { detail: string }[];
        return rows.map(({ detail }) => detail).join('\n');
      });
    }
    return withPostgres(url, async connection => {
      // A generic plan needs no values. Small tables are read whole whatever their indexes are, hence the setting.
      await connection.query('SET enable_seqscan = off');
      const { rows } = await connection.query(`EXPLAIN (GENERIC_PLAN) ${sql}`);
      return rows.map(row => row['QUERY PLAN']).join('\n');
    });
  }

  describe('use an index for', () => {
    it.each(HOT)('%s', async (_, index, ask) => {
      queries.length = 0;
      await ask(store);
      const [first] = queries;
      expect(await plan(first!.sql)).toContain(index);
    });
  });

  it('everything at a moment seeks each resource and scans nothing', async () => {
    queries.length = 0;
    await store.everythingAt(5);
    const found = await plan(queries[0]!.sql);
    expect(found).not.toMatch(
      engine.name === 'sqlite' ? /SCAN (v|t|s)\b/ : /Seq Scan on state_snapshots|(Merge|Hash) Join/,
    );
  });
});

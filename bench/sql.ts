import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { openStore } from '../src/database/index.ts';
import { NEWEST_SEALS, SEALS_NOTE } from '../src/model/seals.ts';
import { fillStore, GUESTS } from './support/filled-store.ts';
import { freshTools } from './support/fresh-runner.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { BEGINNING } from './support/sample-data.ts';
import { median, minimum, percentile, timed } from './support/stats.ts';

const runBare = promisify(execFile);
/** Where better-sqlite3 is installed. */
const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = { quick: 10, full: 60 };

/** Every key of every configuration, which views of devices have to look at. */
const EVERY_KEY = 'SELECT count(k.key) FROM guest_configs c, json_each(c.config) k';
const GROUPS = (table: string) =>
  `SELECT node_id, status, count(*) AS n FROM ${table} GROUP BY node_id, status`;

/** What is asked of the views, and the least that a person who knows the tables would have SQLite do for it. */
const QUESTIONS: [sql: string, byHand: string][] = [
  ['select 1', 'SELECT 1'],
  ['select count(*) from guests', 'SELECT (SELECT count(*) FROM vms) + (SELECT count(*) FROM containers)'],
  [
    'select node, status, count(*) from guests group by node, status',
    `${GROUPS('vms')} UNION ALL ${GROUPS('containers')}`,
  ],
  [
    "select value, count(*) from config where key = 'ostype' group by value",
    "SELECT json_extract(config, '$.ostype'), count(*) FROM guest_configs GROUP BY 1",
  ],
  ['select storage, round(sum(size_gib)) from disks where cdrom = 0 group by storage', EVERY_KEY],
  ['select vlan, count(*) from nics group by vlan', EVERY_KEY],
  [
    "select g.name from guests g join disks d on d.resource = g.resource where d.bus = 'ide' order by g.vmid limit 20",
    EVERY_KEY,
  ],
];

/** The least that a query in a process of its own can take: it opens the file, asks, and ends. */
const BARE =
  "const D = require('better-sqlite3'); new D(process.argv[1], { readonly: true }).prepare(process.argv[2]).all()";

/**
 * query_sql on ten thousand guests, beside the least a process of its own takes for it (only such a one can be stopped and
 * bounded), and the least the statement takes where the file is open.
 */
export const sql: Benchmark = {
  name: 'sql',
  title: 'SQL',
  async run({ full }) {
    const { root, folder } = await stagedPackage();
    const path = join(await folder(), 'store.db');
    const store = await openStore({ url: `file:${path}`, autoMigrate: true, packageRoot: root });
    const hand = new Database(path, { readonly: true });
    try {
      await fillStore(store);
      await store.saveNote(SEALS_NOTE, NEWEST_SEALS);
      const call = freshTools(store, BEGINNING);
      const rounds = (full ? ROUNDS.full : ROUNDS.quick) + 3;
      const rows = [];
      for (const [question, byHand] of QUESTIONS) {
        const floor = (await timed(rounds, () => hand.prepare(byHand).all())).slice(3);
        const bare = (
          await timed(rounds, async () =>
            runBare(process.execPath, ['-e', BARE, path, byHand], { cwd: CHECKOUT }),
          )
        ).slice(3);
        const ours = (await timed(rounds, () => call('query_sql', { sql: question }))).slice(3);
        const times = median(ours) / median(bare);
        const figures = [median(ours), minimum(ours), percentile(ours, 0.9), median(bare), median(floor)];
        rows.push([question, ...figures, times]);
      }
      return {
        tables: [
          {
            title: `query_sql, ${GUESTS.toLocaleString('en')} guests in the store, called in process (ms)`,
            columns: ['sql', 'p50', 'least', 'p90', 'bare process', 'statement alone', 'times the process'],
            rows,
          },
        ],
        checks: [],
      };
    } finally {
      hand.close();
      await store.close();
    }
  },
};

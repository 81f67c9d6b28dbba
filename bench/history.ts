import { join } from 'node:path';
import { openStore } from '../src/database/index.ts';
import type { Filled } from './children/fill-history.ts';
import { startChild } from './support/child.ts';
import { freshTools } from './support/fresh-runner.ts';
import { type HistoryByHand, withPostgresql, withSqlite } from './support/history-by-hand.ts';
import { stagedPackage } from './support/package.ts';
import { startPostgres } from './support/postgres.ts';
import type { Benchmark, Check } from './support/report.ts';
import { typeOf } from './support/sample-data.ts';
import { median, minimum, percentile, timed } from './support/stats.ts';

const RESOURCES = 10_000;

interface Timing {
  what: string;
  ours: number[];
  hand: number[];
  target: number;
}

/** Questions about two years of history, beside hand-written SQL for the same facts. */
export const history: Benchmark = {
  name: 'history',
  title: 'History',
  async run({ full }) {
    const versions = full ? 1_000_000 : 100_000;
    const { folder } = await stagedPackage();
    const path = join(await folder(), 'store.db');
    const url = `file:${path}`;
    const lite = {
      engine: 'SQLite',
      filled: await fill(url, versions),
      timings: [] as Timing[],
    };
    lite.timings = await withSqlite(path, hand => ask(url, lite.filled, hand));
    const server = await startPostgres();
    const post = { engine: 'PostgreSQL', filled: lite.filled, timings: [] as Timing[] };
    try {
      post.filled = await fill(server.url, versions);
      post.timings = await withPostgresql(server.url, hand => ask(server.url, post.filled, hand));
    } finally {
      await server.stop();
    }
    const engines = [lite, post];
    const checks: Check[] = engines.flatMap(({ engine, timings }) =>
      timings.map(({ what, ours, target }) => ({
        what: `${what}, ${engine}`,
        value: median(ours),
        target,
        unit: 'ms',
      })),
    );
    const count = versions.toLocaleString('en');
    return {
      tables: [
        {
          title: `${count} versions of ${RESOURCES.toLocaleString('en')} resources over two years (ms)`,
          columns: ['question', 'engine', 'p50', 'least', 'p90', 'by hand p50', 'least', 'ratio of least'],
          rows: engines.flatMap(({ engine, timings }) =>
            timings.map(({ what, ours, hand }) => [
              what,
              engine,
              median(ours),
              minimum(ours),
              percentile(ours, 0.9),
              median(hand),
              minimum(hand),
              minimum(ours) / minimum(hand),
            ]),
          ),
          note: 'Tools are called in process: causes, windows and the answer are part of it. By hand the rows are only read and their JSON parsed.',
        },
        {
          title: 'On disk',
          columns: ['engine', 'versions', 'tasks', 'commits', 'MB', 'bytes per change', 'seconds to write'],
          rows: engines.map(({ engine, filled }) => [
            engine,
            versions,
            filled.tasks,
            filled.commits,
            filled.bytesAfter / 1e6,
            Math.round((filled.bytesAfter - filled.bytesBefore) / (versions - RESOURCES)),
            filled.seconds,
          ]),
          note: 'A change: its version with the whole state (1.3 KB of JSON), a fifth of a task, and its share of hourly commits; indexes included.',
        },
      ],
      checks,
    };
  },
};

async function fill(url: string, versions: number): Promise<Filled> {
  const { root, bundle } = await stagedPackage();
  const child = startChild(await bundle('fill-history.ts'));
  const filled = await child.ask<Filled>('fill', { url, packageRoot: root, versions, resources: RESOURCES });
  await child.stop();
  return filled;
}

async function ask(url: string, { end, commits }: Filled, hand: HistoryByHand): Promise<Timing[]> {
  const { root } = await stagedPackage();
  const store = await openStore({ url, packageRoot: root });
  const call = freshTools(store, end);
  const middle = commits >> 1;
  const resource = (round: number) => 100 + ((round * 37) % RESOURCES);
  const parseAll = async () => {
    for (const version of await store.everythingAt(middle)) void version.state;
  };
  const questions: [
    string,
    number,
    number,
    (n: number) => Promise<unknown>,
    (n: number) => Promise<unknown>,
  ][] = [
    [
      'show_history of one resource',
      10,
      100,
      n => call('show_history', { resource: `${typeOf(resource(n))}/${resource(n)}` }),
      n => hand.history({ type: typeOf(resource(n)), id: String(resource(n)) }),
    ],
    [
      'diff_state over a day, 500 changes',
      60,
      15,
      () => call('diff_state', { from: '24h' }),
      () => hand.difference(commits - 24, commits),
    ],
    [
      'diff_state over the whole span',
      300,
      5,
      () => call('diff_state', { from: 'run:1' }),
      () => hand.difference(1, commits),
    ],
    ['state of everything at one moment', 150, 5, parseAll, () => hand.everythingAt(middle)],
  ];
  try {
    const timings: Timing[] = [];
    for (const [what, target, rounds, ours, theirs] of questions) {
      const timing: Timing = { what, target, ours: [], hand: [] };
      for (let round = 0; round < rounds + 2; round++) {
        const [our] = await timed(1, () => ours(round));
        const [their] = await timed(1, () => theirs(round));
        if (round < 2) continue;
        timing.ours.push(our!);
        timing.hand.push(their!);
      }
      timings.push(timing);
    }
    return timings;
  } finally {
    await store.close();
  }
}

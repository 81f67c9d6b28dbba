import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cost } from './children/discovery.ts';
import { type Discoverer, startDiscoverer } from './support/discoverer.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark, Cell, Check } from './support/report.ts';
import { type SimulatedCluster, startCluster } from './support/simulated-cluster.ts';
import { median } from './support/stats.ts';

const SIZES = [60, 1_000, 10_000];
/** What an answer of a real API takes, as pveproxy and the daemons behind it do (ms); four are asked for at once. */
const ANSWER_MS = 20;
const SMALL_MEMORY = ['--max-semi-space-size=4', '--max-old-space-size=192'];

interface Pair {
  discovery: Cost;
  bare: Cost;
}

/** Discovery against bare GETs of the same URLs through the same HTTP client at the same concurrency. */
export const discovery: Benchmark = {
  name: 'discovery',
  title: 'Discovery',
  async run({ full }) {
    const rows: Cell[][] = [];
    const memoryRows: Cell[][] = [];
    const checks: Check[] = [];
    for (const guests of SIZES) {
      const cluster = await startCluster(guests);
      try {
        const rounds = guests >= 10_000 ? (full ? 3 : 2) : full ? 7 : 5;
        const first = await firstDiscoveries(cluster, rounds);
        const { idle, idleAll, changed, changedGuests } = await laterDiscoveries(
          cluster,
          first.databaseUrl,
          rounds + 6,
        );
        rows.push(
          row(guests, 'first, everything', first.pairs),
          row(guests, 'idle, inventory', idle),
          row(guests, 'idle, everything', idleAll),
          row(guests, `${changedGuests} guests changed, inventory`, changed),
        );
        checks.push(
          {
            what: `first discovery, ${guests} guests`,
            value: ratio(first.pairs),
            target: 1.3,
            unit: 'times',
          },
          { what: `idle refresh, ${guests} guests`, value: ratio(idle), target: 4, unit: 'times' },
        );
        const peak = median(first.pairs.map(pair => pair.discovery.peakMb));
        memoryRows.push([guests, 'default', peak]);
        if (guests === 10_000) {
          checks.push({ what: 'peak memory, 10,000 guests', value: peak, target: 350, unit: 'MB' });
          const small = await inSmallMemory(cluster);
          memoryRows.push([guests, SMALL_MEMORY.join(' '), small]);
          checks.push({ what: 'peak memory with small heap', value: small, target: 260, unit: 'MB' });
        }
      } finally {
        await cluster.stop();
      }
    }
    const slow = await againstSlowApi(full ? 5 : 3);
    rows.push(row(1_000, `first, everything, ${ANSWER_MS} ms an answer`, slow));
    checks.push({
      what: `first discovery, 1000 guests, ${ANSWER_MS} ms an answer`,
      value: ratio(slow),
      target: 1.3,
      unit: 'times',
    });
    const idleRuns = await manyIdle(full ? 1_000 : 200);
    return {
      tables: [
        {
          title: 'Time, against bare GETs of the same URLs',
          columns: [
            'guests',
            'what',
            'API calls',
            's',
            'bare s',
            'ratio',
            'CPU s',
            'bare CPU s',
            'CPU ratio',
          ],
          rows,
          note: 'Medians. First: a new process and an empty store each time, and a new process for the bare GETs. The simulated cluster runs in a process of its own on the same machine; its time is part of both.',
        },
        {
          title: 'Memory of a first discovery',
          columns: ['guests', 'node options', 'peak resident MB'],
          rows: memoryRows,
        },
        idleRuns.table,
      ],
      checks: [...checks, ...idleRuns.checks],
    };
  },
};

function row(guests: number, what: string, pairs: Pair[]): Cell[] {
  const of = (pick: (pair: Pair) => number) => median(pairs.map(pick));
  return [
    guests,
    what,
    of(pair => pair.discovery.paths.length),
    (of(pair => pair.discovery.ms) / 1000).toFixed(3),
    (of(pair => pair.bare.ms) / 1000).toFixed(3),
    ratio(pairs),
    (of(pair => pair.discovery.cpuMs) / 1000).toFixed(3),
    (of(pair => pair.bare.cpuMs) / 1000).toFixed(3),
    of(pair => pair.discovery.cpuMs / pair.bare.cpuMs),
  ];
}

const ratio = (pairs: Pair[]): number =>
  median(pairs.map(pair => pair.discovery.ms)) / median(pairs.map(pair => pair.bare.ms));

async function newStore(): Promise<string> {
  const { folder } = await stagedPackage();
  return `file:${join(await folder(), 'store.db')}`;
}

async function firstDiscoveries(cluster: SimulatedCluster, rounds: number) {
  const pairs: Pair[] = [];
  let databaseUrl = '';
  for (let round = 0; round < rounds; round++) {
    databaseUrl = await newStore();
    const discoverer = await startDiscoverer(cluster, databaseUrl);
    const found = await discoverer.discover();
    await discoverer.stop();
    const floor = await startDiscoverer(cluster, await newStore());
    const bare = await floor.bare(found.paths);
    await floor.stop();
    pairs.push({ discovery: found, bare });
  }
  return { pairs, databaseUrl };
}

async function againstSlowApi(rounds: number): Promise<Pair[]> {
  const cluster = await startCluster(1_000, { answerMs: ANSWER_MS });
  try {
    return (await firstDiscoveries(cluster, rounds)).pairs;
  } finally {
    await cluster.stop();
  }
}

async function laterDiscoveries(cluster: SimulatedCluster, databaseUrl: string, rounds: number) {
  const discoverer = await startDiscoverer(cluster, databaseUrl);
  const pair = async (facets?: string[]): Promise<Pair> => {
    const found = await discoverer.discover(facets);
    return { discovery: found, bare: await discoverer.bare(found.paths) };
  };
  try {
    const idle = (await repeat(rounds, () => pair(['inventory']))).slice(2);
    const idleAll = (await repeat(5, () => pair())).slice(1);
    let changedGuests = 0;
    const changed = await repeat(3, async () => {
      changedGuests = await cluster.change(0.01);
      return pair(['inventory']);
    });
    return { idle, idleAll, changed, changedGuests };
  } finally {
    await discoverer.stop();
  }
}

async function inSmallMemory(cluster: SimulatedCluster): Promise<number> {
  const discoverer = await startDiscoverer(cluster, await newStore(), SMALL_MEMORY);
  const { peakMb } = await discoverer.discover();
  await discoverer.stop();
  return peakMb;
}

/** Idle refreshes one after another: they must leave no version behind and no growing file. */
async function manyIdle(times: number) {
  const cluster = await startCluster(60);
  const databaseUrl = await newStore();
  const path = databaseUrl.slice('file:'.length);
  const discoverer = await startDiscoverer(cluster, databaseUrl);
  try {
    await discoverer.discover();
    const before = await discoverer.versions();
    const size = async (at: Discoverer) => {
      await at.discover(['inventory']);
      return (await stat(path)).size;
    };
    const sizeBefore = await size(discoverer);
    const started = performance.now();
    await repeat(times, () => discoverer.discover(['inventory']));
    const seconds = (performance.now() - started) / 1000;
    const added = (await discoverer.versions()) - before;
    const grown = ((await size(discoverer)) - sizeBefore) / 1024;
    return {
      table: {
        title: `${times} idle refreshes of 60 guests in a row`,
        columns: ['refreshes per second', 'versions added', 'store grew by (KB)'],
        rows: [[times / seconds, added, grown]],
        note: 'Runs and commits that changed nothing are kept 500 deep, so the growth ends there.',
      },
      checks: [{ what: `versions added by ${times} idle refreshes`, value: added, target: 0, unit: '' }],
    };
  } finally {
    await discoverer.stop();
    await cluster.stop();
  }
}

async function repeat<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let round = 0; round < times; round++) results.push(await work());
  return results;
}

import { join } from 'node:path';
import { startDiscoverer } from './support/discoverer.ts';
import { cpuSeconds, memory } from './support/memory.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { type SimulatedCluster, startCluster } from './support/simulated-cluster.ts';
import { startServer } from './support/stdio-server.ts';

const GUESTS = 10_000;
/** Each snapshot costs a request of its own. */
const WITH_SNAPSHOTS = 0.4;

/** What a process that sent so many requests cost from its start to its answer. */
interface Cost {
  requests: number;
  seconds: number;
  cpu: number;
  peakMb: number;
}

/** The first discovery of the largest cluster, with snapshots and addresses, by the program as it is installed. */
export const largeCluster: Benchmark = {
  name: 'large-cluster',
  title: 'The largest cluster',
  async run({ full }) {
    const cluster = await startCluster(GUESTS, { snapshots: WITH_SNAPSHOTS });
    try {
      const paths = await pathsOf(cluster);
      const rounds = [];
      for (let round = 0; round < (full ? 3 : 1); round++)
        rounds.push({ found: await byProgram(cluster), bare: await byHand(cluster, paths) });
      const row = (what: string, cost: Cost) => [
        what,
        cost.requests,
        cost.seconds.toFixed(1),
        cost.cpu.toFixed(1),
        cost.peakMb,
      ];
      return {
        tables: [
          {
            title: `First discovery of ${GUESTS.toLocaleString('en')} guests on 32 nodes, with snapshots and container addresses`,
            columns: ['what', 'requests', 's', 'CPU s', 'peak resident MB'],
            rows: rounds.flatMap(({ found, bare }) => [
              row('the built program, discover over stdio', found),
              row('bare GETs of the same URLs', bare),
            ]),
            note: 'Each a new process with an empty store and no Node options; its start is part of it. Peak: VmHWM of the process once it has answered.',
          },
        ],
        checks: [
          {
            what: 'peak memory, 10,000 guests with snapshots',
            value: Math.max(...rounds.map(({ found }) => found.peakMb)),
            target: 350,
            unit: 'MB',
          },
        ],
      };
    } finally {
      await cluster.stop();
    }
  },
};

async function newStore(): Promise<string> {
  const { folder } = await stagedPackage();
  return `file:${join(await folder(), 'store.db')}`;
}

async function byProgram({ env }: SimulatedCluster): Promise<Cost> {
  const { program } = await stagedPackage();
  const started = performance.now();
  const server = await startServer(program, {
    env: { ...env, DATABASE_URL: await newStore(), PROXMOX_MPC_LOG_LEVEL: 'error' },
  });
  const { run } = (await server.call('discover')) as { run: { api_calls: number } };
  const seconds = (performance.now() - started) / 1000;
  const cost = {
    requests: run.api_calls,
    seconds,
    cpu: cpuSeconds(server.pid),
    peakMb: memory(server.pid).peak,
  };
  await server.stop();
  return cost;
}

async function byHand(cluster: SimulatedCluster, paths: string[]): Promise<Cost> {
  const started = performance.now();
  const floor = await startDiscoverer(cluster, await newStore());
  const { peakMb } = await floor.bare(paths);
  const seconds = (performance.now() - started) / 1000;
  const cost = { requests: paths.length, seconds, cpu: cpuSeconds(floor.pid), peakMb };
  await floor.stop();
  return cost;
}

/** What a first discovery asks for. */
async function pathsOf(cluster: SimulatedCluster): Promise<string[]> {
  const discoverer = await startDiscoverer(cluster, await newStore());
  const { paths } = await discoverer.discover();
  await discoverer.stop();
  return paths;
}

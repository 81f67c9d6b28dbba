import { join } from 'node:path';
import Database from 'better-sqlite3';
import { startDiscoverer } from './support/discoverer.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark, Cell, Check } from './support/report.ts';
import { startCluster } from './support/simulated-cluster.ts';
import { median, percentile } from './support/stats.ts';
import { type StdioServer, startServer } from './support/stdio-server.ts';

const GUESTS = 1_000;
const MAX_AGE_SECONDS = 1;

interface Load {
  calls: number;
  errors: string[];
  samples: number[];
  seconds: number;
  /** Discoveries that ended meanwhile. */
  refreshes: number;
}

/** Many clients at once on one server, and several servers on one store. */
export const load: Benchmark = {
  name: 'load',
  title: 'Load',
  async run({ full }) {
    const seconds = full ? 60 : 5;
    const { program, folder } = await stagedPackage();
    const path = join(await folder(), 'store.db');
    const cluster = await startCluster(GUESTS);
    const env = { ...cluster.env, DATABASE_URL: `file:${path}`, PROXMOX_MPC_LOG_LEVEL: 'error' };
    const servers = (count: number, maxAge: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          startServer(program, { env: { ...env, PROXMOX_MPC_MAX_AGE: String(maxAge) } }),
        ),
      );
    try {
      const discoverer = await startDiscoverer(cluster, `file:${path}`);
      await discoverer.discover();
      await discoverer.stop();
      const measure = async (count: number, clients: number, maxAge: number) => {
        const running = await servers(count, maxAge);
        const measured = await under(running, clients, seconds, path);
        await Promise.all(running.map(server => server.stop()));
        return measured;
      };
      const fresh = await measure(1, 50, 86_400);
      const one = await measure(1, 50, MAX_AGE_SECONDS);
      const five = await measure(5, 10, MAX_AGE_SECONDS);
      const rows: Cell[][] = [
        row('1 server, 50 clients, nothing to refresh', fresh),
        row(`1 server, 50 clients, max age ${MAX_AGE_SECONDS} s`, one),
        row(`5 servers on one store, 10 clients each, max age ${MAX_AGE_SECONDS} s`, five),
      ];
      const checks: Check[] = [
        {
          what: 'errors',
          value: [fresh, one, five].flatMap(load => load.errors).length,
          target: 0,
          unit: '',
        },
        refreshCheck('1 server', one),
        refreshCheck('5 servers', five),
      ];
      const errors = [...new Set([fresh, one, five].flatMap(load => load.errors))].slice(0, 5);
      return {
        tables: [
          {
            title: `${GUESTS.toLocaleString('en')} guests, ${seconds} s of calls as fast as they are answered`,
            columns: ['load', 'calls per second', 'p50 ms', 'p99 ms', 'longest ms', 'errors', 'refreshes'],
            rows,
            note: `A client sends its next call when the last one is answered: list_vms, get_resource, get_cluster_status, show_history and diff_state in turn.${errors.length > 0 ? ` Errors: ${errors.join('; ')}` : ''}`,
          },
        ],
        checks,
      };
    } finally {
      await cluster.stop();
    }
  },
};

/** One refresh each max age, whoever asks; one more for where the span begins. */
function refreshCheck(what: string, { refreshes, seconds }: Load): Check {
  return {
    what: `refreshes, ${what} over ${seconds.toFixed(1)} s`,
    value: refreshes,
    target: Math.ceil(seconds / MAX_AGE_SECONDS) + 1,
    unit: '',
  };
}

function row(what: string, { calls, seconds, samples, errors, refreshes }: Load): Cell[] {
  return [
    what,
    calls / seconds,
    median(samples),
    percentile(samples, 0.99),
    Math.max(...samples),
    errors.length,
    refreshes,
  ];
}

async function under(servers: StdioServer[], clients: number, seconds: number, path: string): Promise<Load> {
  const { vms } = (await servers[0]!.call('list_vms', { limit: 20 })) as { vms: { vmid: number }[] };
  await Promise.all(servers.map(server => server.call('get_cluster_status')));
  const calls: [string, (n: number) => object][] = [
    ['list_vms', () => ({ limit: 50 })],
    ['get_resource', n => ({ resource: `vm/${vms[n % vms.length]!.vmid}` })],
    ['get_cluster_status', () => ({})],
    ['show_history', n => ({ resource: `vm/${vms[n % vms.length]!.vmid}` })],
    ['diff_state', () => ({ from: '24h' })],
  ];
  const before = runsIn(path);
  const started = performance.now();
  const until = started + seconds * 1000;
  const samples: number[] = [];
  const errors: string[] = [];
  const client = async (server: StdioServer, first: number) => {
    for (let n = first; performance.now() < until; n++) {
      const [tool, args] = calls[n % calls.length]!;
      const sent = performance.now();
      try {
        await server.call(tool, args(n));
      } catch (error) {
        errors.push(`${tool}: ${(error as Error).message.slice(0, 200)}`);
      }
      samples.push(performance.now() - sent);
    }
  };
  await Promise.all(
    servers.flatMap(server => Array.from({ length: clients }, (_, first) => client(server, first))),
  );
  const took = (performance.now() - started) / 1000;
  return { calls: samples.length, errors, samples, seconds: took, refreshes: runsIn(path) - before };
}

function runsIn(path: string): number {
  const database = new Database(path, { readonly: true });
  const runs = database.prepare('SELECT max(id) FROM discovery_runs').pluck().get() as number | null;
  database.close();
  return runs ?? 0;
}

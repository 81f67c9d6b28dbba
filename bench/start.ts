import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDiscoverer } from './support/discoverer.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { startCluster } from './support/simulated-cluster.ts';
import { median, minimum, percentile, timed } from './support/stats.ts';
import { startServer } from './support/stdio-server.ts';

/** Starting: everything a user waits for before the first answer. */
export const start: Benchmark = {
  name: 'start',
  title: 'Start',
  async run({ full }) {
    const { program, bundle, folder } = await stagedPackage();
    const floor = await bundle('one-tool-server.ts');
    const cluster = await startCluster(60);
    const databaseUrl = `file:${join(await folder(), 'store.db')}`;
    const env = { ...cluster.env, DATABASE_URL: databaseUrl, PROXMOX_MPC_LOG_LEVEL: 'error' };
    const rounds = full ? 40 : 15;
    try {
      const product: number[] = [];
      const oneTool: number[] = [];
      const node: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const ours = await startServer(program, { env });
        await ours.stop();
        const theirs = await startServer(floor);
        await theirs.stop();
        const bare = (await timed(1, nodeAlone))[0]!;
        // The first round fills the disk's cache and Node's compile cache, as any first use does.
        if (round === 0) continue;
        product.push(ours.startMs);
        oneTool.push(theirs.startMs);
        node.push(bare);
      }
      const { list, ping } = await listAndPing(program, env);
      const first = await firstLists(cluster, program, env, databaseUrl, full ? 12 : 6);
      const row = (what: string, samples: number[]) => [
        what,
        median(samples),
        minimum(samples),
        percentile(samples, 0.9),
      ];
      return {
        tables: [
          {
            title: 'From spawn to the answer (ms)',
            columns: ['what', 'median', 'least', 'p90'],
            rows: [
              row('proxmox-mpc: initialize', product),
              row('bundled one-tool server of the same SDK: initialize', oneTool),
              row('node -e 0', node),
            ],
          },
          {
            title: 'One process, one request at a time (ms)',
            columns: ['what', 'median', 'least', 'p90'],
            rows: [row('tools/list', list), row('SDK ping', ping)],
          },
          {
            title: 'First list_vms of a new process, 60 guests in an existing store (ms)',
            columns: ['what', 'median', 'least', 'p90'],
            rows: [
              row('nothing to refresh', first.fresh),
              row('inventory expired: asks the cluster first', first.expired),
            ],
            note: 'From the call to its answer, just after `initialize`: loading database and HTTP is part of it.',
          },
        ],
        checks: [
          {
            what: 'initialize against the one-tool server',
            value: median(product) / median(oneTool),
            target: 1.5,
            unit: 'times',
          },
          { what: 'tools/list against ping', value: median(list) / median(ping), target: 3, unit: 'times' },
          {
            what: 'first list_vms with an expired inventory, beyond one with nothing to do',
            value: median(first.expired) - median(first.fresh),
            target: 250,
            unit: 'ms',
          },
        ],
      };
    } finally {
      await cluster.stop();
    }
  },
};

async function listAndPing(program: string, env: object) {
  const server = await startServer(program, { env });
  const list: number[] = [];
  const ping: number[] = [];
  for (let round = 0; round < 600; round++) {
    const [listed] = await timed(1, () => server.request('tools/list'));
    const [pinged] = await timed(1, () => server.request('ping'));
    if (round < 200) continue;
    list.push(listed!);
    ping.push(pinged!);
  }
  await server.stop();
  return { list, ping };
}

async function firstLists(
  cluster: Awaited<ReturnType<typeof startCluster>>,
  program: string,
  env: object,
  databaseUrl: string,
  rounds: number,
) {
  const discoverer = await startDiscoverer(cluster, databaseUrl);
  await discoverer.discover();
  await discoverer.stop();
  const firstList = async (maxAge: string) => {
    const server = await startServer(program, { env: { ...env, PROXMOX_MPC_MAX_AGE: maxAge } });
    const [ms] = await timed(1, () => server.call('list_vms', { limit: 50 }));
    await server.stop();
    return ms!;
  };
  const fresh: number[] = [];
  const expired: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const young = await firstList('86400');
    await delay(1_100);
    const old = await firstList('1');
    if (round === 0) continue;
    fresh.push(young);
    expired.push(old);
  }
  return { fresh, expired };
}

function nodeAlone(): Promise<void> {
  return new Promise(resolve => spawn(process.execPath, ['-e', '0']).once('exit', () => resolve()));
}

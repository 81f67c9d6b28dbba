import { join } from 'node:path';
import { startDiscoverer } from './support/discoverer.ts';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { startCluster } from './support/simulated-cluster.ts';
import { median, minimum, percentile, timed } from './support/stats.ts';
import { startServer } from './support/stdio-server.ts';

const LIST = { limit: 50 };

/** What every tool takes over stdio while nothing needs to be refreshed. */
export const answers: Benchmark = {
  name: 'answers',
  title: 'Answers',
  async run({ full }) {
    const { program, bundle, folder } = await stagedPackage();
    const byHand = await bundle('list-server.ts');
    const path = join(await folder(), 'store.db');
    const databaseUrl = `file:${path}`;
    const cluster = await startCluster(10_000);
    try {
      const discoverer = await startDiscoverer(cluster, databaseUrl);
      await discoverer.discover();
      await cluster.change(0.01);
      await discoverer.discover();
      await discoverer.stop();
      const server = await startServer(program, {
        env: {
          ...cluster.env,
          DATABASE_URL: databaseUrl,
          PROXMOX_MPC_MAX_AGE: '86400',
          PROXMOX_MPC_CONFIG_MAX_AGE: '86400',
          PROXMOX_MPC_LOG_LEVEL: 'error',
        },
      });
      const bare = await startServer(byHand, { args: ['bare', path] });
      const sdk = await startServer(byHand, { args: ['sdk', path] });
      const rounds = full ? 1_000 : 200;
      const lists = { ours: [] as number[], bare: [] as number[], sdk: [] as number[] };
      const once = async (of: typeof server) => (await timed(1, () => of.call('list_vms', LIST)))[0]!;
      for (let round = 0; round < rounds + 100; round++) {
        const figures = [await once(server), await once(bare), await once(sdk)] as const;
        if (round < 100) continue;
        lists.ours.push(figures[0]);
        lists.bare.push(figures[1]);
        lists.sdk.push(figures[2]);
      }
      const { vms } = (await server.call('list_vms', { limit: 1, status: 'running' })) as {
        vms: { vmid: number; name: string }[];
      };
      const { tasks } = (await server.call('list_tasks', { limit: 1 })) as { tasks: { upid: string }[] };
      const resource = `vm/${vms[0]!.vmid}`;
      const calls: [string, object][] = [
        ['get_cluster_status', {}],
        ['list_nodes', {}],
        ['list_vms', LIST],
        ['list_vms', { status: 'running', sort: 'memory', order: 'desc', limit: 50 }],
        ['list_containers', LIST],
        ['list_storage', {}],
        ['list_tasks', LIST],
        ['get_task', { upid: tasks[0]!.upid }],
        ['get_resource', { resource }],
        ['find_resources', { query: vms[0]!.name }],
        ['diff_state', { from: '24h' }],
        ['show_history', { resource }],
        ['show_history', {}],
      ];
      const rows = [];
      for (const [tool, args] of calls) {
        const samples = (await timed(rounds / 2 + 10, () => server.call(tool, args))).slice(10);
        rows.push([tool, JSON.stringify(args), median(samples), percentile(samples, 0.99)]);
      }
      await Promise.all([server.stop(), bare.stop(), sdk.stop()]);
      const row = (what: string, samples: number[]) => [
        what,
        median(samples),
        percentile(samples, 0.99),
        minimum(samples),
        median(lists.ours) / median(samples),
      ];
      return {
        tables: [
          {
            title: 'list_vms, 50 of 7,500 VMs, over stdio (ms)',
            columns: ['server', 'p50', 'p99', 'least', 'proxmox-mpc takes (times)'],
            rows: [
              row('proxmox-mpc', lists.ours),
              row('by hand: JSON-RPC and better-sqlite3', lists.bare),
              row('by hand: SDK server and better-sqlite3', lists.sdk),
            ],
          },
          {
            title: 'Every tool, 10,000 guests in the store, everything fresh, over stdio (ms)',
            columns: ['tool', 'arguments', 'p50', 'p99'],
            rows,
          },
        ],
        checks: [
          {
            what: 'list_vms (50 rows) p50 against the bare server by hand',
            value: median(lists.ours) / median(lists.bare),
            target: 4,
            unit: 'times',
          },
        ],
      };
    } finally {
      await cluster.stop();
    }
  },
};

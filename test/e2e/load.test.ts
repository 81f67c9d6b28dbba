import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StdioServer, startServer } from '../../bench/support/stdio-server.ts';
import { PROGRAM, startWorld, type World } from '../support/program.ts';
import { times } from '../support/soak.ts';

/** Refreshes to live through, and calls of each client at least. */
const REFRESHES = times(2, 50);
const CALLS = times(4, 8);
const MAX_AGE_SECONDS = 1;

let world: World;
beforeAll(async () => {
  world = await startWorld({ guests: times(60, 200) });
});
afterAll(() => world.close());

// Kills: a refresh for each client, for each process, or for each facet somebody asks for.
test.each([
  { servers: 1, clients: times(20, 50) },
  { servers: 5, clients: times(4, 10) },
])('$servers servers on one store bear $clients clients each: no error, one refresh each max age', async ({
  servers: count,
  clients,
}) => {
  const env = {
    ...world.env,
    DATABASE_URL: `file:${join(world.folder, `${count}-servers.db`)}`,
    PROXMOX_MPC_MAX_AGE: String(MAX_AGE_SECONDS),
  };
  const servers = await Promise.all(Array.from({ length: count }, () => startServer(PROGRAM, { env })));
  try {
    const vms = (await servers[0]!.call('list_vms', { limit: 20 }))['vms'] as { vmid: number }[];
    await Promise.all(servers.map(server => server.call('get_cluster_status')));
    world.sim.requests.reset();
    const refreshes = () => world.sim.requests.count('/cluster/resources');
    const { answered, errors, seconds } = await under(
      servers,
      clients,
      vms.map(vm => vm.vmid),
      () => refreshes() >= REFRESHES,
    );
    expect(errors).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(count * clients * CALLS);
    // One more for where the span begins.
    expect(refreshes()).toBeLessThanOrEqual(Math.ceil(seconds / MAX_AGE_SECONDS) + 1);
  } finally {
    await Promise.all(servers.map(server => server.stop()));
  }
});

/** Clients that send the next call once the last is answered, until they have sent enough and `done` says so. */
async function under(servers: StdioServer[], clients: number, vmids: number[], done: () => boolean) {
  const calls: [string, (n: number) => object][] = [
    ['list_vms', () => ({ limit: 50 })],
    ['get_resource', n => ({ resource: `vm/${vmids[n % vmids.length]!}` })],
    ['get_cluster_status', () => ({})],
    ['show_history', n => ({ resource: `vm/${vmids[n % vmids.length]!}` })],
    ['diff_state', () => ({ from: '24h' })],
  ];
  const started = performance.now();
  const errors: string[] = [];
  let answered = 0;
  const client = async (server: StdioServer, first: number) => {
    for (let n = first; n < first + CALLS || !done(); n++) {
      const [tool, args] = calls[n % calls.length]!;
      await server.call(tool, args(n)).then(
        () => answered++,
        (error: Error) => errors.push(`${tool}: ${error.message.slice(0, 200)}`),
      );
    }
  };
  await Promise.all(
    servers.flatMap(server => Array.from({ length: clients }, (_, first) => client(server, first))),
  );
  return { answered, errors, seconds: (performance.now() - started) / 1000 };
}

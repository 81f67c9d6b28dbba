import { keepHeapSmall } from '../../src/app/heap.ts';
import { type DatabaseStore, openStore } from '../../src/database/index.ts';
import { createDiscovery, type Discovery } from '../../src/discovery/index.ts';
import { FACETS, type Facet } from '../../src/model/facet.ts';
import { createProxmoxClient, type ProxmoxClient } from '../../src/proxmox/index.ts';
import { Transport, type TransportOptions } from '../../src/proxmox/transport.ts';
import { serveTasks } from '../support/child.ts';
import { memory } from '../support/memory.ts';

/** What one discovery, or the bare requests it is compared with, cost. */
export interface Cost {
  ms: number;
  cpuMs: number;
  /** API paths asked, in order. */
  paths: string[];
  /** Resident memory at its highest so far, MB. */
  peakMb: number;
}

let store: DatabaseStore;
let client: ProxmoxClient;
let discovery: Discovery;
let transport: Transport;
let headers: Record<string, string>;
let paths: string[] = [];

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  paths = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000, paths, peakMb: memory().peak };
}

keepHeapSmall();
serveTasks({
  open: async ({
    url,
    token,
    ca,
    databaseUrl,
    packageRoot,
  }: Record<'url' | 'token' | 'ca' | 'databaseUrl' | 'packageRoot', string>) => {
    const options: TransportOptions = { urls: [url], tls: { ca }, timeoutMs: 60_000 };
    headers = { authorization: `PVEAPIToken=${token}` };
    transport = new Transport(options);
    client = createProxmoxClient({
      ...options,
      credentials: { token },
      onRequest: report => paths.push(report.path),
    });
    store = await openStore({ url: databaseUrl, packageRoot });
    await store.lastCommit();
    discovery = createDiscovery({
      store,
      client,
      log: { error() {}, warn() {}, info() {}, debug() {} },
      configMaxAgeMs: 3_600_000,
    });
  },
  discover: ({ facets = [...FACETS] }: { facets?: Facet[] }) =>
    costOf(() => discovery.discover({ facets: new Set(facets), deep: false, guests: new Set() })),
  /** The same URLs through the same HTTP client at the same concurrency; the answers are only parsed. */
  bare: ({ paths }: { paths: string[] }) =>
    costOf(() =>
      Promise.all(
        paths.map(async path => {
          const answer = await transport.send({ method: 'GET', path, headers });
          if (answer.status === 200) JSON.parse(answer.body);
        }),
      ),
    ),
  versions: () => store.countVersions({}),
  close: async () => {
    await discovery.close();
    client.close();
    transport.close();
    await store.close();
  },
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseStore, openStore } from '../../src/database/index.ts';
import { createDiscovery, type Discovery } from '../../src/discovery/index.ts';
import { createLog, noLog } from '../../src/log.ts';
import { createToolRunner, type ToolRunner } from '../../src/mcp/runner/tool-runner.ts';
import type { Facet } from '../../src/model/facet.ts';
import { createProxmoxClient, type ProxmoxClient } from '../../src/proxmox/index.ts';
import { tools } from '../../tools/index.ts';
import type { Answer } from '../support/answer.ts';
import { type HttpsApi, sendData, startHttpsApi } from '../support/https-api.ts';
import { PACKAGE_ROOT } from '../support/lab.ts';
import { ALL, answer, fair, Refusal, type Sight, type Weather } from './api.ts';
import type { Cluster } from './cluster.ts';

/** The product at work beside a cluster of the witness. */
export interface Bench {
  store: DatabaseStore;
  weather: Weather;
  /** What each token may see: the first may be narrowed and widened, the second is another process's. */
  sights: [Sight, Sight];
  /** How far our clock is ahead (ms). */
  skew: number;
  requests: string[];
  look(facets: Facet[], deep: boolean, who?: 0 | 1): Promise<void>;
  call<Tool extends string>(tool: Tool, args?: object): Promise<Answer<Tool>>;
  close(): Promise<void>;
}

export async function startBench(c: Cluster): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'witness-'));
  const log = process.env['LAB_LOG'] ? createLog('debug') : noLog;
  const bench = {
    weather: fair(),
    sights: [ALL, { ...ALL, only: 'blue', pools: false }],
    skew: 0,
    requests: [] as string[],
  } as unknown as Bench;
  const tokens = [
    'root@pam!one=00000000-0000-4000-8000-000000000001',
    'root@pam!two=00000000-0000-4000-8000-000000000002',
  ];
  const api: HttpsApi = await startHttpsApi((request, response) => {
    const url = new URL(request.url, 'https://localhost');
    const who = tokens.findIndex(token => request.headers.authorization?.endsWith(token));
    response.setHeader('date', new Date(c.t).toUTCString());
    try {
      bench.requests.push(request.url);
      sendData(
        response,
        answer(
          c,
          bench.weather,
          bench.sights[who as 0 | 1],
          decodeURIComponent(url.pathname).replace('/api2/json', ''),
          url.searchParams,
        ),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message: reason, errors } = error;
      response.statusCode = status;
      response.statusMessage = reason;
      response.setHeader('content-type', 'application/json');
      response.end(
        status >= 595
          ? ''
          : JSON.stringify({ data: null, message: `${reason}\n`, ...(errors && { errors }) }),
      );
    }
  });
  const now = () => c.t + bench.skew;
  const sides = await Promise.all(
    tokens.map(async token => {
      const store = await openStore({
        url: `file:${join(folder, 'store.db')}`,
        autoMigrate: true,
        packageRoot: PACKAGE_ROOT,
        now,
        log,
      });
      const client: ProxmoxClient = createProxmoxClient({
        urls: [api.url],
        credentials: { token },
        tls: { ca: api.caPem },
        now,
      });
      const discovery: Discovery = createDiscovery({ store, client, log, configMaxAgeMs: 300_000, now });
      return { store, client, discovery };
    }),
  );
  bench.store = sides[0]!.store;
  bench.look = async (facets, deep, who = 0) => {
    await sides[who]!.discovery.discover({ facets: new Set(facets), deep, guests: new Set() });
  };
  const runner: ToolRunner = createToolRunner({
    open: async () => ({
      store: bench.store,
      discovery: sides[0]!.discovery,
      taskLog: async () => ({ total: 0, lines: [] }),
    }),
    tools,
    maxAgeMs: 1_000_000_000,
    timeZone: 'UTC',
    now,
    log,
  });
  bench.call = async <Tool extends string>(tool: Tool, args = {}) => {
    const result = await runner.run(tool, args);
    if (result.isError) throw new Error((result.content[0] as { text: string }).text);
    return result.structuredContent as Answer<Tool>;
  };
  bench.close = async () => {
    for (const { discovery, client, store } of sides) {
      await discovery.close();
      client.close();
      await store.close();
    }
    await api.close();
    await rm(folder, { recursive: true, force: true });
  };
  return bench;
}

import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OpenApplying, openApplying } from '../../src/app/applying.ts';
import { createTaskLog } from '../../src/app/task-log.ts';
import type { WritingConfig } from '../../src/config.ts';
import { type DatabaseStore, openStore } from '../../src/database/index.ts';
import { createDiscovery, createUsageReader, type Discovery } from '../../src/discovery/index.ts';
import { createLog, type Log, noLog } from '../../src/log.ts';
import { createToolRunner, type ToolRunner } from '../../src/mcp/runner/tool-runner.ts';
import { FACETS, type Facet } from '../../src/model/facet.ts';
import type { Store } from '../../src/model/store.ts';
import { createProxmoxClient, type ProxmoxClient } from '../../src/proxmox/index.ts';
import type { TlsOptions } from '../../src/proxmox/tls.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { tools, toolsThatWrite } from '../../tools/index.ts';
import type { Answer } from './answer.ts';
import { lookForSecrets, plantSecret } from './canary.ts';
import { keptFile, placeStore } from './test-run.ts';

export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A simulated cluster over real HTTPS, a real store file, and the product in between, on the cluster's clock. */
export interface Lab {
  sim: Simulator;
  store: DatabaseStore;
  client: ProxmoxClient;
  discovery: Discovery;
  runner: ToolRunner;
  folder: string;
  /** Where plans are carried out. */
  applying: OpenApplying | undefined;
  /** The simulator's address. */
  url: string;
  /** One discovery of these facets (all unless told) and its counts. */
  discover(options?: { facets?: Facet[]; deep?: boolean }): ReturnType<Discovery['discover']>;
  /** A tool's structured half. @throws the text of a failed call. */
  call<T extends string>(tool: T, args?: object): Promise<Answer<T>>;
  /** How far our clock is ahead of the cluster's (ms). */
  skew: number;
  /** Replaces client, store handle and discovery, as a restarted process would. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface LabOptions extends SimulatorOptions {
  token?: 'full' | 'auditor' | 'none';
  configMaxAgeMs?: number;
  maxAgeMs?: number;
  /** How far our clock is ahead of the cluster's (ms). */
  skew?: number;
  /** Addresses of the API; that of the simulator unless told. */
  urls?: (url: string) => string[];
  /** How the API's certificate is judged; by the simulator's CA unless told. */
  tls?: (sim: Simulator) => TlsOptions;
  /** Another store than a file of the lab's own: an empty PostgreSQL database. */
  databaseUrl?: string;
  /** How long another program may keep the store locked (ms). */
  busyMs?: number;
  /** How long a call may take (ms). */
  timeoutMs?: number;
  /** Plans are carried out, with a token of its own that has every right a kind of change needs. */
  writing?: Omit<WritingConfig, 'token'>;
  /** Stands between discovery and the store, to count or to fail. */
  wrapStore?: (store: DatabaseStore) => Store;
  /** Where each statement that the store's clients send is noted. */
  statements?: string[];
  /**
   * Begins after the first look, as a process would that was started anew since: the store is a copy of one in which a
   * cluster of the same make was discovered. For whom what happens at a first look is no matter.
   */
  discovered?: boolean;
}

/** What a token that writes may do: enough for every kind of change. */
export const WRITE_RIGHTS = [
  {
    path: '/',
    privs: [
      ...['Options', 'Memory', 'Network', 'CPU'].map(kind => `VM.Config.${kind}`),
      ...['VM.PowerMgmt', 'VM.Migrate', 'VM.Snapshot', 'SDN.Use'],
    ],
  },
];

/** Made once a process for all clusters of the same nodes. */
const certificates = new Map<string, Simulator['certificates']>();

/** The store as the first look at such a cluster leaves it, made once a process: a seed stands for one cluster, value by value. */
function firstLook(options: LabOptions): Promise<string> {
  return keptFile(JSON.stringify(options), async path => {
    const lab = await startLab(options);
    await lab.discover();
    // Closing brings all that was written into the one file.
    await lab.restart();
    await copyFile(join(lab.folder, 'store.db'), path);
    await lab.close();
  });
}

/** Starts a lab; `close` removes every trace of it. */
export async function startLab({
  token = 'full',
  configMaxAgeMs = 300_000,
  maxAgeMs = 30_000,
  skew = 0,
  timeoutMs,
  urls = url => [url],
  tls = sim => ({ ca: sim.caPem }),
  busyMs,
  wrapStore = store => store,
  databaseUrl,
  writing,
  statements,
  discovered = false,
  ...options
}: LabOptions = {}): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-'));
  // Compressing what never leaves the machine costs as much as asking for it: long answers alone are.
  const cluster = { guests: 20, compressFrom: 32_000, ...options };
  const { seed, nodes, clusterName } = options;
  const who = JSON.stringify([seed, nodes, clusterName]);
  const kept = certificates.get(who);
  // A copy for each: a test may let one of them expire.
  const sim = await createSimulator({ ...cluster, certificates: structuredClone(kept) });
  if (kept === undefined) certificates.set(who, structuredClone(sim.certificates));
  const { url } = await sim.start();
  for (const secret of Object.values(sim.tokens)) plantSecret(secret);
  const file = join(folder, 'store.db');
  if (databaseUrl === undefined) {
    if (discovered) await copyFile(await firstLook({ token, skew, ...cluster }), file);
    else await placeStore(file);
  }
  const log = process.env['LAB_LOG'] ? createLog('debug') : noLog;
  const noted: Log = {
    ...noLog,
    debug: (_, facts) => void (facts?.['sql'] && statements?.push(String(facts['sql']))),
  };
  const lab = { sim, folder, url, skew } as Lab;
  const now = () => sim.clock.now() + lab.skew;

  const token2 = writing && sim.world.addToken('mcp@pve!apply', WRITE_RIGHTS);

  const open = async () => {
    lab.store = await openStore({
      url: databaseUrl ?? `file:${file}`,
      autoMigrate: true,
      packageRoot: PACKAGE_ROOT,
      now,
      log: statements === undefined ? log : noted,
      queryLog: statements !== undefined,
      ...(busyMs !== undefined && { busyMs }),
    });
    lab.client = createProxmoxClient({
      urls: urls(url),
      credentials: { token: sim.tokens[token] },
      tls: tls(sim),
      now,
      timeoutMs,
    });
    lab.discovery = createDiscovery({
      store: wrapStore(lab.store),
      client: lab.client,
      log,
      configMaxAgeMs,
      now,
    });
    lab.applying =
      token2 === undefined
        ? undefined
        : openApplying({
            store: lab.store,
            client: lab.client,
            discovery: lab.discovery,
            connection: { urls: urls(url), tls: tls(sim), timeoutMs: timeoutMs ?? 10_000, timeZone: 'UTC' },
            writing: { ...writing!, token: token2 },
            now,
            log,
          });
    const runner = createToolRunner({
      open: async () => ({
        store: lab.store,
        discovery: lab.discovery,
        taskLog: createTaskLog(lab.client),
        readUsage: createUsageReader({ store: lab.store, client: lab.client, now }),
      }),
      tools: writing === undefined ? tools : toolsThatWrite,
      applying: lab.applying && { approval: writing!.approval, only: writing!.policy.only, ...lab.applying },
      maxAgeMs,
      timeZone: 'UTC',
      now,
      log,
    });
    lab.runner = {
      ...runner,
      run: async (name, args, around) => {
        const result = await runner.run(name, args, around);
        lookForSecrets(name, JSON.stringify(result));
        return result;
      },
    };
  };
  const shut = async () => {
    await lab.applying?.close();
    await lab.discovery.close();
    lab.client.close();
    await lab.store.close();
  };
  lab.discover = ({ facets = [...FACETS], deep = false } = {}) =>
    lab.discovery.discover({ facets: new Set(facets), deep, guests: new Set() });
  lab.call = async <T extends string>(tool: T, args = {}) => {
    const result = await lab.runner.run(tool, args);
    if (result.isError) throw new Error((result.content[0] as { text: string }).text);
    return result.structuredContent as Answer<T>;
  };
  lab.restart = async () => {
    await shut();
    await open();
  };
  lab.close = async () => {
    await shut();
    await sim.stop();
    await rm(folder, { recursive: true, force: true });
  };
  await open();
  if (discovered && databaseUrl !== undefined) await lab.discover();
  return lab;
}

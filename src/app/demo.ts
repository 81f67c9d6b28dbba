import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, ConnectedConfig } from '../config.ts';
import type { Discovery } from '../discovery/index.ts';
import { UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import { FACETS } from '../model/facet.ts';
import { type DoneStep, runDay } from '../simulator/day.ts';
import { createSimulator, type Simulator } from '../simulator/index.ts';

const MINUTE_MS = 60_000;
/** From the day's first step to a little after its last. */
const DAY_MS = 16 * 60 * MINUTE_MS + 3 * MINUTE_MS;
const FOLDER = 'proxmox-mpc-demo-';

/** A simulated cluster to look at, and a store of its own that lives as long as this process. */
export interface Demo {
  connection: ConnectedConfig;
  /** The simulated time: a working day passes in seconds and ends now; then it runs with real time (ms). */
  clock: () => number;
  /** Lets the day pass, discovering after each step as a watching server would. */
  playDay(discovery: Discovery, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Starts the simulator on a free port of this machine, with an empty folder for the store. */
export async function startDemo(config: Config, log: Log): Promise<Demo> {
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`));
  const { simulator, connection } = await simulate(config);
  return {
    connection: {
      ...connection,
      database: { ...config.database, url: `file:${join(folder, 'demo.db')}`, provider: 'sqlite' },
    },
    clock: () => simulator.clock.now(),
    playDay: (discovery, signal) => play(simulator, discovery, log, signal),
    close: async () => {
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Plays the simulated day into the configured store. @throws UsageError when that store knows a cluster already. */
export async function seed(config: Config, packageRoot: string, log: Log): Promise<void> {
  const [{ openStore }, { createDiscovery }, { createProxmoxClient }, { storeOptions }] = await Promise.all([
    import('../database/index.ts'),
    import('../discovery/index.ts'),
    import('../proxmox/index.ts'),
    import('./store-options.ts'),
  ]);
  const { simulator, connection } = await simulate(config);
  const now = () => simulator.clock.now();
  const store = await openStore({ ...storeOptions(config, packageRoot, log), now });
  try {
    const known = await store.cluster();
    if (known !== null) {
      throw new UsageError(`The store holds the history of ${known.name} already.`, {
        hint: 'Name an empty one with --database-url, or empty this one with `proxmox-mpc db reset`.',
      });
    }
    const client = createProxmoxClient({ ...connection, log, now });
    const discovery = createDiscovery({ store, client, log, configMaxAgeMs: config.configMaxAgeMs, now });
    await play(simulator, discovery, log, new AbortController().signal);
    await discovery.close();
    client.close();
  } finally {
    await store.close();
    await simulator.stop();
  }
}

async function simulate(config: Config): Promise<{ simulator: Simulator; connection: ConnectedConfig }> {
  const dawn = Math.floor((Date.now() - DAY_MS) / MINUTE_MS) * MINUTE_MS;
  const simulator = await createSimulator({ clusterName: 'demo', now: dawn - 10 * MINUTE_MS });
  const { url } = await simulator.start();
  const connection = {
    ...config,
    urls: [url],
    credentials: { token: simulator.tokens.full },
    tls: { ca: simulator.caPem },
  };
  return { simulator, connection };
}

async function play(
  simulator: Simulator,
  discovery: Discovery,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = simulator;
  const discover = () => discovery.discover({ facets: new Set(FACETS), deep: false, guests: new Set() });
  log.info('the simulated day begins');
  await discover();
  const onStep = async ({ time, label, skipped }: DoneStep) => {
    signal.throwIfAborted();
    if (skipped) return;
    log.info(`${new Date(time).toTimeString().slice(0, 5)}  ${label}`);
    clock.advance(MINUTE_MS);
    await discover();
  };
  await runDay(simulator, { from: clock.now() + 10 * MINUTE_MS, onStep });
  clock.set(Date.now());
  clock.followRealTime();
  log.info('the simulated day is over: from now on the cluster idles in real time');
}

/** Removes the folders of demos whose process died without closing. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(FOLDER) ? Number(name.slice(FOLDER.length).split('-')[0]) : 0;
    if (pid > 0 && !isAlive(pid))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

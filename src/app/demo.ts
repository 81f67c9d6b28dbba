import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, ConnectedConfig } from '../config.ts';
import type { Discovery } from '../discovery/index.ts';
import type { Log } from '../log.ts';
import { FACETS } from '../model/facet.ts';
import { type DoneStep, runDay } from '../simulator/day.ts';
import { createSimulator, type Simulator } from '../simulator/index.ts';
import { hour, minute } from '../simulator/timing.ts';

/** From the scripted day's first step to a little after its last (ms). */
const SCRIPTED_DAY_MS = 16 * hour + 3 * minute;
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
    playDay: async (discovery, signal) => {
      await playDay(simulator, () => discoverAll(discovery), log, signal);
      log.info('the simulated day is over: from now on the cluster idles in real time');
    },
    close: async () => {
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Serves the demo's cluster: its clock stands a little before a day that ends now, or as much earlier as told (ms). */
export async function simulate(
  config: Config,
  earlierMs = 0,
): Promise<{ simulator: Simulator; connection: ConnectedConfig }> {
  const dawn = Math.floor((Date.now() - SCRIPTED_DAY_MS) / minute) * minute;
  const simulator = await createSimulator({ clusterName: 'demo', now: dawn - 10 * minute - earlierMs });
  const { url } = await simulator.start();
  const connection = {
    ...config,
    urls: [url],
    credentials: { token: simulator.tokens.full },
    tls: { ca: simulator.caPem },
  };
  return { simulator, connection };
}

/** One look at everything. */
export async function discoverAll(discovery: Discovery): Promise<void> {
  await discovery.discover({ facets: new Set(FACETS), deep: false, guests: new Set() });
}

/** Lets the scripted day pass, looking after each step; from then on the clock runs with real time. */
export async function playDay(
  simulator: Simulator,
  look: () => Promise<unknown>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = simulator;
  log.info('the simulated day begins');
  await look();
  const onStep = async ({ time, label, skipped }: DoneStep) => {
    signal.throwIfAborted();
    if (skipped) return;
    log.info(`${new Date(time).toTimeString().slice(0, 5)}  ${label}`);
    clock.advance(minute);
    await look();
  };
  await runDay(simulator, { from: clock.now() + 10 * minute, onStep });
  clock.set(Date.now());
  clock.followRealTime();
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

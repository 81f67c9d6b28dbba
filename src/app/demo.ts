import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, ConnectedConfig } from '../config.ts';
import type { Discovery } from '../discovery/index.ts';
import { errorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Simulator } from '../simulator/index.ts';
import { discoverAll, followPresent, playDay, replayDay, simulate } from './demo/day.ts';
import { openKeptDay } from './demo/kept-day.ts';

const FOLDER = 'proxmox-mpc-demo-';

/** A simulated cluster to look at, with a store of its own that exists as long as this process. */
export interface Demo {
  connection: ConnectedConfig;
  /** The simulated time (ms): a working day that ends now, and then real time. */
  clock: () => number;
  /** Plays the day unless a recorded one was opened, with a discovery after each step, as a watching server would. */
  begin(discovery: Discovery, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Where the build puts the demo's recorded day. `PROXMOX_MPC_DEMO_DAY=played`, as in `npm run demo`, plays the day instead. */
export function keptDayIn(packageRoot: string): string {
  return join(packageRoot, 'dist', 'demo-day.br');
}

/** Starts the simulator on a free port of this machine, with the recorded day's store or an empty one. */
export async function startDemo(config: Config, packageRoot: string, log: Log): Promise<Demo> {
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`));
  const path = join(folder, 'demo.db');
  const { simulator, connection } = await simulate(config, Date.now());
  const kept = keptDayIn(packageRoot);
  const played = process.env['PROXMOX_MPC_DEMO_DAY'] === 'played' || !existsSync(kept);
  if (!played) await openDay(simulator, kept, path);
  return {
    connection: {
      ...connection,
      database: { ...config.database, url: `file:${path}`, provider: 'sqlite' },
    },
    clock: () => simulator.clock.now(),
    begin: async (discovery, signal) => {
      if (!played) return;
      await playDay(simulator, () => discoverAll(discovery), log, { signal });
      followPresent(simulator);
      log.info('the simulated day is over: from now on the cluster idles in real time');
    },
    close: async () => {
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes the recorded day's store to `path`, and puts the cluster into the state at the end of that day. */
export async function openDay(
  simulator: Simulator,
  kept: string,
  path: string,
  until?: string,
): Promise<void> {
  const present = {
    firstSeen: simulator.clock.now(),
    rootFingerprint: simulator.certificates.ca.fingerprint,
  };
  await openKeptDay(kept, path, present);
  await replayDay(simulator, until);
  followPresent(simulator);
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
    return errorCode(error) === 'EPERM';
  }
}

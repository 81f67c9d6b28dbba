import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.ts';
import { stagedPackage } from './package.ts';

/** A simulated cluster in a process of its own, running with real time. */
export interface SimulatedCluster {
  url: string;
  token: string;
  ca: string;
  /** Environment with which the product finds it. */
  env: { [name: string]: string };
  /** Starts or stops this part of the guests. Returns how many. */
  change(part: number): Promise<number>;
  stop(): Promise<void>;
}

/** Starts one; the part `snapshots` of its guests have a snapshot, each answer takes `answerMs` longer than it has to. */
export async function startCluster(
  guests: number,
  { snapshots = 0, answerMs = 0 } = {},
): Promise<SimulatedCluster> {
  const child = startChild(fileURLToPath(new URL('../children/simulator.ts', import.meta.url)));
  const nodes = guests <= 100 ? 3 : guests <= 1000 ? 8 : 32;
  const { url, token, ca } = await child.ask<{ url: string; token: string; ca: string }>('start', {
    guests,
    nodes,
    snapshots,
    answerMs,
  });
  const { folder } = await stagedPackage();
  const caFile = join(await folder(), 'ca.pem');
  await writeFile(caFile, ca);
  return {
    url,
    token,
    ca,
    env: { PROXMOX_URL: url, PROXMOX_TOKEN: token, PROXMOX_CA_FILE: caFile },
    change: part => child.ask<number>('change', { part }),
    stop: () => child.stop(),
  };
}

import type { Lab, LabOptions } from './lab.ts';
import { startLab } from './lab.ts';

/** The one backup job of a healthy lab. */
export const NIGHTLY = {
  id: 'backup-nightly',
  enabled: 1,
  schedule: '01:00',
  storage: 'nas',
  mode: 'snapshot',
  all: 1,
} as const;

/** A lab whose cluster has nothing wrong: one job backs everybody up and has just done so, and nothing under HA is bound to its node. */
export async function startHealthyLab(options: LabOptions = {}): Promise<Lab> {
  const lab = await startLab({ guests: 24, ...options });
  makeHealthy(lab);
  return lab;
}

/** Mends what is wrong with the cluster that the simulator begins with. */
export function makeHealthy({ sim }: Pick<Lab, 'sim'>): void {
  const { world, truth } = sim;
  world.setBackupJobs([NIGHTLY]);
  for (const { vmid, template, ha } of Object.values(truth.state().guests)) {
    if (!template) world.backup(vmid);
    if (ha !== null) world.setHa(vmid, null);
  }
}

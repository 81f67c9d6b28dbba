import { runDay } from '../../src/simulator/day.ts';
import type { TruthGuest } from '../../src/simulator/index.ts';
import { makeHealthy } from '../support/healthy.ts';
import { type Lab, startLab } from '../support/lab.ts';

/** The simulated cluster that questions are asked about, and what is true of it. */
export interface Stage {
  lab: Lab;
  /** Every guest as it really is, templates included. */
  guests: TruthGuest[];
}

/** `vm/101` of a guest. */
export function keyOf({ type, vmid }: Pick<TruthGuest, 'type' | 'vmid'>): string {
  return `${type === 'qemu' ? 'vm' : 'container'}/${vmid}`;
}

/**
 * A cluster of three nodes and 24 guests on the evening of a working day, watched all along. Afterwards a few things are wrong that
 * nobody has noticed: a disk on IDE, hardware passed through, a lock left behind, a guest that no job backs up.
 */
export async function startStage(): Promise<Stage> {
  const lab = await startLab({ guests: 24 });
  const { world, clock } = lab.sim;
  makeHealthy(lab);
  await lab.discover();
  await runDay(lab.sim, {
    onStep: async () => {
      clock.advance(60_000);
      await lab.discover();
    },
  });
  for (const vmid of ODD.onNas) {
    world.stop(vmid);
    world.editConfig(vmid, { scsi0: `nas:${vmid}/vm-${vmid}-disk-0.qcow2,size=32G` });
    world.start(vmid);
  }
  world.editConfig(ODD.ide, { ide0: `local-zfs:vm-${ODD.ide}-disk-3,size=8G` });
  world.editConfig(ODD.unused, { unused0: `local-zfs:vm-${ODD.unused}-disk-7` });
  world.stop(ODD.passthrough);
  world.editConfig(ODD.passthrough, { hostpci0: '0000:01:00.0,pcie=1', cpu: 'host' });
  world.start(ODD.passthrough);
  world.setHa(ODD.ha, 'started');
  world.setLock(ODD.locked, 'snapshot');
  world.setBackupJobs([{ ...NIGHTLY_BUT_ONE }]);
  clock.advance(400_000);
  await lab.discover({ deep: true });
  return { lab, guests: Object.values(lab.sim.truth.state().guests) };
}

/** Which guests the evening's oddities are about. */
export const ODD = {
  onNas: [113, 116],
  ide: 102,
  unused: 105,
  passthrough: 112,
  ha: 113,
  locked: 116,
  notBackedUp: 110,
} as const;

const NIGHTLY_BUT_ONE = {
  id: 'backup-nightly',
  enabled: 1,
  schedule: '01:00',
  storage: 'nas',
  mode: 'snapshot',
  all: 1,
  exclude: String(ODD.notBackedUp),
} as const;

import { type Cause, causesOf } from '../../src/state/causes.ts';
import type { Lab } from './lab.ts';

/** The causes of the newest change of a VM, as tools find them. */
export async function newestCauses({ store }: Lab, vmid: number): Promise<Cause[]> {
  const resource = { type: 'vm', id: String(vmid) } as const;
  const [version] = await store.versions({ resource, changesOnly: true }, { limit: 1 });
  const { rows } = await store.tasks({ resource }, { by: 'startTime', order: 'asc' }, { limit: 100 });
  const lines = await store.logLines({ vmid, since: 0, until: Number.MAX_SAFE_INTEGER });
  return causesOf(version!, rows, lines);
}

import type { Cause } from '../../src/history/acts.ts';
import { causesOf } from '../../src/history/causes.ts';
import type { Lab } from './lab.ts';

/** The causes of the newest change of a VM, or of one some changes `back`, as tools find them. */
export async function newestCauses({ store }: Lab, vmid: number, back = 0): Promise<Cause[]> {
  const resource = { type: 'vm', id: String(vmid) } as const;
  const version = (await store.versions({ resource, changesOnly: true }, { limit: back + 1 }))[back];
  const { rows } = await store.tasks({ resource }, { by: 'startTime', order: 'asc' }, { limit: 100 });
  const lines = await store.logLines({ vmid, since: 0, until: Number.MAX_SAFE_INTEGER });
  const earlier = (await store.steps({ resource })).filter(step => step.seq < version!.seq);
  return causesOf(version!, rows, lines, earlier).causes;
}

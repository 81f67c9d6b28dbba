import type { Version } from '../../src/model/change.ts';
import { isSettingType } from '../../src/model/resource.ts';
import { type Lab, type LabOptions, startLab } from './lab.ts';

/** A lab whose first look lies a pause (ms) back, and what history gains from then on. */
export async function startStory(
  options: LabOptions = {},
  pause = 0,
): Promise<{ lab: Lab; story: () => Promise<string[]> }> {
  const lab = await startLab({ discovered: true, ...options });
  if (options.discovered === false) await lab.discover();
  const story = storyOf(lab);
  await story();
  lab.sim.clock.advance(pause);
  return { lab, story };
}

/**
 * What history gained since the last call, one line each: `vm/101 updated status running -> stopped`. The cluster's own
 * lines are left out, since they repeat what happens to its nodes (history/quorum has them), and so are those
 * of backup jobs, pools and high availability (history/datacenter).
 */
export function storyOf(lab: Lab): () => Promise<string[]> {
  let seq = 0;
  return async () => {
    const versions = (await lab.store.versions({ after: seq })).reverse();
    seq = (await lab.store.lastCommit())?.seq ?? seq;
    return versions
      .filter(({ type }) => type !== 'cluster' && !isSettingType(type))
      .map(describe)
      .sort();
  };
}

function describe({ type, resourceId, change, fields }: Version): string {
  const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  // Why a storage is out of reach stands beside that it is: history/storage has the reasons.
  const plain = fields.filter(({ path }) => !path.startsWith('unreachable_reasons.'));
  const moved = plain.map(({ path, from, to }) =>
    path === 'started_at' || path.startsWith('snapshots.')
      ? `${path} ${from === null ? 'new' : to === null ? 'gone' : 'moved'}`
      : `${path} ${show(from)} -> ${show(to)}`,
  );
  return [`${type}/${resourceId} ${change}`, ...moved].join(' | ');
}

/** A guest that runs, for which nothing waits and which HA leaves alone. */
export function plainRunning(lab: Lab, type: 'qemu' | 'lxc' = 'qemu'): number {
  const { guests } = lab.sim.truth.state();
  const plain = Object.values(guests).find(
    guest =>
      guest.type === type &&
      guest.status === 'running' &&
      guest.ha === null &&
      Object.keys(guest.pending).length === 0,
  );
  return plain!.vmid;
}

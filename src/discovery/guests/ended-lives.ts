import type { GuestEntity, TaskEntity } from '../../model/entity.ts';
import { earliest, toClusterTime } from '../../model/time.ts';
import type { Listed } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import type { TaskLists } from '../tasks/findings.ts';
import { destroyedGuests, recreatedGuests } from './evidence.ts';

/** The tasks of a run are dated as its listing is, but for how exactly a clock is known (ms). */
const READ_TOGETHER_MS = 2_000;

/**
 * Guests whose VMID was freed since they were last seen, by what tasks tell, and when (ms, in the cluster's time): by a
 * task that destroyed them, or by one that made another guest of it.
 */
export async function endedLives(
  scope: DiscoveryScope,
  { guests, inventory, clock }: Listed,
  findings: TaskLists | null,
  tasks: readonly TaskEntity[],
): Promise<Map<string, number>> {
  const { store, now } = scope;
  const present = toClusterTime(earliest(inventory.observedAt, now()), scope.clockOffset());
  const lastSeen = ({ lastSeen }: GuestEntity) => (lastSeen === null ? present : clock.bounds(lastSeen)[1]);
  const fresh = findings?.fresh.filter(task => tasks.includes(task)) ?? [];
  const [read, stored] = await Promise.all([
    store.lastCommit('tasks', { complete: true }),
    store.tasks({ upids: fresh.map(task => task.upid) }),
  ]);
  const readAt = read === null ? 0 : clock.looked(read);
  const before = new Set(stored.rows.map(task => task.upid));
  const unread = new Set(fresh.filter(task => !before.has(task.upid)));
  // All lists were read once the guest was there: its own task is known since.
  const notItsOwn = (task: TaskEntity, guest: GuestEntity) =>
    unread.has(task) && readAt + READ_TOGETHER_MS >= guest.createdAt;
  const recreated = [...recreatedGuests(tasks, guests, inventory.listed, lastSeen, notItsOwn)];
  return new Map([
    // Where the tasks of its node are still to be read, these may tell of a destruction, and when it was.
    ...recreated.filter(([key]) => !findings?.failed.has(guests.get(key)!.nodeId)),
    ...destroyedGuests(findings, guests, present),
  ]);
}

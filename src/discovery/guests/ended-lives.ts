import type { GuestEntity, TaskEntity } from '../../model/entity.ts';
import { earliest, toClusterTime } from '../../model/time.ts';
import type { Listed } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import type { TaskLists } from '../tasks/findings.ts';
import { destroyedGuests, recreatedGuests } from './evidence.ts';

/** How far the time of a task may be off from that of the listing in the same run, given how exactly clocks are known (ms). */
const READ_TOGETHER_MS = 2_000;

/**
 * The guests whose VMID was freed since they were last seen, according to tasks, and when (ms, in the cluster's time): by a task
 * that destroyed them, or one that created another guest in their place.
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
  // All task lists were read after the guest existed: its own task has been known since.
  const notItsOwn = (task: TaskEntity, guest: GuestEntity) =>
    unread.has(task) && readAt + READ_TOGETHER_MS >= guest.createdAt;
  const recreated = [...recreatedGuests(tasks, guests, inventory.listed, lastSeen, notItsOwn)];
  return new Map([
    // Tasks of its node that are still unread may reveal a destruction, and when it happened.
    ...recreated.filter(([key]) => !findings?.failed.has(guests.get(key)!.nodeId)),
    ...destroyedGuests(findings, guests, present),
  ]);
}

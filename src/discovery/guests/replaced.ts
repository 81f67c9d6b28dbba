import type { GuestConfigEntity, GuestEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import { type ClusterTime, latestOf, type OurTime } from '../../model/time.ts';
import type { Listed } from '../common/ground.ts';
import { guestKey } from '../common/guest-key.ts';
import { cardsOf, sharesCard } from '../common/identity.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { CLOCK_NOISE_MS, CLONE, CREATE, CUT_OFF_MS, DONE, madeGuest, RESTORE } from './evidence.ts';

/** A reading of a guest, beside what was known of it. */
export interface KnownAndRead {
  known: GuestEntity;
  former: GuestConfigEntity | null;
  reading: GuestReading;
}

/** Tasks that may give a container's VMID to another container. */
const REPLACING: string[] = [...CREATE, ...RESTORE, CLONE.container];

/** Whether all of a container's network cards were replaced: each new card has its own address. */
function hasOtherCards({ known, former, reading }: KnownAndRead): boolean {
  if (known.type !== 'container' || former === null) return false;
  const [before, now] = [cardsOf(former.config), cardsOf(reading.config)];
  return before.length > 0 && now.length > 0 && !sharesCard(former.config, reading.config);
}

/**
 * Containers that were replaced by others, and when that began (ms, in the cluster's time). Nothing in a container's
 * configuration identifies it, and `pct restore --force` needs no destruction: it is another container if a task has created or
 * restored one since its configuration was last read, and its network cards differ. A restore of its own backup brings its own
 * cards back.
 */
export function replacedContainers(
  guests: readonly KnownAndRead[],
  tasks: readonly TaskEntity[],
  /** Our moments (ms) in the cluster's time, as tasks are. */
  recorded: (at: OurTime) => ClusterTime,
): Map<string, ClusterTime> {
  const replaced = new Map<string, ClusterTime>();
  for (const one of guests.filter(hasOtherCards)) {
    const { known, former } = one;
    const key = guestKey(known);
    const readAt = recorded(known.configSeen ?? former!.observedAt);
    const begun = tasks
      .filter(task => DONE.has(task.status) && givesVmid(task, key))
      .filter(task => task.startTime > known.createdAt + CLOCK_NOISE_MS)
      .filter(task => (task.endTime ?? task.startTime) + CUT_OFF_MS >= readAt)
      .map(task => task.startTime);
    const last = latestOf(begun);
    if (last !== null) replaced.set(key, last);
  }
  return replaced;
}

/** The same by the stored tasks and those just `read`. The store is asked only where cards changed. */
export async function findReplaced(
  { store }: Pick<DiscoveryScope, 'store'>,
  { clock }: Pick<Listed, 'clock'>,
  guests: readonly KnownAndRead[],
  read: readonly TaskEntity[] = [],
): Promise<Map<string, ClusterTime>> {
  const moved = guests.filter(hasOtherCards);
  if (moved.length === 0) return new Map();
  const since = Math.min(...moved.map(({ known }) => known.createdAt));
  const stored = (await store.tasks({ types: REPLACING, since })).rows;
  const tasks = new Map([...stored, ...read].map(task => [task.upid, task]));
  return replacedContainers(moved, [...tasks.values()], clock.recorded);
}

function givesVmid(task: TaskEntity, key: string): boolean {
  const restored = RESTORE.has(task.type) ? `${task.resourceType}/${task.resourceId}` : null;
  return key === madeGuest(task) || key === restored;
}

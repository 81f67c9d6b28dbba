import { madeBy } from '../../history/clone-log.ts';
import type { GuestConfigEntity, GuestEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import { guestKey, taskKey } from '../../model/resource.ts';
import { type ClusterTime, latestOf, type OurTime, toClusterTime } from '../../model/time.ts';
import type { Listed } from '../common/ground.ts';
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

/** What a listing tells of containers. Times in ms, the cluster's. */
export interface Containers {
  /** When each (`container/200`) came into sight. */
  arrivals: ReadonlyMap<string, number>;
  listedAt: ClusterTime;
}

/**
 * Containers that were replaced by others, and when that began (ms, in the cluster's time). Nothing in a container's
 * configuration identifies it, and `pct restore --force` needs no destruction: it is another container if a task has created or
 * restored one since its configuration was last read, and its network cards differ. A restore of its own backup brings its own
 * cards back. A clone whose log does not tell what it made may be that task where nothing else came that it can have made.
 */
export function replacedContainers(
  guests: readonly KnownAndRead[],
  tasks: readonly TaskEntity[],
  /** Our moments (ms) in the cluster's time, as tasks are. */
  recorded: (at: OurTime) => ClusterTime,
  containers: Containers,
): Map<string, ClusterTime> {
  const replaced = new Map<string, ClusterTime>();
  for (const one of guests.filter(hasOtherCards)) {
    const { known, former } = one;
    const key = guestKey(known);
    const readAt = recorded(known.configSeen ?? former!.observedAt);
    const since = tasks
      .filter(task => DONE.has(task.status) && task.startTime > known.createdAt + CLOCK_NOISE_MS)
      .filter(task => (task.endTime ?? task.startTime) + CUT_OFF_MS >= readAt);
    const giving = since.filter(task => givesVmid(task, key));
    const by = giving.length > 0 ? giving : unclaimedClones(since, known, containers);
    const last = latestOf(by.map(task => task.startTime));
    if (last !== null) replaced.set(key, last);
  }
  return replaced;
}

/**
 * Clones of other containers that do not tell what they made, as on ZFS, where fewer containers came than they made: one of
 * them was given a VMID that was known.
 */
function unclaimedClones(
  tasks: readonly TaskEntity[],
  { type, id }: GuestEntity,
  { arrivals, listedAt }: Containers,
): TaskEntity[] {
  const silent = tasks.filter(
    task =>
      task.type === CLONE.container &&
      task.logEntries !== null &&
      madeBy(task) === null &&
      task.resourceId !== String(id) &&
      // Else what it made need not be listed yet.
      task.startTime < listedAt - CLOCK_NOISE_MS,
  );
  const first = Math.min(...silent.map(task => task.startTime)) - CLOCK_NOISE_MS;
  const came = [...arrivals].filter(
    ([key, at]) => at >= first && key !== guestKey({ type, id }) && !tasks.some(task => givesVmid(task, key)),
  );
  return silent.length > came.length ? silent : [];
}

/** The same by the stored tasks and those just `read`. The store is asked only where cards changed. */
export async function findReplaced(
  { store, clockOffset }: Pick<DiscoveryScope, 'store' | 'clockOffset'>,
  { clock, guests, inventory }: Pick<Listed, 'clock' | 'guests' | 'inventory'>,
  readings: readonly KnownAndRead[],
  read: readonly TaskEntity[] = [],
): Promise<Map<string, ClusterTime>> {
  const moved = readings.filter(hasOtherCards);
  if (moved.length === 0) return new Map();
  const since = Math.min(...moved.map(({ known }) => known.createdAt));
  const stored = (await store.tasks({ types: REPLACING, since })).rows;
  const tasks = new Map([...stored, ...read].map(task => [task.upid, task]));
  const listed = [...inventory.listed].map(
    ([key, row]) => [key, row.type, Number.POSITIVE_INFINITY] as const,
  );
  const known = [...guests].map(([key, guest]) => [key, guest.type, guest.createdAt] as const);
  const arrivals = [...listed, ...known].flatMap(([key, type, at]) =>
    type === 'container' ? [[key, at] as const] : [],
  );
  const containers = {
    arrivals: new Map(arrivals),
    listedAt: toClusterTime(inventory.observedAt, clockOffset()),
  };
  return replacedContainers(moved, [...tasks.values()], clock.recorded, containers);
}

function givesVmid(task: TaskEntity, key: string): boolean {
  const restored = RESTORE.has(task.type) ? taskKey(task) : null;
  return key === madeGuest(task) || key === restored;
}

import { madeBy } from '../../history/clone-log.ts';
import type { GuestEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestObservation, GuestReading } from '../../model/observation.ts';
import { guestKey, taskKey } from '../../model/resource.ts';
import { type ClusterTime, latestOf, type OurTime, ourTime } from '../../model/time.ts';
import type { TaskLists } from '../tasks/findings.ts';
import { confirmedAt } from './confirmed.ts';

/** Tasks that free a VMID. */
export const DESTROY = new Set(['qmdestroy', 'vzdestroy']);
/** Tasks that create a guest from nothing. */
export const CREATE: ReadonlySet<string> = new Set(['qmcreate', 'vzcreate']);
/** Tasks that create a guest or overwrite an existing one. */
export const RESTORE: ReadonlySet<string> = new Set(['qmrestore', 'vzrestore']);
/** A clone's task has the VMID of its source, so any clone made while the guest appeared may be the guest. */
export const CLONE = { vm: 'qmclone', container: 'vzclone' } as const;
/** The statuses of tasks that did their work. For a task that went out of sight while it ran (`unknown`) that is not known. */
export const DONE: ReadonlySet<string> = new Set(['ok', 'warning']);
/** The tasks that begin a VM's process, and when: a reboot shuts it down first. */
const STARTED_AT: { [type: string]: (task: TaskEntity) => ClusterTime } = {
  qmstart: task => task.startTime,
  qmreboot: task => task.endTime ?? task.startTime,
};
/** The tasks that tell how guests came to exist and to run. */
export const TELLING_TASKS: string[] = [
  ...CREATE,
  ...RESTORE,
  ...Object.values(CLONE),
  ...Object.keys(STARTED_AT),
  'qmigrate',
];
/** Tasks are dated in whole seconds. */
export const CUT_OFF_MS = 999;
/** Tasks, and the uptime from which a boot is computed, are in whole seconds, and answers take a moment (ms). */
const BOOT_SLACK_MS = 15_000;
/** How exactly a node's clock is known (ms). */
export const CLOCK_NOISE_MS = 3_000;
/** How far a clock may have been off, or been set, unnoticed (ms). */
const CLOCK_OFF_MS = 900_000;
/** The nodes' clocks differ a little, and seconds are cut off (ms). */
const SLACK_MS = 60_000;

/**
 * The guests whose VMID was freed by a destroy task that ended since the store last saw the task list, and when it had ended (ms,
 * in the cluster's time). The effect of a task that the store knew is already recorded, and a task older than the guest's row
 * destroyed its predecessor.
 */
export function destroyedGuests(
  findings: TaskLists | null,
  known: ReadonlyMap<string, GuestEntity>,
  /** The present, in the cluster's time (ms). */
  now: number,
): Map<string, number> {
  const destroyed = new Map<string, number>();
  for (const task of findings?.fresh ?? []) {
    if (!DESTROY.has(task.type) || !DONE.has(task.status)) continue;
    const key = taskKey(task);
    const guest = key === null ? undefined : known.get(key);
    if (key === null || guest === undefined) continue;
    const ended = (task.endTime ?? task.startTime) + CUT_OFF_MS;
    // A guest created in the future: the cluster's clock was set back, so the two times cannot be compared.
    if (guest.createdAt > now || ended >= guest.createdAt)
      destroyed.set(key, Math.max(ended, destroyed.get(key) ?? 0));
  }
  return destroyed;
}

/**
 * The guest (`vm/101`) that a task creates if it ends well; null for other tasks, and for clones that do not name their target.
 */
export function madeGuest(task: TaskEntity): string | null {
  if (CREATE.has(task.type)) return taskKey(task);
  const made = madeBy(task);
  return made === null ? null : `${task.resourceType}/${made}`;
}

/**
 * The guests whose VMID was given to another guest, and when that began (ms, in the cluster's time): an existing guest cannot be
 * created, so the former one is gone even without a destroy task, as where its node was set up anew. Restoring over an existing
 * guest leaves it the same guest, so a restore proves nothing.
 */
export function recreatedGuests(
  tasks: readonly TaskEntity[],
  known: ReadonlyMap<string, GuestEntity>,
  listed: ReadonlyMap<string, GuestObservation>,
  /** When a guest was last seen, in the cluster's time (ms). */
  lastSeen: (guest: GuestEntity) => number,
  /** Whether the task that created the guest itself must have been read by now, so that this is another one. */
  notItsOwn: (task: TaskEntity, guest: GuestEntity) => boolean,
): Map<string, number> {
  const recreated = new Map<string, number>();
  for (const task of tasks) {
    const key = madeGuest(task);
    const guest = key === null ? undefined : known.get(key);
    if (key === null || guest === undefined) continue;
    // A running task has got the VMID only if the guest is locked for it.
    const lock = listed.get(key)?.lock;
    const done =
      DONE.has(task.status) || (task.status === 'running' && (lock === 'create' || lock === 'clone'));
    if (!done) continue;
    const isLater = task.startTime > guest.createdAt + CLOCK_NOISE_MS;
    // No clock is this far off unnoticed. But one that was set since dates an old task anew, so a task that was known before only
    // counts if it began after the guest was last seen.
    const longAfter =
      task.startTime > Math.max(guest.createdAt + CLOCK_OFF_MS, lastSeen(guest) + CLOCK_NOISE_MS);
    // "Since it was last seen" alone would not do: a row that looks the same may already be its successor's.
    if (isLater && (longAfter || notItsOwn(task, guest))) recreated.set(key, task.startTime);
  }
  return recreated;
}

/**
 * When a guest that is new to the store was created (ms, in the cluster's time, as exactly as clocks are known), if that was
 * since the last listing according to its own creation time or a task. Null where nothing says so: the token may only have been
 * given sight of it. If it may have been (`newSight`), a restore or a clone in the meantime proves nothing.
 * Neither does a restore over a guest that existed before and was missing from that listing.
 */
export function creationEvidence(
  /** Contains all tasks known since the last listing. */
  findings: { tasks: readonly TaskEntity[] } | null,
  /** In the cluster's time, as tasks are. */
  lastListing: number,
  newSight: boolean,
  /** How far a node's clock is ahead of the cluster's time (ms). */
  ahead: (node: string) => number,
): (row: GuestObservation, reading: GuestReading) => number | null {
  const since = lastListing - SLACK_MS;
  const tasks = findings?.tasks ?? [];
  const recent = tasks.filter(task => task.status !== 'error' && task.startTime >= since);
  const made = (task: TaskEntity, row: GuestObservation) =>
    madeGuest(task) === guestKey(row) ||
    (isOf(row, task) && RESTORE.has(task.type) && !newSight && !stoodBefore(tasks, row, since));
  // A clone's task has the VMID of its source: a clone of this guest did not create it.
  const cloned = (task: TaskEntity, row: GuestObservation) =>
    task.type === CLONE[row.type] && madeBy(task) === null && task.resourceId !== String(row.id) && !newSight;
  return (row, reading) => {
    const own = reading.createdAt === null ? null : reading.createdAt - ahead(reading.node);
    const begun = (which: typeof made) => recent.filter(task => which(task, row)).map(task => task.startTime);
    const its = [...(own !== null && own >= since ? [own] : []), ...begun(made)];
    const moments = its.length > 0 ? its : begun(cloned);
    return moments.length === 0 ? null : Math.min(...moments) - CLOCK_NOISE_MS;
  };
}

function isOf(guest: Pick<GuestEntity, 'type' | 'id'>, task: TaskEntity): boolean {
  return taskKey(task) === guestKey(guest);
}

/** Whether a task made the guest before this moment (ms, in the cluster's time), and none is known to have destroyed it since. */
function stoodBefore(
  tasks: readonly TaskEntity[],
  guest: Pick<GuestEntity, 'type' | 'id'>,
  moment: number,
): boolean {
  const done = tasks.filter(task => DONE.has(task.status));
  const isMaker = (task: TaskEntity) =>
    madeGuest(task) === guestKey(guest) || (isOf(guest, task) && RESTORE.has(task.type));
  const made = done.filter(task => isMaker(task) && task.startTime < moment).map(task => task.startTime);
  const last = latestOf(made);
  if (last === null) return false;
  return !done.some(task => isOf(guest, task) && DESTROY.has(task.type) && task.startTime > last);
}

/** How the present process of a running VM came about, where tasks tell. */
export type Arrival = 'migrated' | 'started' | null;

/**
 * What a VM's migrations tell about its present process. One that began while a migration ran came with it: the VM arrived
 * running, even if it came back to its former node. One that began after the last migration was started where it is, provided
 * that all migrations are known (`complete`).
 */
export function arrivalEvidence(
  tasks: readonly TaskEntity[],
  /** Converts our moments to the cluster's time, as tasks are. */
  cluster: (at: OurTime) => ClusterTime,
  complete: boolean,
): (guest: GuestEntity, boot: OurTime) => Arrival {
  const migrations = Map.groupBy(
    tasks.filter(task => task.type === 'qmigrate'),
    taskKey,
  );
  return (guest, boot) => {
    const own = migrations.get(guestKey(guest)) ?? [];
    const at = cluster(boot);
    const over = own.filter(task => (task.endTime ?? at) < at - BOOT_SLACK_MS);
    if (over.length < own.length)
      return own.some(task => !over.includes(task) && task.startTime <= at + BOOT_SLACK_MS)
        ? 'migrated'
        : null;
    return complete && own.length > 0 ? 'started' : null;
  };
}

/**
 * When a VM that a migration brought to its node had been started (ms, in the cluster's time): by the last start task before it,
 * if that ran since the last look. A VM that was already running then goes on, unless it was started anew.
 */
export function startEvidence(
  tasks: readonly TaskEntity[],
  /** Converts our moments to the cluster's time, as tasks are. */
  cluster: (at: OurTime) => ClusterTime,
): (guest: GuestEntity, boot: OurTime) => ClusterTime | null {
  const own = Map.groupBy(
    tasks.filter(task => DONE.has(task.status) && STARTED_AT[task.type] !== undefined),
    taskKey,
  );
  return (guest, boot) => {
    const at = cluster(boot);
    const since = Math.max(
      cluster(confirmedAt(guest, 'status') ?? ourTime(0)) - BOOT_SLACK_MS,
      guest.status === 'stopped' || guest.startedAt === null ? 0 : guest.startedAt + SLACK_MS,
    );
    const started = (own.get(guestKey(guest)) ?? [])
      .map(task => STARTED_AT[task.type]!(task))
      .filter(moment => moment >= since && moment <= at + BOOT_SLACK_MS);
    return latestOf(started);
  };
}

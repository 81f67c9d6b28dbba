import { madeBy } from '../../history/clone-log.ts';
import type { GuestEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestObservation, GuestReading } from '../../model/observation.ts';
import { type ClusterTime, latestOf, type OurTime, ourTime } from '../../model/time.ts';
import { guestKey } from '../common/guest-key.ts';
import type { TaskLists } from '../tasks/findings.ts';
import { confirmedAt } from './confirmed.ts';

const DESTROY = new Set(['qmdestroy', 'vzdestroy']);
/** Tasks that make a guest from nothing. */
export const CREATE: ReadonlySet<string> = new Set(['qmcreate', 'vzcreate']);
/** These also write over a guest that is there. */
export const RESTORE: ReadonlySet<string> = new Set(['qmrestore', 'vzrestore']);
/** A clone's task bears the VMID of its source, so any clone while the guest appeared may have made it. */
export const CLONE = { vm: 'qmclone', container: 'vzclone' } as const;
/** Of a task that went out of sight while it ran (`unknown`) nobody knows whether it did what it was to do. */
export const DONE: ReadonlySet<string> = new Set(['ok', 'warning']);
/** Which tasks begin a VM's process, and when: a reboot shuts it down first. */
const STARTED_AT: { [type: string]: (task: TaskEntity) => ClusterTime } = {
  qmstart: task => task.startTime,
  qmreboot: task => task.endTime ?? task.startTime,
};
/** Which tasks tell how guests came to be and to run. */
export const TELLING_TASKS: string[] = [
  ...CREATE,
  ...RESTORE,
  ...Object.values(CLONE),
  ...Object.keys(STARTED_AT),
  'qmigrate',
];
/** Tasks are dated in whole seconds. */
export const CUT_OFF_MS = 999;
/** Tasks, and the uptime that a boot is computed from, come in whole seconds, and answers take a moment (ms). */
const BOOT_SLACK_MS = 15_000;
/** How exactly a node's clock is known (ms). */
export const CLOCK_NOISE_MS = 3_000;
/** How far a clock may have been off, or been set, while nobody looked (ms). */
const CLOCK_OFF_MS = 900_000;
/** The nodes' clocks differ a little, and seconds are cut off (ms). */
const SLACK_MS = 60_000;

/**
 * Guests whose VMID was freed by a destroy task that ended since the store last saw the task list, and when it had ended
 * (ms, in the cluster's time). A task the store
 * already knew has had its effect recorded; one older than the guest's row destroyed its predecessor.
 */
export function destroyedGuests(
  findings: TaskLists | null,
  known: ReadonlyMap<string, GuestEntity>,
  /** The present in the cluster's time (ms). */
  now: number,
): Map<string, number> {
  const destroyed = new Map<string, number>();
  for (const task of findings?.fresh ?? []) {
    if (!DESTROY.has(task.type) || !DONE.has(task.status)) continue;
    const key = `${task.resourceType}/${task.resourceId}`;
    const guest = known.get(key);
    const ended = (task.endTime ?? task.startTime) + CUT_OFF_MS;
    if (guest === undefined) continue;
    // A guest from the future: the cluster's clock was set back, so the two times cannot be compared.
    if (guest.createdAt > now || ended >= guest.createdAt)
      destroyed.set(key, Math.max(ended, destroyed.get(key) ?? 0));
  }
  return destroyed;
}

/** The guest (`vm/101`) that a task makes of nothing where it ends well; null of other tasks, and of clones that do not tell. */
export function madeGuest(task: TaskEntity): string | null {
  if (CREATE.has(task.type)) return `${task.resourceType}/${task.resourceId}`;
  const made = madeBy(task);
  return made === null ? null : `${task.resourceType}/${made}`;
}

/**
 * Guests whose VMID was given to another one, and when that began (ms, in the cluster's time):
 * nobody can create a guest that is there, so the one before is gone, though no destroy task tells of it, as where its
 * node was set up anew. Restoring over a guest that is there leaves it the same one, so a restore proves nothing.
 */
export function recreatedGuests(
  tasks: readonly TaskEntity[],
  known: ReadonlyMap<string, GuestEntity>,
  listed: ReadonlyMap<string, GuestObservation>,
  /** When a guest was last seen, in the cluster's time (ms). */
  lastSeen: (guest: GuestEntity) => number,
  /** Whether the task that made the guest itself must have been read by now, and this is another one. */
  notItsOwn: (task: TaskEntity, guest: GuestEntity) => boolean,
): Map<string, number> {
  const recreated = new Map<string, number>();
  for (const task of tasks) {
    const key = madeGuest(task);
    const guest = key === null ? undefined : known.get(key);
    if (key === null || guest === undefined) continue;
    // One that still runs has got the VMID only if that is what the guest is locked for.
    const lock = listed.get(key)?.lock;
    const done =
      DONE.has(task.status) || (task.status === 'running' && (lock === 'create' || lock === 'clone'));
    if (!done) continue;
    const isLater = task.startTime > guest.createdAt + CLOCK_NOISE_MS;
    // Nobody's clock is so far off without being noticed; but one that was set since dates an old task anew, so of a
    // task that was known already only one since the guest was last seen counts.
    const longAfter =
      task.startTime > Math.max(guest.createdAt + CLOCK_OFF_MS, lastSeen(guest) + CLOCK_NOISE_MS);
    // Not "since it was last seen": a row that looks the same may be its successor's.
    if (isLater && (longAfter || notItsOwn(task, guest))) recreated.set(key, task.startTime);
  }
  return recreated;
}

/**
 * When a guest that is new to the store was created (ms, in the cluster's time, as exactly as clocks are known), if that was
 * since the last listing: its own creation time says so, or a task does. Null where nothing does: the token may just have
 * been given sight of it. Where it may have (`newSight`), a restore or a clone in the meantime proves nothing.
 */
export function creationEvidence(
  /** All that are known of since the last listing. */
  findings: { tasks: readonly TaskEntity[] } | null,
  /** In the cluster's time, as tasks are. */
  lastListing: number,
  newSight: boolean,
  /** How far a node's clock is ahead of the cluster's time (ms). */
  ahead: (node: string) => number,
): (row: GuestObservation, reading: GuestReading) => number | null {
  const since = lastListing - SLACK_MS;
  const recent = (findings?.tasks ?? []).filter(task => task.status !== 'error' && task.startTime >= since);
  const made = (task: TaskEntity, row: GuestObservation) =>
    madeGuest(task) === guestKey(row) ||
    (`${task.resourceType}/${task.resourceId}` === guestKey(row) && RESTORE.has(task.type) && !newSight);
  // A clone's task bears the VMID of its source: what was made of this guest did not make it.
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

/** How the process that a running VM has now came about, where the tasks tell. */
export type Arrival = 'migrated' | 'started' | null;

/**
 * What the migrations of a VM tell of the process it has now. One that began while a migration ran is that migration's:
 * the VM came running, also where it has come back to the node it was on before. One that began after the last of them
 * was started where it stands: that takes to know them all (`complete`).
 */
export function arrivalEvidence(
  tasks: readonly TaskEntity[],
  /** Our moments (ms) in the cluster's time, as tasks are. */
  cluster: (at: OurTime) => ClusterTime,
  complete: boolean,
): (guest: GuestEntity, boot: OurTime) => Arrival {
  const migrations = Map.groupBy(
    tasks.filter(task => task.type === 'qmigrate'),
    task => `${task.resourceType}/${task.resourceId}`,
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
 * When a VM was started (ms, in the cluster's time) that came to where it runs by a migration: by the last start task before
 * it, where that ran since the last look. A VM that ran already then goes on, unless it was started anew.
 */
export function startEvidence(
  tasks: readonly TaskEntity[],
  /** Our moments (ms) in the cluster's time, as tasks are. */
  cluster: (at: OurTime) => ClusterTime,
): (guest: GuestEntity, boot: OurTime) => ClusterTime | null {
  const own = Map.groupBy(
    tasks.filter(task => DONE.has(task.status) && STARTED_AT[task.type] !== undefined),
    task => `${task.resourceType}/${task.resourceId}`,
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

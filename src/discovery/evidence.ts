import type { GuestEntity, TaskEntity } from '../model/entity.ts';
import type { GuestObservation, GuestReading } from '../model/observation.ts';
import type { TaskLists } from './context.ts';
import { guestKey } from './guest-key.ts';

const DESTROY = new Set(['qmdestroy', 'vzdestroy']);
/** Tasks that make a guest from nothing. */
export const CREATE: ReadonlySet<string> = new Set(['qmcreate', 'vzcreate']);
/** These also write over a guest that is there. */
export const RESTORE: ReadonlySet<string> = new Set(['qmrestore', 'vzrestore']);
/** A clone's task bears the VMID of its source, so any clone while the guest appeared may have made it. */
export const CLONE = { vm: 'qmclone', container: 'vzclone' } as const;
/** Of a task that went out of sight while it ran (`unknown`) nobody knows whether it did what it was to do. */
const DONE = new Set(['ok', 'warning']);
/** Tasks are dated in whole seconds. */
const CUT_OFF_MS = 999;
/** Tasks, and the uptime that a boot is reckoned from, are told in whole seconds, and answers take a moment (ms). */
const BOOT_SLACK_MS = 15_000;
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

/**
 * Whether a guest that is new to the store was created since the last listing: its own creation time says so, or a
 * task does. Otherwise the token may just have been given sight of it; where it may have (`newSight`), a restore or a
 * clone in the meantime proves nothing.
 */
export function creationEvidence(
  findings: TaskLists | null,
  /** In the cluster's time, as tasks are. */
  lastListing: number,
  newSight: boolean,
  /** How far a node's clock is ahead of the cluster's time (ms). */
  ahead: (node: string) => number,
): (row: GuestObservation, reading: GuestReading) => boolean {
  const recent = (findings?.tasks ?? []).filter(
    task => task.status !== 'error' && task.startTime >= lastListing - SLACK_MS,
  );
  const made = (task: TaskEntity, row: GuestObservation) =>
    `${task.resourceType}/${task.resourceId}` === guestKey(row) &&
    (CREATE.has(task.type) || (RESTORE.has(task.type) && !newSight));
  const cloned = (task: TaskEntity, row: GuestObservation) => task.type === CLONE[row.type] && !newSight;
  return (row, reading) =>
    (reading.createdAt !== null && reading.createdAt - ahead(reading.node) >= lastListing - SLACK_MS) ||
    recent.some(task => made(task, row) || cloned(task, row));
}

/** How the process that a running VM has now came about, where the tasks tell. */
export type Arrival = 'migrated' | 'started' | null;

/**
 * What the migrations of a VM tell of the process it has now. One that began while a migration ran is that migration's:
 * the VM came running, also where it has come back to the node it was on before. One that began after the last of them
 * was started where it stands: that takes to know them all (`complete`).
 */
export function arrivalEvidence(
  findings: TaskLists | null,
  /** Our moments (ms) in the cluster's time, as tasks are. */
  cluster: (at: number) => number,
  complete: boolean,
): (guest: GuestEntity, boot: number) => Arrival {
  const migrations = Map.groupBy(
    (findings?.tasks ?? []).filter(task => task.type === 'qmigrate'),
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

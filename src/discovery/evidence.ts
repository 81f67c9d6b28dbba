import type { GuestEntity, TaskEntity } from '../model/entity.ts';
import type { GuestObservation, GuestReading } from '../model/observation.ts';
import type { TaskFindings } from './context.ts';
import { guestKey } from './guest-key.ts';

const DESTROY = new Set(['qmdestroy', 'vzdestroy']);
const CREATE = new Set(['qmcreate', 'vzcreate']);
/** These also write over a guest that is there. */
const RESTORE = new Set(['qmrestore', 'vzrestore']);
/** A clone's task bears the VMID of its source, so any clone while the guest appeared may have made it. */
const CLONE = { vm: 'qmclone', container: 'vzclone' } as const;
/** Tasks are dated in whole seconds. */
const CUT_OFF_MS = 999;
/** The nodes' clocks differ a little, and seconds are cut off (ms). */
const SLACK_MS = 60_000;

/**
 * Guests whose VMID was freed by a destroy task that ended since the store last saw the task list. A task the store
 * already knew has had its effect recorded; one older than the guest's row destroyed its predecessor.
 */
export function destroyedGuests(
  findings: TaskFindings | null,
  known: ReadonlyMap<string, GuestEntity>,
  /** The present in the cluster's time (ms). */
  now: number,
): Set<string> {
  const destroyed = new Set<string>();
  for (const task of findings?.fresh ?? []) {
    if (!DESTROY.has(task.type) || task.status === 'running' || task.status === 'error') continue;
    const key = `${task.resourceType}/${task.resourceId}`;
    const guest = known.get(key);
    const ended = (task.endTime ?? task.startTime) + CUT_OFF_MS;
    if (guest === undefined) continue;
    // A guest from the future: the cluster's clock was set back, so the two times cannot be compared.
    if (guest.createdAt > now || ended >= guest.createdAt) destroyed.add(key);
  }
  return destroyed;
}

/**
 * Whether a guest that is new to the store was created since the last listing: its own creation time says so, or a
 * task does. Otherwise the token may just have been given sight of it; when it has (`newSight`), a restore or a clone
 * in the meantime proves nothing.
 */
export function creationEvidence(
  findings: TaskFindings | null,
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

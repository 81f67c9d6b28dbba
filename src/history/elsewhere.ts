import type { TaskEntity } from '../model/entity.ts';
import { guestOfHaId, isGuestType, type ResourceKey, type ResourceType } from '../model/resource.ts';
import { parseUpid } from '../model/upid.ts';
import { ranIn, type Seen, type TaskClaim } from './acts.ts';
import { CREATED, configKey, DELETED, EFFECTS, isDiskKey } from './effects.ts';
import { CLONES, DISK_MOVES, HA_REQUESTS, NODE_MADE, STORAGE_DROPPED, STORAGE_MADE } from './task-effects.ts';

/** A change of a resource. */
export type SeenOf = Seen & { key: ResourceKey };

/** What tasks that do not name a resource can have done to it. */
export interface Elsewhere {
  claims: TaskClaim[];
  /** It may be one of several tasks' doing, and only one's. */
  ambiguous: boolean;
}

/** The types of task that may have brought these changes about without naming their resource; none where none can. */
export function elsewhereTypes(changes: readonly SeenOf[]): string[] {
  return [...new Set(changes.flatMap(typesOf))];
}

function typesOf({ key: { type }, change, fields }: SeenOf): readonly string[] {
  if (type === 'storage')
    return change === 'created' ? STORAGE_MADE : change === 'deleted' ? STORAGE_DROPPED : [];
  if (type === 'node') return change === 'created' ? NODE_MADE : [];
  if (type === 'ha') return fields.some(({ path }) => path === 'requested') ? Object.keys(HA_REQUESTS) : [];
  if (!isGuestType(type)) return [];
  if (change === 'created') return Object.keys(CLONES).filter(one => CLONES[one] === type);
  return fields.some(({ path }) => isDiskKey(configKey(path) ?? '')) ? DISK_MOVES : [];
}

/**
 * Which of these tasks can have brought a change about that do not name its resource: the clone that made a guest bears
 * the VMID of the original, so it is named only where it was the only one and every task could be seen (`complete`).
 */
export function elsewhereOf(seen: SeenOf, tasks: readonly TaskEntity[], complete: boolean): Elsewhere {
  const types = new Set(typesOf(seen));
  const ran = tasks.filter(task => types.has(task.type) && ranIn(task, seen));
  const claims = ran.flatMap(task => claimOf(seen.key, task) ?? []);
  const clones = claims.filter(({ task }) => Object.hasOwn(CLONES, task.type));
  if (clones.length === 0) return { claims, ambiguous: false };
  const named = claims.filter(claim => !clones.includes(claim));
  if (clones.length > 1) return { claims: named, ambiguous: true };
  return { claims: complete ? claims : named, ambiguous: false };
}

function claimOf({ type, id }: ResourceKey, task: TaskEntity): TaskClaim | null {
  const bears = parseUpid(task.upid)?.id ?? '';
  const path = STORAGE_DROPPED.includes(task.type) ? DELETED : CREATED;
  if (type === 'storage')
    return bears === id && task.status !== 'error' ? { task, explains: field => field.path === path } : null;
  if (type === 'node') return task.nodeId === id ? { task, explains: field => field.path === CREATED } : null;
  if (type === 'ha') return requestOf(id, task);
  if (DISK_MOVES.includes(task.type))
    return movedBetween(type, id, task.type, bears) ? { task, explains: EFFECTS.disks } : null;
  // A guest that was made by a task of its own is not this one's.
  return { task, explains: () => false, mayExplain: EFFECTS.begin };
}

/** What was asked of a guest's entry by a task that names the guest. */
function requestOf(id: string, task: TaskEntity): TaskClaim | null {
  const guest = guestOfHaId(id);
  const asked = guest !== null && task.resourceType === guest.type && task.resourceId === guest.id;
  if (!asked || task.status === 'error') return null;
  const wanted = HA_REQUESTS[task.type];
  return { task, explains: ({ path, to }) => path === 'requested' && to === wanted };
}

/** `100-unused0>101-unused7` bears two guests. */
function movedBetween(type: ResourceType, id: string, task: string, bears: string): boolean {
  const ends = /^(\d+)-\w+>(\d+)-\w+$/.exec(bears);
  return ends?.slice(1).includes(id) === true && (task === 'qmmove') === (type === 'vm');
}

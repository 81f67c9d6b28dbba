import type { TaskEntity } from '../model/entity.ts';
import { guestOfHaId, isGuestType, type ResourceKey, type ResourceType } from '../model/resource.ts';
import { parseUpid } from '../model/upid.ts';
import { ranIn, type Seen, type TaskClaim } from './acts.ts';
import { madeBy } from './clone-log.ts';
import { CREATED, configKey, DELETED, EFFECTS, type Effect, isDiskKey, type Moved } from './effects.ts';
import {
  CLONES,
  DISK_MOVES,
  effectsOfClone,
  HA_REQUESTS,
  NODE_MADE,
  STORAGE_DROPPED,
  STORAGE_MADE,
} from './task-effects.ts';

/** A change with its resource. */
export type SeenOf = Seen & { key: ResourceKey };

/** What tasks that do not name a resource can have done to it. */
export interface Elsewhere {
  claims: TaskClaim[];
  /** Exactly one of several tasks did it. */
  ambiguous: boolean;
}

/** The types of task that may have caused these changes without naming their resource; empty where none can. */
export function elsewhereTypes(changes: readonly SeenOf[]): string[] {
  return [...new Set(changes.flatMap(typesOf))];
}

function typesOf({ key: { type }, change, fields }: SeenOf): readonly string[] {
  if (type === 'storage')
    return change === 'created' ? STORAGE_MADE : change === 'deleted' ? STORAGE_DROPPED : [];
  if (type === 'node') return change === 'created' ? NODE_MADE : [];
  if (type === 'ha') return fields.some(({ path }) => path === 'requested') ? Object.keys(HA_REQUESTS) : [];
  if (!isGuestType(type)) return [];
  const clones = Object.keys(CLONES).filter(one => CLONES[one] === type);
  if (change !== 'updated') return clones;
  return fields.some(({ path }) => isDiskKey(configKey(path) ?? '')) ? [...DISK_MOVES, ...clones] : [];
}

/**
 * Which of these tasks, which do not name the resource, can have caused a change. A clone's task carries the VMID of the
 * original: where a log names the new guest, that clone made it and no other. Where none does, a clone whose log names nothing
 * counts if it was the only one and every task was visible (`complete`).
 */
export function elsewhereOf(seen: SeenOf, tasks: readonly TaskEntity[], complete: boolean): Elsewhere {
  const types = new Set(typesOf(seen));
  const ran = tasks.filter(task => types.has(task.type) && ranIn(task, seen));
  const clones = ran.filter(task => Object.hasOwn(CLONES, task.type));
  const claims = ran.filter(task => !clones.includes(task)).flatMap(task => claimOf(seen.key, task) ?? []);
  const its = clones.filter(task => madeBy(task) === seen.key.id);
  if (its.length > 0) return { claims: [...claims, ...its.map(cloneClaim)], ambiguous: false };
  const [only, ...others] = seen.change === 'created' ? clones.filter(task => madeBy(task) === null) : [];
  if (only === undefined) return { claims, ambiguous: false };
  if (others.length > 0) return { claims, ambiguous: true };
  // A guest with a creation task of its own was not made by this clone.
  const perhaps: TaskClaim = { task: only, explains: () => false, mayExplain: EFFECTS.begin };
  return { claims: complete ? [...claims, perhaps] : claims, ambiguous: false };
}

/** What a clone did to the guest that its log names. */
function cloneClaim(task: TaskEntity): TaskClaim {
  const { does, may } = effectsOfClone(task);
  const can = (effects: readonly Effect[], field: Moved) => effects.some(effect => EFFECTS[effect](field));
  return { task, explains: field => can(does, field), mayExplain: field => can(may, field) };
}

function claimOf({ type, id }: ResourceKey, task: TaskEntity): TaskClaim | null {
  const bears = parseUpid(task.upid)?.id ?? '';
  const path = STORAGE_DROPPED.includes(task.type) ? DELETED : CREATED;
  if (type === 'storage')
    return bears === id && task.status !== 'error' ? { task, explains: field => field.path === path } : null;
  if (type === 'node') return task.nodeId === id ? { task, explains: field => field.path === CREATED } : null;
  if (type === 'ha') return requestOf(id, task);
  return movedBetween(type, id, task.type, bears) ? { task, explains: EFFECTS.disks } : null;
}

/** The requested state of a guest's HA entry, by a task that names the guest. */
function requestOf(id: string, task: TaskEntity): TaskClaim | null {
  const guest = guestOfHaId(id);
  const asked = guest !== null && task.resourceType === guest.type && task.resourceId === guest.id;
  if (!asked || task.status === 'error') return null;
  const wanted = HA_REQUESTS[task.type];
  return { task, explains: ({ path, to }) => path === 'requested' && to === wanted };
}

/** Whether a disk was moved between two guests, as in `100-unused0>101-unused7`, and this is one of them. */
function movedBetween(type: ResourceType, id: string, task: string, bears: string): boolean {
  const ends = /^(\d+)-\w+>(\d+)-\w+$/.exec(bears);
  return ends?.slice(1).includes(id) === true && (task === 'qmmove') === (type === 'vm');
}

import { isDeepStrictEqual } from 'node:util';
import type { LogLineEntity, TaskEntity } from '../model/entity.ts';
import type { OperationEntity } from '../model/operation.ts';
import { byBeginning } from './act-order.ts';
import {
  type Act,
  type Cause,
  causeOf,
  lineAct,
  type Seen,
  span,
  type TaskClaim,
  taskAct,
  within,
} from './acts.ts';
import { CREATED, configKey, DELETED, type Moved } from './effects.ts';
import { isCarriedOut, isOfRequest, isRequest } from './ha-requests.ts';
import { clearsPending, withoutIdle } from './idle-acts.ts';
import { brings, endedBefore, leavesOne, turnsLife } from './lives.ts';
import { isConfig, isTrace, operationAct, operationCause, operationOfTask } from './operation-acts.ts';

/** What can have brought a change about, oldest first, and the paths that nothing explains. */
export interface Attribution {
  causes: Cause[];
  /** When each of them began (ms, in the cluster's time). */
  began: number[];
  unexplained: string[];
}

/**
 * The causes of one change among these tasks and log lines of its resource: what can have moved one of its fields (see
 * `effectsOf`) and ran in its window. Before the window only while a row may have lagged, or within its first second; what
 * an `earlier` change of the resource already shows did not bring this one about as well. After it nothing, but for the
 * error of a clock that is known to be off. Writes of ours (`operations`) take the place of the traces they left.
 * What the same look found to have changed in other windows stands `beside` it, and with an end or a beginning the other
 * of the two, where the VMID was used again.
 */
export function causesOf(
  seen: Seen,
  tasks: readonly TaskEntity[],
  log: readonly LogLineEntity[],
  earlier: readonly Seen[] = [],
  claims: readonly TaskClaim[] = [],
  operations: readonly OperationEntity[] = [],
  beside: readonly Seen[] = [],
): Attribution {
  const acts = [
    ...tasks.flatMap(task => actOfTask(task, log, operations)),
    ...log.flatMap(line => (isTrace(line, operations) ? [] : (lineAct(line) ?? []))),
    ...operations.filter(isConfig).map(operationAct),
    ...claims.map(({ task, ...claim }) => ({ ...span(task), ...claim, cause: causeOf(task) })),
  ]
    .filter(act => within(act, seen))
    .sort(byBeginning);
  const fields = fieldsOf(seen, beside).map(field => withEarlier(field, seen, earlier));
  const replaced = beside.some(one => one.change === 'created' || one.change === 'discovered');
  const explained = new Map<Act, string[]>();
  const unexplained: string[] = [];
  for (const field of fields) {
    // Who restores over a guest leaves one.
    const able = field.path === DELETED && !replaced ? acts.filter(act => !leavesOne(act)) : acts;
    const found = explaining(field, able, seen, earlier);
    if (found.length === 0) unexplained.push(field.path);
    for (const act of found) explained.set(act, [...(explained.get(act) ?? []), field.path]);
  }
  const authors = acts.filter(act => explained.has(act));
  const causes = authors.map(act => withFields(act.cause, explained.get(act)!, fields.length));
  return { causes, began: authors.map(act => act.from), unexplained };
}

/** A task, replaced by our own write where that made it; one that only wrote keys is that write alone. */
function actOfTask(
  task: TaskEntity,
  log: readonly LogLineEntity[],
  operations: readonly OperationEntity[],
): Act[] {
  const ours = operationOfTask(task, operations);
  if (ours === undefined) return [taskAct(task, log)];
  return isConfig(ours) ? [] : [{ ...taskAct(task, log), cause: operationCause(ours, task.type) }];
}

/** The cause with the paths it explains, where these are not all `total` of them. */
export function withFields(cause: Cause, paths: readonly string[], total: number): Cause {
  const { fields: _, ...whole } = cause;
  return paths.length === total ? whole : { ...whole, fields: [...paths] };
}

/** A field, and where it moved in an earlier look already, that one. */
interface Known extends Moved {
  shown?: Seen;
}

/** What waited, and then was in effect in an earlier look that could not tell what waits, was put into effect before that. */
function withEarlier(field: Moved, seen: Seen, earlier: readonly Seen[]): Known {
  const { path, from, together } = field;
  if (!clearsPending(field)) return field;
  const key = path.slice('pending.'.length);
  const running = [`config.${key}`, key];
  if (running.some(one => together.has(one))) return field;
  for (const shown of earlier) {
    if (shown.windowBefore <= (seen.windowAfter ?? shown.windowBefore)) continue;
    const moved = shown.fields.find(one => running.includes(one.path) && isDeepStrictEqual(one.to, from));
    if (moved !== undefined)
      return { ...field, together: new Map([...together, [moved.path, moved]]), shown };
  }
  return field;
}

/** The fields of a change; a coming or going counts as one. */
function fieldsOf({ change, fields }: Seen, beside: readonly Seen[] = []): Moved[] {
  const others = beside.filter(one => one.change === 'updated');
  const all = [...others.flatMap(one => one.fields), ...fields];
  const together = new Map(all.map(field => [field.path, field]));
  if (change === 'created') return [{ path: CREATED, from: null, to: true, together }];
  if (change === 'deleted') return [{ path: DELETED, from: true, to: null, together }];
  return fields.map(field => ({ ...field, together }));
}

function explaining(field: Known, acts: readonly Act[], seen: Seen, earlier: readonly Seen[]): Act[] {
  const certain = (act: Act) => seen.windowAfter === null || act.to - act.error > seen.windowAfter;
  const stale = (act: Act) =>
    earlier.some(one => shows(one, field, act)) ||
    (field.path === DELETED && endedBefore(act, acts, earlier));
  const fresh = (act: Act) => certain(act) || !stale(act);
  const likely = (act: Act) => act.explains(field);
  const perhaps = (act: Act) =>
    act.mayExplain?.(field) === true || (midway(act, seen) && act.meanwhile?.(field) === true);
  for (const can of [likely, perhaps]) {
    const able = acts.filter(act => can(act) && fresh(act) && possible(act, field, acts, seen));
    const found = able.filter(act => !isRequest(act) || isOfRequest(field) || isCarriedOut(act, able));
    if (found.length > 0) return withoutIdle(starting(done(found, field, seen), field), field, acts, seen);
  }
  return [];
}

/** A reboot's task ends with the stop; the guest is started anew a moment later (ms). */
const AGAIN_MS = 15_000;

/** Whether a change may have been seen while an act was under way. */
function midway(act: Act, { windowBefore }: Seen): boolean {
  return act.to + act.error + AGAIN_MS >= windowBefore;
}

/** Whether an act can have moved a field this way, after what the others did. */
function possible(act: Act, field: Known, acts: readonly Act[], seen: Seen): boolean {
  const { path, shown } = field;
  if (shown !== undefined && !within(act, shown)) return false;
  if (act.ofRunning === true && setGoing(field)) return ranBefore(act, field, acts, seen);
  return path === CREATED || path === DELETED ? turnsLife(act, path, acts, seen) : true;
}

/** Whether a field says that a guest runs which was off. */
function setGoing({ path, from, together }: Moved): boolean {
  if (path === 'status') return from === 'stopped';
  return path === 'started_at' && (from === null || together.get('status')?.from === 'stopped');
}

/** Whether a guest that was off when it was last seen ran as an act began; who then set it going did so before. */
function ranBefore(act: Act, { path }: Moved, acts: readonly Act[], { windowAfter }: Seen): boolean {
  const started = { path: 'status', from: 'stopped', to: 'running', together: new Map() };
  const starts = acts.filter(other => other.ofRunning !== true && other.explains(started));
  if (starts.length > 0) return path !== 'status' && starts.some(start => start.from <= act.from);
  return act.from - act.error <= (windowAfter ?? act.from);
}

/** Where what moves a guest had ended by then, what still ran had not come to that. */
function done(found: Act[], { path }: Moved, { windowBefore }: Seen): Act[] {
  if (path !== 'node' && !isPower(path)) return found;
  const ended = found.filter(act => act.to <= windowBefore);
  return ended.length > 0 ? ended : found;
}

/** Of what may have started a guest, what was under way when it started, where that is known; and who asked for it. */
function starting(found: Act[], { path, to }: Moved): Act[] {
  if (path !== 'started_at' || typeof to !== 'number') return found;
  const then = (act: Act) => act.from - act.error - AGAIN_MS <= to && to <= act.to + act.error + AGAIN_MS;
  if (!found.some(act => !isRequest(act) && then(act))) return found;
  return found.filter(act => isRequest(act) || then(act));
}

/** Whether an earlier change already shows that this act moved this field: it is no cause of what came after. */
function shows(earlier: Seen, { path }: Moved, act: Act): boolean {
  if (!within(act, earlier)) return false;
  // What made it had made all of it then.
  if (earlier.change === 'created' && brings(act)) return true;
  const key = configKey(path);
  const same = fieldsOf(earlier).filter(
    field =>
      field.path === path ||
      (key !== null && configKey(field.path) === key) ||
      (isPower(path) && isPower(field.path)),
  );
  return same.some(field => act.explains(field) || act.mayExplain?.(field) === true);
}

function isPower(path: string): boolean {
  return path === 'status' || path === 'started_at';
}

/** Whether two paths are of one field: the same, or what waits for a restart and what it then is. */
export function sameField(a: string, b: string): boolean {
  if (a === b) return true;
  const waits = a.startsWith('pending.') !== b.startsWith('pending.');
  return waits && configKey(a) !== null && configKey(a) === configKey(b);
}

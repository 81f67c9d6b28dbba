import { isDeepStrictEqual } from 'node:util';
import type { LogLineEntity, TaskEntity } from '../model/entity.ts';
import type { OperationEntity } from '../model/operation.ts';
import { HIBERNATED } from '../model/status.ts';
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
 * The causes of one change among the tasks and log lines of its resource: whatever can have changed one of its fields (see
 * `effectsOf`) and ran in its window. Before the window only as far as a row may have lagged, or within the same second; what an
 * `earlier` change of the resource already shows did not cause this one as well. After the window nothing counts, except within
 * the error of a clock that is known to be off. Our own writes (`operations`) replace the traces they left. `beside` holds what
 * the same look found changed in other windows and, where a VMID was used again, the creation beside a deletion or the reverse.
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
    // A restore over a guest leaves a guest there, so it cannot explain an end.
    const able = field.path === DELETED && !replaced ? acts.filter(act => !leavesOne(act)) : acts;
    const found = explaining(field, able, seen, earlier);
    if (found.length === 0) unexplained.push(field.path);
    for (const act of found) explained.set(act, [...(explained.get(act) ?? []), field.path]);
  }
  const authors = acts.filter(act => explained.has(act));
  const causes = authors.map(act => withFields(act.cause, explained.get(act)!, fields.length));
  return { causes, began: authors.map(act => act.from), unexplained };
}

/** A task, replaced by our own write where that started it; where the write only set keys, the task adds nothing. */
function actOfTask(
  task: TaskEntity,
  log: readonly LogLineEntity[],
  operations: readonly OperationEntity[],
): Act[] {
  const ours = operationOfTask(task, operations);
  if (ours === undefined) return [taskAct(task, log)];
  return isConfig(ours) ? [] : [{ ...taskAct(task, log), cause: operationCause(ours, task.type) }];
}

/** The cause with the paths it explains, unless these are all `total` of them. */
export function withFields(cause: Cause, paths: readonly string[], total: number): Cause {
  const { fields: _, ...whole } = cause;
  return paths.length === total ? whole : { ...whole, fields: [...paths] };
}

/** A field, with the earlier change in which it had already moved. */
interface Known extends Moved {
  shown?: Seen;
}

/**
 * A pending value that was found applied by an earlier look, which could not see pending values, was applied before that look.
 */
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

/** The fields of a change; a creation or deletion counts as one field. */
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
    !cutOffAs(seen, field, act) &&
    (act.mayExplain?.(field) === true || (midway(act, seen) && act.meanwhile?.(field) === true));
  for (const can of [likely, perhaps]) {
    const able = withoutOvertaken(
      acts.filter(act => can(act) && fresh(act) && possible(act, field, acts, seen)),
      field,
    );
    const found = able.filter(act => !isRequest(act) || isOfRequest(field) || isCarriedOut(act, able));
    if (found.length > 0) return withoutIdle(starting(done(found, field, seen), field), field, acts, seen);
  }
  return [];
}

/** Whether a task did not end well while a node was down: that node's end stops a guest by itself, and is more likely. */
function cutOffAs({ outage = false }: Seen, { path }: Moved, { cause }: Act): boolean {
  return outage && isPower(path) && !/^(?:OK|WARNINGS)/.test(cause.status ?? 'OK');
}

/** A reboot's task ends with the stop; the guest starts a moment later (ms). */
const AGAIN_MS = 15_000;

/** Without what such a task left off for a moment, where another one that was begun after it may have left it so. */
function withoutOvertaken(able: Act[], field: Moved): Act[] {
  const leaves = (act: Act) => act.explains(field) || act.mayExplain?.(field) === true;
  return able.filter(act => leaves(act) || !able.some(other => leaves(other) && other.from >= act.to));
}

/** Whether a change may have been seen while an act was under way. */
function midway(act: Act, { windowBefore }: Seen): boolean {
  return act.to + act.error + AGAIN_MS >= windowBefore;
}

/** Whether an act can have changed a field in this way, given what the other acts did. */
function possible(act: Act, field: Known, acts: readonly Act[], seen: Seen): boolean {
  const { path, shown } = field;
  if (shown !== undefined && !within(act, shown)) return false;
  if (act.ofRunning === true && setGoing(field)) return ranBefore(act, field, acts, seen);
  return path === CREATED || path === DELETED ? turnsLife(act, path, acts, seen) : true;
}

/** Whether a field says that a guest that was off now runs. */
function setGoing({ path, from, together }: Moved): boolean {
  if (path === 'status') return from === 'stopped';
  if (path === 'lock') return from === HIBERNATED.lock && together.get('status')?.from === HIBERNATED.status;
  return path === 'started_at' && (from === null || together.get('status')?.from === 'stopped');
}

/** Whether a guest that was off when last seen was running when an act began: another act must have started it before. */
function ranBefore(act: Act, { path }: Moved, acts: readonly Act[], { windowAfter }: Seen): boolean {
  const started = { path: 'status', from: 'stopped', to: 'running', together: new Map() };
  const starts = acts.filter(other => other.ofRunning !== true && other.explains(started));
  if (starts.length > 0) return path === 'started_at' && starts.some(start => start.from <= act.from);
  return act.from - act.error <= (windowAfter ?? act.from);
}

/** Where an act that moves or starts a guest had ended by then, acts still running are left out: they had not got that far. */
function done(found: Act[], { path }: Moved, { windowBefore }: Seen): Act[] {
  if (path !== 'node' && !isPower(path)) return found;
  const ended = found.filter(act => act.to <= windowBefore);
  return ended.length > 0 ? ended : found;
}

/**
 * Of the acts that may have started a guest, those under way when it started, where that time is known; and requests for a start.
 */
function starting(found: Act[], { path, to }: Moved): Act[] {
  if (path !== 'started_at' || typeof to !== 'number') return found;
  const then = (act: Act) => act.from - act.error - AGAIN_MS <= to && to <= act.to + act.error + AGAIN_MS;
  if (!found.some(act => !isRequest(act) && then(act))) return found;
  return found.filter(act => isRequest(act) || then(act));
}

/** Whether an earlier change already shows that this act changed this field: then it is no cause of a later change. */
function shows(earlier: Seen, { path }: Moved, act: Act): boolean {
  if (!within(act, earlier)) return false;
  // The act that created the guest had done everything by then.
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

/** Whether two paths belong to one field: they are the same, or one is the pending value of the other. */
export function sameField(a: string, b: string): boolean {
  if (a === b) return true;
  const waits = a.startsWith('pending.') !== b.startsWith('pending.');
  return waits && configKey(a) !== null && configKey(a) === configKey(b);
}

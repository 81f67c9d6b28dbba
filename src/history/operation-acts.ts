import { isDeepStrictEqual } from 'node:util';
import type { LogLineEntity, TaskEntity } from '../model/entity.ts';
import type { OperationEntity, WantedValue } from '../model/operation.ts';
import { type JsonValue, PENDING_DELETION } from '../model/state.ts';
import { type Act, type Cause, userOf } from './acts.ts';
import { configKey, type Moved } from './effects.ts';
import { parseLogEdit } from './log-edits.ts';
import { normaliseTags, normaliseValue } from './normalise.ts';

/** How exactly the cluster's clock is known (ms): tasks and lines are dated in whole seconds, and answers take a moment. */
const CLOCK_ERROR_MS = 3_000;
/** The longest time that a write can take effect (ms), however late its guest was read. */
const AT_WORK_MS = 120_000;
/** Proxmox's names for the tasks of operations, after `qm` or `vz`. */
const TASKS = /^(?:qm|vz|ha)(config|start|shutdown|reboot|migrate|snapshot|stop)$/;

/** A plan's write as an act: it explains only the values it set, or what Proxmox made of them. */
export function operationAct(operation: OperationEntity): Act {
  const { sentAt } = operation;
  const sets = (field: Moved) => setsTo(operation, field);
  return {
    cause: operationCause(operation),
    from: sentAt,
    to: endOf(operation),
    error: CLOCK_ERROR_MS,
    explains: field => isAbout(operation, field) && sets(field) !== false,
    sets,
  };
}

function endOf({ sentAt, judgedAt }: OperationEntity): number {
  return Math.min(Math.max(judgedAt ?? sentAt + AT_WORK_MS, sentAt), sentAt + AT_WORK_MS);
}

/** A plan's write as a cause: who asked, in which plan, and why. */
export function operationCause(operation: OperationEntity, type: string = operation.kind): Cause {
  const { upid, identity, state, plan, asker, why } = operation;
  return {
    ...(upid !== null && { upid }),
    type,
    user: identity,
    status: state,
    source: 'operation',
    plan,
    asker,
    ...(why !== null && { why }),
  };
}

/** The operation that started a task: by its UPID or, where the answer was lost, by user, kind and time. */
export function operationOfTask(
  task: TaskEntity,
  operations: readonly OperationEntity[],
): OperationEntity | undefined {
  return operations.find(
    one =>
      one.upid === task.upid ||
      (one.upid === null &&
        one.mayBeCause &&
        userOf(task) === one.identity &&
        makes(one, task.type) &&
        near(task.startTime, one)),
  );
}

function makes({ kind, sent }: OperationEntity, type: string): boolean {
  const does = TASKS.exec(type)?.[1];
  return does !== undefined && (does === kind || does === sent['action']);
}

function near(at: number, operation: OperationEntity): boolean {
  return at >= operation.sentAt - CLOCK_ERROR_MS && at <= endOf(operation) + CLOCK_ERROR_MS;
}

/** Whether a line of the cluster's log was left by one of these writes: it says the same, and less. */
export function isTrace(line: LogLineEntity, operations: readonly OperationEntity[]): boolean {
  const edit = parseLogEdit(line.message);
  if (edit?.verb !== 'update') return false;
  return operations.some(
    one =>
      isConfig(one) &&
      line.user === one.identity &&
      near(line.at, one) &&
      [...edit.keys].every(key => one.wanted.some(wanted => nameOf(wanted.key) === key)),
  );
}

/** Whether it wrote configuration keys itself, rather than start a task that does something else. */
export function isConfig({ kind }: Pick<OperationEntity, 'kind'>): boolean {
  return kind === 'config' || kind === 'revert';
}

function nameOf(key: string): string {
  return key === 'hostname' ? 'name' : key;
}

function wantedOf({ wanted }: OperationEntity, { path }: Moved): WantedValue | undefined {
  const key = configKey(path);
  return key === null ? undefined : wanted.find(one => nameOf(one.key) === key);
}

function isAbout(operation: OperationEntity, field: Moved): boolean {
  return operation.mayBeCause && operation.state !== 'not_sent' && wantedOf(operation, field) !== undefined;
}

/** Whether a write set a field to the value found; undefined where that is not known. */
function setsTo(operation: OperationEntity, field: Moved): boolean | undefined {
  const wanted = wantedOf(operation, field);
  if (wanted === undefined) return undefined;
  // An earlier pending value may have been dropped in favour of the value in force.
  if (field.path.startsWith('pending.') && field.to === null)
    return wanted.waited === undefined ? false : undefined;
  const stored = operation.standings[wanted.key] as { now: string | null } | undefined;
  const values = [wanted.to, ...(stored === undefined ? [] : [stored.now])];
  if (values.some(value => /\(secret/.test(value ?? '')) || /\(secret/.test(String(field.to)))
    return undefined;
  return values.some(value =>
    isDeepStrictEqual(valueAt(wanted.key, field.path, value), comparable(field.to)),
  );
}

function valueAt(key: string, path: string, value: string | null): JsonValue {
  if (path === 'tags') return normaliseTags(value);
  if (value === null) return path.startsWith('pending.') ? PENDING_DELETION : null;
  const whole = normaliseValue(key, value.replace(/\n$/, ''));
  const part = path.split('.')[2];
  if (part === undefined) return comparable(whole);
  return typeof whole === 'object' && whole !== null && !Array.isArray(whole) ? (whole[part] ?? null) : whole;
}

function comparable(value: JsonValue): JsonValue {
  return typeof value === 'string' ? value.replace(/\n$/, '') : value;
}

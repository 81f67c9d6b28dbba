import type { ChangeType, FieldChange } from '../model/change.ts';
import type { LogLineEntity, TaskEntity } from '../model/entity.ts';
import type { Facet } from '../model/facet.ts';
import { parseUpid } from '../model/upid.ts';
import { configKey, EFFECTS, type Effect, type Moved, setsGoing } from './effects.ts';
import {
  keysExplain,
  type LogEdit,
  onlyDeletes,
  parseLogEdit,
  setsTo,
  snapshotExplains,
} from './log-edits.ts';
import { shortLog } from './log-text.ts';
import { effectsOf } from './task-effects.ts';

/** Who or what brought a change about. */
export interface Cause {
  upid?: string;
  type: string;
  user: string;
  status?: string;
  /** `operation`: one of our own writes, whose `user` is the write token. */
  source: 'task' | 'log' | 'operation';
  /** For an operation: the plan it belongs to, the client that asked for it (and its user), and why. */
  plan?: string;
  asker?: string;
  why?: string;
  /** The paths it can have changed, where these are not all of the change. */
  fields?: string[];
}

/** A change as one look found it: what is to be explained, and when it happened (ms, in the cluster's time). */
export interface Seen {
  change: ChangeType;
  facet: Facet;
  fields: readonly FieldChange[];
  windowAfter: number | null;
  windowBefore: number;
  /** A node that the guest stood on was down within the window. */
  outage?: boolean;
}

/** How long rows of the listing may lag (ms): what a row reports may have been over for that long. */
const ROW_LAG_MS = 12_000;
/** Tasks and log lines are dated in whole seconds, rounded down (ms). */
export const CUT_OFF_MS = 999;
/** How exactly the clock of a node that is known to be off is known (ms). */
const CLOCK_ERROR_MS = 2_000;
/** How exactly the moments of our looks are known by the cluster's clock (ms): its answers are dated in whole seconds. */
const LOOK_ERROR_MS = 500;
/** How far windows are widened when tasks and log lines are looked for (ms). */
export const CAUSE_SLACK_MS = ROW_LAG_MS + CLOCK_ERROR_MS + CUT_OFF_MS + LOOK_ERROR_MS;

/** Tasks that do not name what they change, and the verb of the log lines they leave, which do. */
const OWN_LINES: ReadonlyMap<string, LogEdit['verb']> = new Map([
  ['qmconfig', 'update'],
  ['qmsnapshot', 'snapshot'],
  ['vzsnapshot', 'snapshot'],
  ['qmdelsnapshot', 'delete snapshot'],
  ['vzdelsnapshot', 'delete snapshot'],
]);

/** A task with what it can have done to a resource that it does not name. */
export interface TaskClaim {
  task: TaskEntity;
  explains(field: Moved): boolean;
  /** What it explains only where nothing explains it better. */
  mayExplain?(field: Moved): boolean;
}

/** Something that was done: what it can explain, and how well. Times in ms, in the cluster's time. */
export interface Act {
  cause: Cause;
  from: number;
  to: number;
  /** How far its times may be off (ms). */
  error: number;
  explains(field: Moved): boolean;
  /** What it explains only where nothing explains it better. */
  mayExplain?(field: Moved): boolean;
  /** Pending values that it applies, without setting anything itself. */
  puts?(field: Moved): boolean;
  /** Effects that are visible only while it runs. */
  meanwhile?(field: Moved): boolean;
  /** It only starts a guest that was running. */
  ofRunning?: boolean;
  /** Whether it set a field to the value found; undefined where that is not known. */
  sets?(field: Moved): boolean | undefined;
}

/**
 * Whether an act ran when a change happened; before the window only as far as a row may have lagged, or within the same second,
 * as exactly as that is known.
 */
export function within(
  { from, to, error }: Pick<Act, 'from' | 'to' | 'error'>,
  { facet, windowAfter, windowBefore }: Seen,
): boolean {
  const lag = facet === 'inventory' ? ROW_LAG_MS : 0;
  const begin = (windowAfter ?? windowBefore) - lag - CUT_OFF_MS - LOOK_ERROR_MS - error;
  return from <= windowBefore + error && to >= begin;
}

/** Whether a task ran when a change happened, by the rule of `causesOf`. */
export function ranIn(task: TaskEntity, seen: Seen): boolean {
  return within(span(task), seen);
}

/** When a task ran, and how exactly that is known (ms). */
export function span(task: TaskEntity): Pick<Act, 'from' | 'to' | 'error'> {
  const to = task.endTime ?? Number.POSITIVE_INFINITY;
  return { from: task.startTime, to, error: aheadOf(task) === 0 ? 0 : CLOCK_ERROR_MS };
}

/** How far the clock that dated a task was known to be ahead of the cluster's (ms). */
function aheadOf(task: TaskEntity): number {
  return (parseUpid(task.upid)?.startedAt ?? task.startTime) - task.startTime;
}

/** A task as an act on the guest it names; `log` holds the guest's log lines. */
export function taskAct(task: TaskEntity, log: readonly LogLineEntity[]): Act {
  const { does, may, meanwhile, ofRunning } = effectsOf(task);
  const isReported = reportedBy(task, log);
  const can = (effects: readonly Effect[], field: Moved) =>
    effects.some(effect => EFFECTS[effect](field)) && fits(field, task);
  return {
    cause: causeOf(task),
    ...span(task),
    explains: field => can(does, field) && isReported(field),
    mayExplain: field => can(may, field),
    puts: field => EFFECTS.apply(field) && can(does.filter(setsGoing), field),
    meanwhile: field => can(meanwhile, field),
    ofRunning,
  };
}

/**
 * Whether the log admits that a task changed a field: the line of a `qmconfig` names the keys, and that of a snapshot or its
 * deletion names the snapshot.
 */
function reportedBy(task: TaskEntity, log: readonly LogLineEntity[]): (field: Moved) => boolean {
  const verb = OWN_LINES.get(task.type);
  if (verb === undefined) return () => true;
  const own = ownLines(task, log);
  const edits = own.flatMap(line => parseLogEdit(line.message) ?? []).filter(edit => edit.verb === verb);
  const keys = new Set(edits.flatMap(edit => (edit.verb === 'update' && !edit.open ? [...edit.keys] : [])));
  const names = edits.flatMap(edit => (edit.verb === 'update' ? [] : [edit]));
  return field =>
    (keys.size === 0 || keysExplain(keys, field)) &&
    (names.length === 0 || names.some(edit => snapshotExplains(edit, field)));
}

/**
 * The log lines that a task wrote: a line names the process that runs the task (seen on PVE 9.2). Where no line does, those of
 * the task's user while it ran.
 */
function ownLines(task: TaskEntity, log: readonly LogLineEntity[]): LogLineEntity[] {
  const { to } = span(task);
  const its = log.filter(line => line.user === userOf(task) && line.at >= task.startTime && line.at <= to);
  const process = parseUpid(task.upid)?.pid;
  const written = its.filter(line => line.pid === process && line.nodeId === task.nodeId);
  return written.length > 0 ? written : its;
}

/** A snapshot's time is when it was taken, by the clock of the node that also dates the task. */
function fits({ path, to }: Moved, task: TaskEntity): boolean {
  if (!path.startsWith('snapshots.') || typeof to !== 'number' || to === 0) return true;
  const taken = to - aheadOf(task);
  return taken >= task.startTime - CUT_OFF_MS && taken <= (task.endTime ?? taken) + CUT_OFF_MS;
}

/** A log line as an act; null where it describes none. */
export function lineAct(line: LogLineEntity): Act | null {
  const edit = parseLogEdit(line.message);
  if (edit === null) return null;
  const dated = Number(/:(\d+)$/.exec(line.id)?.[1] ?? Number.NaN) * 1000;
  const act = {
    cause: { type: shortLog(line.message), user: line.user, source: 'log' as const },
    from: line.at,
    to: line.at,
    error: Number.isNaN(dated) || dated === line.at ? 0 : CLOCK_ERROR_MS,
  };
  if (edit.verb !== 'update')
    // The snapshot's task, where it is visible, says the same, and whether it succeeded.
    return { ...act, explains: () => false, mayExplain: field => snapshotExplains(edit, field) };
  const last = [...edit.keys].sort().at(-1) ?? '';
  return {
    ...act,
    explains: field => keysExplain(edit.keys, field) && !onlyDeletes(edit, field),
    sets: field => setsTo(edit, field),
    // Of a guest that was off all along.
    puts: field => !keysExplain(edit.keys, field) && !field.together.has('status') && EFFECTS.apply(field),
    // An edit also applies what a stop left pending; and of a line that was cut, the later keys are not known.
    mayExplain: field => EFFECTS.apply(field) || (edit.open && (configKey(field.path) ?? '') > last),
  };
}

/** A task as a cause. */
export function causeOf(task: TaskEntity): Cause {
  return {
    upid: task.upid,
    type: task.type,
    user: userOf(task),
    status: task.exitStatus ?? task.status,
    source: 'task',
  };
}

/** `root@pam` or `root@pam!token`, as PVE writes it. */
export function userOf(task: { user: string; tokenId: string | null }): string {
  return task.tokenId === null ? task.user : `${task.user}!${task.tokenId}`;
}

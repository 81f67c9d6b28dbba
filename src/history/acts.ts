import type { ChangeType, FieldChange } from '../model/change.ts';
import type { LogLineEntity, TaskEntity } from '../model/entity.ts';
import type { Facet } from '../model/facet.ts';
import { parseUpid } from '../model/upid.ts';
import { configKey, EFFECTS, type Effect, type Moved, setsGoing } from './effects.ts';
import { keysExplain, type LogEdit, parseLogEdit, setsTo, snapshotExplains } from './log-edits.ts';
import { shortLog } from './log-text.ts';
import { effectsOf } from './task-effects.ts';

/** Who or what brought a change about. */
export interface Cause {
  upid?: string;
  type: string;
  user: string;
  status?: string;
  /** `operation`: one of our own writes, whose `user` is the token that wrote. */
  source: 'task' | 'log' | 'operation';
  /** Of an operation: the plan it was made for, the client that asked (and for whom it ran), and why. */
  plan?: string;
  asker?: string;
  why?: string;
  /** The paths it can have moved, where these are not all of the change. */
  fields?: string[];
}

/** A change as one look found it: what is to be explained, and when it happened (ms, in the cluster's time). */
export interface Seen {
  change: ChangeType;
  facet: Facet;
  fields: readonly FieldChange[];
  windowAfter: number | null;
  windowBefore: number;
}

/** How long rows of the listing may lag (ms): what a row reports may have been over for as long. */
const ROW_LAG_MS = 12_000;
/** Tasks and lines are dated in whole seconds, cut off (ms). */
export const CUT_OFF_MS = 999;
/** How well the clock of a node that is known to be off is known (ms). */
const CLOCK_ERROR_MS = 2_000;
/** Windows are widened by no more than this when tasks and lines are looked for (ms). */
export const CAUSE_SLACK_MS = ROW_LAG_MS + CLOCK_ERROR_MS + CUT_OFF_MS;

/** Tasks that do not name what they are about, and the lines they leave, which do. */
const OWN_LINES: ReadonlyMap<string, LogEdit['verb']> = new Map([
  ['qmconfig', 'update'],
  ['qmsnapshot', 'snapshot'],
  ['vzsnapshot', 'snapshot'],
  ['qmdelsnapshot', 'delete snapshot'],
  ['vzdelsnapshot', 'delete snapshot'],
]);

/** A task with what it can have done to a resource it does not name. */
export interface TaskClaim {
  task: TaskEntity;
  explains(field: Moved): boolean;
  /** What it explains only where nothing does so better. */
  mayExplain?(field: Moved): boolean;
}

/** Something that was done: what it can explain, and how good a reason that is. Times in ms, the cluster's. */
export interface Act {
  cause: Cause;
  from: number;
  to: number;
  /** How far its times may be off (ms). */
  error: number;
  explains(field: Moved): boolean;
  /** What it explains only where nothing does so better. */
  mayExplain?(field: Moved): boolean;
  /** What it puts into effect that waited: it sets nothing of its own. */
  puts?(field: Moved): boolean;
  /** What shows only while it runs. */
  meanwhile?(field: Moved): boolean;
  /** It sets going only what ran. */
  ofRunning?: boolean;
  /** Whether it set a field to what it then was, where that is known. */
  sets?(field: Moved): boolean | undefined;
}

/** Whether an act ran when a change happened; before that only while a row may have lagged, or within its first second. */
export function within(
  { from, to, error }: Pick<Act, 'from' | 'to' | 'error'>,
  { facet, windowAfter, windowBefore }: Seen,
): boolean {
  const lag = facet === 'inventory' ? ROW_LAG_MS : 0;
  const begin = (windowAfter ?? windowBefore) - lag - CUT_OFF_MS - error;
  return from <= windowBefore + error && to >= begin;
}

/** Whether a task ran when a change happened, as `causesOf` judges that. */
export function ranIn(task: TaskEntity, seen: Seen): boolean {
  return within(span(task), seen);
}

/** When a task ran, and how well that is known (ms). */
export function span(task: TaskEntity): Pick<Act, 'from' | 'to' | 'error'> {
  const to = task.endTime ?? Number.POSITIVE_INFINITY;
  return { from: task.startTime, to, error: aheadOf(task) === 0 ? 0 : CLOCK_ERROR_MS };
}

/** How far the clock that dated a task was known to be ahead of the cluster's (ms). */
function aheadOf(task: TaskEntity): number {
  return (parseUpid(task.upid)?.startedAt ?? task.startTime) - task.startTime;
}

/** A task as an act on the guest it names; `log` holds the guest's lines. */
export function taskAct(task: TaskEntity, log: readonly LogLineEntity[]): Act {
  const { does, may, meanwhile, ofRunning } = effectsOf(task);
  const told = toldBy(task, log);
  const can = (effects: readonly Effect[], field: Moved) =>
    effects.some(effect => EFFECTS[effect](field)) && fits(field, task);
  return {
    cause: causeOf(task),
    ...span(task),
    explains: field => can(does, field) && told(field),
    mayExplain: field => can(may, field),
    puts: field => EFFECTS.apply(field) && can(does.filter(setsGoing), field),
    meanwhile: field => can(meanwhile, field),
    ofRunning,
  };
}

/**
 * Whether the log leaves open that a task moved a field: the line of a `qmconfig` names the keys, that of a snapshot or
 * its deletion which one.
 */
function toldBy(task: TaskEntity, log: readonly LogLineEntity[]): (field: Moved) => boolean {
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
 * The lines that a task wrote: a line bears the process that runs the task (seen on PVE 9.2). Where none does, those of its
 * user while it ran.
 */
function ownLines(task: TaskEntity, log: readonly LogLineEntity[]): LogLineEntity[] {
  const { to } = span(task);
  const its = log.filter(line => line.user === userOf(task) && line.at >= task.startTime && line.at <= to);
  const process = parseUpid(task.upid)?.pid;
  const written = its.filter(line => line.pid === process && line.nodeId === task.nodeId);
  return written.length > 0 ? written : its;
}

/** A snapshot bears the time at which it was taken, by the clock of the node that dates the task. */
function fits({ path, to }: Moved, task: TaskEntity): boolean {
  if (!path.startsWith('snapshots.') || typeof to !== 'number' || to === 0) return true;
  const taken = to - aheadOf(task);
  return taken >= task.startTime - CUT_OFF_MS && taken <= (task.endTime ?? taken) + CUT_OFF_MS;
}

/** A line of the log as an act; null where it tells of none. */
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
    // Its task, where that can be seen, tells the same and whether it went well.
    return { ...act, explains: () => false, mayExplain: field => snapshotExplains(edit, field) };
  const last = [...edit.keys].sort().at(-1) ?? '';
  return {
    ...act,
    explains: field => keysExplain(edit.keys, field),
    sets: field => setsTo(edit, field),
    // An edit also puts into effect what a stop left waiting; and of an open line the later keys are not known.
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

/** `root@pam` or `root@pam!token`, as PVE spells it. */
export function userOf(task: { user: string; tokenId: string | null }): string {
  return task.tokenId === null ? task.user : `${task.user}!${task.tokenId}`;
}

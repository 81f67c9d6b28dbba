import { isDeepStrictEqual } from 'node:util';
import type { FieldChange } from '../model/change.ts';
import { byBeginning, endsBefore } from './act-order.ts';
import type { Act, Seen } from './acts.ts';
import { configKey, type Moved } from './effects.ts';
import { isAskedBy } from './ha-requests.ts';

/**
 * These acts without the ones that found their work already done: a stop after a stop, or the same edit again, with nothing
 * undoing it in between.
 */
export function withoutIdle(found: Act[], field: Moved, acts: readonly Act[], { windowBefore }: Seen): Act[] {
  const undone = { ...field, from: field.to, to: field.from };
  const undoes = (act: Act) =>
    awayFrom(field).some(
      away => act.explains(away) || (!isVain(act, away) && act.mayExplain?.(away) === true),
    );
  const idle = (act: Act) =>
    found.some(
      before =>
        endsBefore(before, act) &&
        doesTheSame(before, act, field, undone) &&
        !acts.some(
          between =>
            between !== act &&
            between !== before &&
            between.to >= before.to &&
            between.from <= act.to &&
            undoes(between),
        ),
    );
  const awake = found.filter(act => !idle(act));
  return settingIt(
    awake.filter(act => !overwritten(act, awake, field, windowBefore)),
    field,
  );
}

/** Whether a task failed that would have changed the status: a failed task leaves it as it is. */
function isVain({ cause }: Act, { path }: Moved): boolean {
  return path === 'status' && !/^(?:OK|WARNINGS|running|unknown)/.test(cause.status ?? 'OK');
}

/** Changes that would undo this one: back to the former value, or for a status, to any status that can follow it. */
function awayFrom(field: Moved): Moved[] {
  const { path, from, to } = field;
  const next = to === 'stopped' ? ['running'] : ['running', 'stopped', 'paused'];
  const others = path === 'status' ? next : [from];
  return others.filter(one => one !== to).map(one => ({ ...field, from: to, to: one }));
}

/**
 * Of several edits of a field in one window, those that set the value found, where their lines show that; otherwise all of them.
 */
function settingIt(found: Act[], field: Moved): Act[] {
  const isOther = (act: Act) => act.sets?.(field) === false;
  const exact = found.filter(act => act.sets?.(field) === true);
  if (exact.length === 0) return found;
  // A value that was set before another value was overwritten by it.
  const undone = (act: Act) =>
    found.some(other => isOther(other) && other.from > act.to && exact.some(again => again.from > other.to));
  return withoutRepeat(
    found.filter(act => !isOther(act) && !(exact.includes(act) && undone(act))),
    exact.at(-1)!,
    field,
  );
}

/**
 * Leaves out a single act that followed an edit and left the field as the edit had set it. Of two such acts the second may have
 * restored the value, so both stay.
 */
function withoutRepeat(found: Act[], edit: Act, field: Moved): Act[] {
  const after = found.filter(
    act =>
      act.sets === undefined &&
      act.puts?.(field) !== true &&
      act.from >= edit.to &&
      byBeginning(edit, act) < 0,
  );
  return after.length === 1 ? found.filter(act => act !== after[0]) : found;
}

/**
 * Whether an act's effect on a field is no longer what was found. After a rollback, restore or start, a later act that names the
 * field overwrites it; so does one that ended while the former was still running at `seenAt`. A pending value is applied by the
 * first start or stop: later ones, or an edit after it, did not find it pending any more.
 */
function overwritten(act: Act, found: readonly Act[], field: Moved, seenAt: number): boolean {
  if (configKey(field.path) === null) return false;
  // Of two acts in one second the one that began first counts as earlier: neither makes the other idle.
  const before = found.slice(0, found.indexOf(act)).filter(other => other.to <= act.from);
  const idle = before.some(
    first =>
      first.puts?.(field) === true &&
      act.puts?.(field) === true &&
      !isAskedBy(act, first) &&
      !found.some(
        other =>
          other !== first &&
          other !== act &&
          namesFields(other) &&
          other.from >= first.to &&
          other.to <= act.from,
      ),
  );
  if (idle || (act.puts?.(field) === true && wasEditedOff(before))) return true;
  if (clearsPending(field))
    return namesFields(act) && before.some(other => other.puts?.(field) === true || isReplacing(other));
  if (namesFields(act)) return false;
  const own = (other: Act) => act.cause.type === 'qmconfig' && other.cause.user === act.cause.user;
  const later = (other: Act) => other.from >= act.to || (act.to > seenAt && other.to <= seenAt);
  return found.some(other => namesFields(other) && later(other) && !own(other));
}

/**
 * Whether the last edit before a start was made while the guest was off, since what ended it, or replaced its configuration, and was
 * not started again in between: it took effect at once and left nothing pending for the start.
 */
function wasEditedOff(before: readonly Act[]): boolean {
  const edit = before.findLast(namesFields);
  const halt = before.findLast(other => other !== edit && (isReplacing(other) || other.explains(STOPPED)));
  if (edit === undefined || halt === undefined || halt.to > edit.from) return false;
  return !before.some(other => other.from >= halt.to && other.explains(STARTED));
}

/** Whether a task replaces the whole configuration, and with it what was pending. */
function isReplacing({ cause }: Act): boolean {
  return /^(?:qm|vz)(?:rollback|restore)$/.test(cause.type);
}

function namesFields(act: Act): boolean {
  const { source, type } = act.cause;
  return source === 'log' || (source === 'operation' && isConfigType(type)) || isTemplating(act);
}

function isConfigType(type: string): boolean {
  return type === 'config' || type === 'revert';
}

function isTemplating({ cause }: Act): boolean {
  return cause.type === 'qmtemplate' || cause.type === 'vztemplate';
}

const STARTED: Moved = { path: 'status', from: 'stopped', to: 'running', together: new Map() };
const STOPPED: Moved = { path: 'status', from: 'running', to: 'stopped', together: new Map() };

function doesTheSame(a: Act, b: Act, field: Moved, undone: Moved): boolean {
  const { path, to } = field;
  // What waited was put into effect, and then set once more.
  if (a.puts?.(field) === true && hadWaited(field) && b.sets?.(field) === true) return true;
  if (a.cause.source === 'log') return b.cause.source === 'log' && a.cause.type === b.cause.type;
  // Every restart counts; a guest becomes a template only once.
  if (isTemplating(a) && a.cause.type === b.cause.type) return true;
  // A start leaves a guest running: an act that then paused it did more.
  if (path === 'status' && to !== 'running' && a.explains(STARTED) && !b.explains(STARTED)) return false;
  const settled = path === 'status' || (path === 'started_at' && to === null) || path === 'ha';
  // Suspending explains both a pause and an end, and undoes neither.
  const undoes = a.explains(undone) && undone.to !== 'paused' && undone.to !== 'suspended';
  return b.cause.source !== 'log' && settled && !isAskedBy(b, a) && !undoes;
}

/** Whether the value found is the one that was pending before. */
function hadWaited({ path, to, together }: Moved): boolean {
  const key = configKey(path);
  const waited = key === null ? undefined : together.get(`pending.${key}`);
  return waited !== undefined && clearsPending(waited) && isDeepStrictEqual(waited.from, to);
}

/** Whether a pending value is no longer pending. */
export function clearsPending({ path, from, to }: FieldChange): boolean {
  return path.startsWith('pending.') && from !== null && to === null;
}

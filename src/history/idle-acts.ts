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
  return settingIt(
    found.filter(act => !idle(act) && !overwritten(act, found, field, windowBefore)),
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
  if (idle) return true;
  if (clearsPending(field)) return namesFields(act) && before.some(other => other.puts?.(field));
  if (namesFields(act)) return false;
  const own = (other: Act) => act.cause.type === 'qmconfig' && other.cause.user === act.cause.user;
  const later = (other: Act) => other.from >= act.to || (act.to > seenAt && other.to <= seenAt);
  return found.some(other => namesFields(other) && later(other) && !own(other));
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

function doesTheSame(a: Act, b: Act, { path, to }: Moved, undone: Moved): boolean {
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

/** Whether a pending value is no longer pending. */
export function clearsPending({ path, from, to }: FieldChange): boolean {
  return path.startsWith('pending.') && from !== null && to === null;
}

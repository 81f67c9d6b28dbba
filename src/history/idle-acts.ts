import type { FieldChange } from '../model/change.ts';
import { byBeginning, endsBefore } from './act-order.ts';
import type { Act, Seen } from './acts.ts';
import { configKey, type Moved } from './effects.ts';
import { isAskedBy } from './ha-requests.ts';

/**
 * These acts without those that found done what they were to do: a stop after a stop, the same edit again, with nothing to
 * undo it between.
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

/** Whether a task that failed would have moved the status: it leaves that as it is. */
function isVain({ cause }: Act, { path }: Moved): boolean {
  return path === 'status' && !/^(?:OK|WARNINGS|running|unknown)/.test(cause.status ?? 'OK');
}

/** What would have undone a change: back to what was, or to any other status that can follow on this one. */
function awayFrom(field: Moved): Moved[] {
  const { path, from, to } = field;
  const next = to === 'stopped' ? ['running'] : ['running', 'stopped', 'paused'];
  const others = path === 'status' ? next : [from];
  return others.filter(one => one !== to).map(one => ({ ...field, from: to, to: one }));
}

/** Of edits of one field in one window the ones that set what was seen, where their lines tell that; else all of them. */
function settingIt(found: Act[], field: Moved): Act[] {
  const isOther = (act: Act) => act.sets?.(field) === false;
  const exact = found.filter(act => act.sets?.(field) === true);
  if (exact.length === 0) return found;
  // What it was set to before another value is what it was then set from.
  const undone = (act: Act) =>
    found.some(other => isOther(other) && other.from > act.to && exact.some(again => again.from > other.to));
  return withoutRepeat(
    found.filter(act => !isOther(act) && !(exact.includes(act) && undone(act))),
    exact.at(-1)!,
    field,
  );
}

/** Without the one act that came after an edit and left the field as that had set it; of two the second may have mended it. */
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
 * What an act that names the field did to it later is no longer what a rollback, a restore or a start made of it; nor is
 * what one that still ran at `seenAt` had not yet made. What waited was put into effect by the first to do so: neither a
 * further start or stop nor an edit after that found it waiting.
 */
function overwritten(act: Act, found: readonly Act[], field: Moved, seenAt: number): boolean {
  if (configKey(field.path) === null) return false;
  // Of two in one second the one that began first was before: neither is idle for the other's sake.
  const before = found.slice(0, found.indexOf(act)).filter(other => other.to <= act.from);
  const idle = before.some(
    first =>
      first.puts?.(field) === true &&
      act.puts?.(field) === true &&
      !isAskedBy(act, first) &&
      !found.some(other => namesFields(other) && other.from >= first.to && other.to <= act.from),
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
  // A restart is one each time; a guest becomes a template once.
  if (isTemplating(a) && a.cause.type === b.cause.type) return true;
  // A start leaves a guest running: who then paused it did more.
  if (path === 'status' && to !== 'running' && a.explains(STARTED) && !b.explains(STARTED)) return false;
  const settled = path === 'status' || (path === 'started_at' && to === null) || path === 'ha';
  // What suspends explains a pause and an end alike, and undoes neither.
  const undoes = a.explains(undone) && undone.to !== 'paused' && undone.to !== 'suspended';
  return b.cause.source !== 'log' && settled && !isAskedBy(b, a) && !undoes;
}

/** Whether what waited for a restart waits no longer. */
export function clearsPending({ path, from, to }: FieldChange): boolean {
  return path.startsWith('pending.') && from !== null && to === null;
}

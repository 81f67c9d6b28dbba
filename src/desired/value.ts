import { type Effective, readAs } from '../model/config/index.ts';
import type { DeclarableType } from '../model/declaration.ts';
import type { JsonValue } from '../model/state.ts';
import { isObject, PENDING_DELETION } from '../model/state.ts';
import { valueAt } from './fields.ts';
import type { Subject } from './subject.ts';

/** Lists whose order matters. */
const ORDERED: ReadonlySet<string> = new Set(['config.boot.order']);

/** A value at a path in comparable form: according to its kind, with Proxmox's default where it is absent. */
export function comparable(type: DeclarableType, path: string, value: JsonValue): Effective {
  const as = valueAt(type, path) ?? { kind: 'text' as const };
  if (Array.isArray(value)) return value.map(String).sort();
  const read = readAs(as, value ?? as.default ?? null);
  if (typeof read === 'string') return read.trimEnd();
  return Array.isArray(read) && !ORDERED.has(path) ? [...read].sort() : read;
}

/** Whether two values at a path mean the same: `8192` and `"8192"`, `onboot=0` and none. */
export function sameValue(type: DeclarableType, path: string, a: JsonValue, b: JsonValue): boolean {
  const [x, y] = [comparable(type, path, a), comparable(type, path, b)];
  return x === y || (typeof x === 'object' && JSON.stringify(x) === JSON.stringify(y));
}

/** The value of a field: including pending changes, and as it runs. */
export interface Actual {
  value: JsonValue;
  running: JsonValue;
}

/** The value at a path; undefined where it is not known. */
export function actualOf(subject: Subject, path: string): Actual | undefined {
  if (!path.startsWith('config.')) {
    const value = subject.own[path] ?? null;
    return { value, running: value };
  }
  const { config, pending } = subject;
  if (config === null) return undefined;
  const [, key = '', part] = path.split('.');
  const running = leafOf(config[key], part);
  if (pending === null || !Object.hasOwn(pending, key)) return { value: running, running };
  const waiting = pending[key];
  // Something is pending, but what it is could not be read.
  if (waiting === null || waiting === undefined) return undefined;
  return { value: waiting === PENDING_DELETION ? null : leafOf(waiting, part), running };
}

/** A part of a key's value, or all of it: `current` alone is the plain value. */
export function leafOf(value: JsonValue | undefined, part: string | undefined): JsonValue {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) return part === undefined || part === 'value' ? value : null;
  if (part !== undefined) return value[part] ?? null;
  return Object.hasOwn(value, 'current') ? value['current']! : value;
}

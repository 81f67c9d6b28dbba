import { UsageError } from '../errors.ts';
import { normaliseTags, normaliseValue } from '../history/normalise.ts';
import { type ConfigValue, configKey, readAs } from '../model/config/index.ts';
import type { WantedValue } from '../model/operation.ts';
import type { PlanStep } from '../model/plan.ts';
import type { GuestType } from '../model/resource.ts';
import type { JsonValue } from '../model/state.ts';
import { type GuestAddress, type Operation, writableKey } from '../proxmox/operations/index.ts';
import { partOf, withPart } from './property-text.ts';
import { type Reading, sameValue } from './standing.ts';

/** One configuration field that a plan changes. */
export type FieldStep = Pick<PlanStep, 'path' | 'from' | 'to'>;

/** A field that no longer has the value the plan was made for. */
export interface Moved {
  path: string;
  from: JsonValue;
  now: JsonValue;
}

/**
 * What is to be sent for the steps of one guest. `moved`: a field no longer has the planned value, so the plan is not carried
 * out. `nothing`: all values are as wanted.
 */
export type Composed =
  | { kind: 'nothing' }
  | { kind: 'operation'; operation: Operation; wanted: WantedValue[] }
  | { kind: 'moved'; moved: Moved[] };

/**
 * One digest-locked write for all configuration steps of a guest, from a reading made just before. It contains only the keys that
 * change, each with its whole value: whatever no step names stays as it was read, above all a card's MAC.
 * @throws UsageError for a field that is never written
 */
export function composeConfig(guest: GuestAddress, steps: readonly FieldStep[], reading: Reading): Composed {
  const moved = steps.flatMap(step => {
    const now = fieldNow(guest.type, step.path, reading);
    return sameField(guest.type, step.path, now, step.from)
      ? []
      : [{ path: step.path, from: step.from, now }];
  });
  if (moved.length > 0) return { kind: 'moved', moved };
  const next = new Map<string, string | null>();
  for (const { path, to } of steps) {
    const { key, part } = keyOf(guest.type, path);
    const whole = next.has(key) ? next.get(key)! : afterRestart(reading, key);
    next.set(key, part === undefined ? textOf(key, to) : partText(guest.type, key, whole, part, to));
  }
  const changed = [...next].filter(
    ([key, to]) => !sameValue(guest.type, key, afterRestart(reading, key), to),
  );
  if (changed.length === 0) return { kind: 'nothing' };
  const wanted = changed.map(([key, to]) => ({
    key,
    from: reading.values[key] ?? null,
    ...(Object.hasOwn(reading.waiting, key) && { waited: reading.waiting[key]! }),
    to,
  }));
  const set = Object.fromEntries(changed.filter((one): one is [string, string] => one[1] !== null));
  const remove = changed.filter(([, to]) => to === null).map(([key]) => key);
  return {
    kind: 'operation',
    operation: { kind: 'config', guest, set, remove, digest: reading.digest },
    wanted,
  };
}

/**
 * The configuration key of a path (`config.net0.tag`, `tags`, `name`), and the part of its value.
 * @throws UsageError for one that is never written
 */
export function keyOf(type: GuestType, path: string): { key: string; part?: string } {
  const [key = '', part, ...more] = path.replace(/^config\./, '').split('.');
  const name = path === 'name' && type === 'container' ? 'hostname' : key;
  if (writableKey(type, name) === undefined || more.length > 0)
    throw new UsageError(`${path} of a ${type} is never written`);
  return { key: name, ...(part !== undefined && { part }) };
}

/** The value of a key after the next restart; null where it is absent. */
function afterRestart({ values, waiting }: Reading, key: string): string | null {
  return Object.hasOwn(waiting, key) ? waiting[key]! : (values[key] ?? null);
}

function fieldNow(type: GuestType, path: string, reading: Reading): JsonValue {
  const { key, part } = keyOf(type, path);
  const whole = afterRestart(reading, key);
  if (whole === null) return null;
  if (key === 'tags') return normaliseTags(whole);
  const value = normaliseValue(key, type === 'container' ? whole.replace(/\n$/, '') : whole);
  return part === undefined ? value : partOf(type, key, value, part);
}

/** Whether two values of a field are equal: in form, or because one is the default that the absent other stands for. */
function sameField(type: GuestType, path: string, a: JsonValue, b: JsonValue): boolean {
  const { key, part } = keyOf(type, path);
  if (key === 'tags') return same(tagsOf(a), tagsOf(b));
  if (part === undefined && sameValue(type, key, textOf(key, a), textOf(key, b))) return true;
  const known = configKey(type, key);
  const as: ConfigValue = (part !== undefined && known?.parts?.[part]) || known || { kind: 'text' };
  const read = (value: JsonValue) => readAs(as, value ?? as.default ?? null);
  return same(read(a), read(b));
}

function tagsOf(value: JsonValue): string[] {
  return normaliseTags(Array.isArray(value) ? value.join(';') : String(value ?? ''));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A value in the API's form; null and an empty list of tags stand for an absent key. */
function textOf(key: string, value: JsonValue): string | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(';');
  if (typeof value === 'object')
    return Object.entries(value).reduce<string | null>(
      (text, [part, one]) => withPart(key, text, part, textOf(key, one)),
      null,
    );
  return String(value);
}

function partText(
  type: GuestType,
  key: string,
  whole: string | null,
  part: string,
  to: JsonValue,
): string | null {
  if (whole === null && writableKey(type, key)?.whole)
    throw new UsageError(`${key} does not exist: a card is changed, never added`);
  return withPart(key, whole, part, textOf(key, to));
}

import { type JsonValue, PENDING_DELETION } from '../model/state.ts';
import { configKey, EFFECTS, isDiskKey, type Moved } from './effects.ts';

/** What a line of the cluster's log says was done to a guest. */
export type LogEdit =
  /** `update VM 101: -memory 3072 -delete tags`: the keys it names. `open`: the line was cut, or a secret was removed. */
  | {
      verb: 'update';
      keys: ReadonlySet<string>;
      /** The values it sets, where they are one word. */
      values: ReadonlyMap<string, string>;
      /** The keys it deletes. */
      deletes: ReadonlySet<string>;
      open: boolean;
    }
  | { verb: 'snapshot' | 'delete snapshot' | 'rollback snapshot'; name: string };

/** Keys with another name in a log line than in the state. */
const KEY_NAMES: { readonly [key: string]: string } = { hostname: 'name', cdrom: 'ide2' };
/** Parameters whose values are keys. */
const KEY_LISTS = /\s-(delete|revert)\s+([\w,; ]+?)(?=\s+-[a-z]|$)/g;
/**
 * A value of one word, or of options such as `uuid=x,base64=1`, up to the next parameter: a value with spaces could contain
 * anything.
 */
const PLAIN = /\s--?([a-z][a-z0-9_-]*) ([\w.=,:-]+)(?=\s+--?[a-z]|\s*$)/g;
const PARAMETER = /\s--?([a-z][a-z0-9_-]*)/g;
/** Parameters that name no key. */
const NO_KEY = new Set([
  'delete',
  'revert',
  'digest',
  'skiplock',
  'force',
  'background_delay',
  'size',
  'idlist',
]);
/** Messages of this length were cut when they were read. */
const WHOLE_BELOW = 1_000;

/** Parses a log line; null for one that describes no edit. PVE sorts the keys in a line, and quotes no values. */
export function parseLogEdit(message: string): LogEdit | null {
  const [, verb, text = ''] = /^([a-z ]+) (?:VM|CT|LXC|container) \d+: ?(.*)$/s.exec(message) ?? [];
  if (verb === 'snapshot' || verb === 'delete snapshot' || verb === 'rollback snapshot')
    return { verb, name: text.trim() };
  if (verb !== 'update') return null;
  const resized = /^resize\s.*?--disk\s+(\w+)/.exec(text)?.[1];
  if (resized !== undefined)
    return { verb, keys: new Set([resized]), values: new Map(), deletes: new Set(), open: false };
  const padded = ` ${text}`;
  const named = [...padded.matchAll(PARAMETER)].map(found => found[1]!).filter(key => !NO_KEY.has(key));
  const listed = [...padded.matchAll(KEY_LISTS)].flatMap(([, parameter, list]) =>
    list!.split(/[,; ]+/).flatMap(key => (key === '' ? [] : { parameter, key: KEY_NAMES[key] ?? key })),
  );
  const keys = new Set([...named.map(key => KEY_NAMES[key] ?? key), ...listed.map(({ key }) => key)]);
  const deletes = new Set(listed.flatMap(({ parameter, key }) => (parameter === 'delete' ? key : [])));
  const open = message.length >= WHOLE_BELOW || /\(secret\)\s*$/.test(text);
  const values = new Map(
    [...padded.matchAll(PLAIN)].map(([, key, value]) => [KEY_NAMES[key!] ?? key!, value!]),
  );
  return { verb, keys, values, deletes, open };
}

/** Whether an edit set a field to the value found; undefined where the line does not show it, or not in that form. */
export function setsTo(
  { values, deletes }: Pick<Extract<LogEdit, { verb: 'update' }>, 'values' | 'deletes'>,
  { path, to }: Moved,
): boolean | undefined {
  const key = configKey(path) ?? '';
  if (deletes.has(key)) {
    if (!path.startsWith('pending.')) return isNothing(to);
    // A pending value may have gone together with the key, if it was never applied.
    return to === null ? undefined : to === PENDING_DELETION;
  }
  const value = values.get(key);
  if (value === undefined) return undefined;
  const option = path.split('.')[2];
  if (to === null && option === undefined && !path.startsWith('pending.')) return false;
  if (typeof to !== 'number' && typeof to !== 'string') return undefined;
  if (option === undefined) return /^[\w.-]+$/.test(value) ? value === String(to) : undefined;
  // Options can be written in several ways: only an equal text proves anything.
  return value.split(',').includes(`${option}=${to}`) ? true : undefined;
}

/** What a field without a value is: tags are a list, and a template is or is not one. */
function isNothing(value: JsonValue): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}

/** Whether an edit only took the key of a field away, that then had a value: somebody else set that. */
export function onlyDeletes(edit: Extract<LogEdit, { verb: 'update' }>, field: Moved): boolean {
  const key = configKey(field.path) ?? '';
  return edit.deletes.has(key) && !edit.values.has(key) && setsTo(edit, field) === false;
}

/**
 * Whether an edit of these keys can have changed a field. Beyond the keys themselves: a disk removed from its slot is kept as
 * unused, and adding or removing a device changes the boot order (seen on PVE 9.2).
 */
export function keysExplain(keys: ReadonlySet<string>, { path }: Moved): boolean {
  const key = configKey(path);
  if (key === null) return false;
  if (keys.has(key)) return true;
  if (key.startsWith('unused')) return [...keys].some(isDiskKey);
  return key === 'boot' && [...keys].some(one => isDiskKey(one) || /^(?:net|hostpci|usb)\d+$/.test(one));
}

/** Whether a snapshot's line explains a field. The line is written before the attempt. */
export function snapshotExplains(edit: Exclude<LogEdit, { verb: 'update' }>, field: Moved): boolean {
  if (edit.verb === 'rollback snapshot') return EFFECTS.rollBack(field);
  if (field.path !== `snapshots.${edit.name}`) return false;
  return edit.verb === 'snapshot' ? EFFECTS.addSnapshot(field) : EFFECTS.dropSnapshot(field);
}

import { PENDING_DELETION } from '../model/state.ts';
import { configKey, EFFECTS, isDiskKey, type Moved } from './effects.ts';

/** What a line of the cluster's log says was done to a guest. */
export type LogEdit =
  /** `update VM 101: -memory 3072 -delete tags`, the keys it names. `open`: the line was cut, or a secret taken out of it. */
  | {
      verb: 'update';
      keys: ReadonlySet<string>;
      /** What it sets of these, where that is one word. */
      values: ReadonlyMap<string, string>;
      /** What it takes away of these. */
      deletes: ReadonlySet<string>;
      open: boolean;
    }
  | { verb: 'snapshot' | 'delete snapshot' | 'rollback snapshot'; name: string };

/** Keys that a line calls otherwise than the state does. */
const KEY_NAMES: { readonly [key: string]: string } = { hostname: 'name', cdrom: 'ide2' };
/** Parameters whose values are keys. */
const KEY_LISTS = /\s-(delete|revert)\s+([\w,; ]+?)(?=\s+-[a-z]|$)/g;
/** A value of one word, or of options such as `uuid=x,base64=1`, up to the next parameter: one with spaces could hold anything. */
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
/** Longer ones are cut when they are read. */
const WHOLE_BELOW = 1_000;

/** Takes a line apart; null for one that says nothing of an edit. PVE sorts the keys of a line, and quotes no values. */
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

/** Whether an edit set a field to what it then was; undefined where the line does not tell, or not in that form. */
export function setsTo(
  { values, deletes }: Pick<Extract<LogEdit, { verb: 'update' }>, 'values' | 'deletes'>,
  { path, to }: Moved,
): boolean | undefined {
  const key = configKey(path) ?? '';
  if (deletes.has(key)) {
    if (!path.startsWith('pending.')) return to === null;
    // What waited may be gone with the key, where that was not in effect yet.
    return to === null ? undefined : to === PENDING_DELETION;
  }
  const value = values.get(key);
  if (value === undefined) return undefined;
  const option = path.split('.')[2];
  if (to === null && option === undefined && !path.startsWith('pending.')) return false;
  if (typeof to !== 'number' && typeof to !== 'string') return undefined;
  if (option === undefined) return /^[\w.-]+$/.test(value) ? value === String(to) : undefined;
  // Options are spelt in several ways: only what is the same says anything.
  return value.split(',').includes(`${option}=${to}`) ? true : undefined;
}

/**
 * Whether an edit that names these keys can have moved a field. Besides its keys: a disk that leaves its slot is kept
 * as unused, and a device that goes or comes changes the order of the boot (seen on PVE 9.2).
 */
export function keysExplain(keys: ReadonlySet<string>, { path }: Moved): boolean {
  const key = configKey(path);
  if (key === null) return false;
  if (keys.has(key)) return true;
  if (key.startsWith('unused')) return [...keys].some(isDiskKey);
  return key === 'boot' && [...keys].some(one => isDiskKey(one) || /^(?:net|hostpci|usb)\d+$/.test(one));
}

/** Whether the lasting word of an edit's line is that it did this: a line of a snapshot is written before it is tried. */
export function snapshotExplains(edit: Exclude<LogEdit, { verb: 'update' }>, field: Moved): boolean {
  if (edit.verb === 'rollback snapshot') return EFFECTS.rollBack(field);
  if (field.path !== `snapshots.${edit.name}`) return false;
  return edit.verb === 'snapshot' ? EFFECTS.addSnapshot(field) : EFFECTS.dropSnapshot(field);
}

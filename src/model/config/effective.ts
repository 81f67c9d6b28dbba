import { readFlag } from '../flag.ts';
import type { GuestType } from '../resource.ts';
import { type GuestConfig, isObject, type JsonValue } from '../state.ts';
import { configKey } from './keys.ts';
import type { ConfigValue } from './value.ts';

/** A value in the form in which it is compared, according to its kind; null where there is none. */
export type Effective = string | number | boolean | readonly (string | number)[] | null;

/**
 * The effective value of a configuration key such as `onboot`, `cpu.flags` or `net0.tag`: Proxmox's default where it is not set,
 * and null without one. A property string without a part's name stands for its default part. Flags are booleans, sizes of volumes
 * in GiB.
 */
export function effectiveValue(type: GuestType, config: GuestConfig, path: string): Effective {
  const [key = '', ...names] = path.split('.');
  const known = configKey(type, key);
  const part = names.length > 0 ? names.join('.') : known?.defaultPart;
  const set = config[key];
  const { [part ?? '']: ofPart } = known?.parts ?? {};
  const as: ConfigValue = ofPart ?? known ?? { kind: 'text' };
  if (set === undefined || set === null) return known?.device ? null : readAs(as, as.default ?? null);
  if (!isObject(set))
    return part === undefined || part === known?.defaultPart
      ? readAs(as, set)
      : readAs(as, as.default ?? null);
  if (part === undefined) return readAs(as, Object.hasOwn(set, 'current') ? set['current']! : asText(set));
  return readAs(as, (Object.hasOwn(set, part) ? set[part] : undefined) ?? as.default ?? null);
}

/** The value of one part of a device, as `effectiveValue` returns it for `net0.tag`. */
export function effectivePart(
  parts: Readonly<Record<string, ConfigValue>>,
  device: { readonly [part: string]: JsonValue },
  part: string,
): Effective {
  const as: ConfigValue = Object.hasOwn(parts, part) ? parts[part]! : { kind: 'text' };
  return readAs(as, (Object.hasOwn(device, part) ? device[part] : undefined) ?? as.default ?? null);
}

/** A stored or default value according to its kind; a value that does not fit the kind stays a text. */
export function readAs({ kind, unit }: ConfigValue, value: JsonValue): Effective {
  if (value === null) return null;
  if (kind === 'flag') return readFlag(value) ?? String(value);
  if (kind === 'list')
    return String(value)
      .split(/[;,\s]+/)
      .filter(one => one !== '');
  if (kind === 'number') return (unit === 'GiB' ? gibOf(value) : numberOf(value)) ?? String(value);
  return isObject(value) || Array.isArray(value) ? asText(value) : String(value);
}

/** The value as a property string in Proxmox's form, with named parts. */
export function asText(value: JsonValue): string {
  if (!isObject(value)) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name}=${String(part)}`)
    .join(',');
}

function numberOf(value: JsonValue): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : null;
}

const GIB_OF: { readonly [unit: string]: number } = {
  '': 1024 ** -3,
  K: 1024 ** -2,
  M: 1 / 1024,
  G: 1,
  T: 1024,
};

/** `32G`, `528K`; a bare number means bytes. */
function gibOf(value: JsonValue): number | null {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(String(value));
  return match === null ? null : Number(match[1]) * GIB_OF[match[2]!]!;
}

import type { GuestType } from '../resource.ts';

/**
 * How a field's value is read, and so compared. `span` is a duration in seconds, `time` a moment in milliseconds since 1970,
 * `list` several texts, `version` a text ordered by its numbers.
 */
export type ValueKind = 'text' | 'number' | 'flag' | 'list' | 'time' | 'span' | 'version';

/** Units of numbers, as used in the names and texts of fields. */
export type Unit = 'MiB' | 'GiB' | 'percent' | 'cores';

/** What is known of a value: how it is read, and Proxmox's default. */
export interface ConfigValue {
  kind: ValueKind;
  unit?: Unit;
  /** The default documented in the API; absent where there is none, or where it depends on the node. */
  default?: string | number;
  /** Other names by which people search for a value: `pc` is the i440fx machine. */
  alsoCalled?: Readonly<Record<string, readonly string[]>>;
}

/** A key of a guest's configuration, `net*` for `net0` and so on. A device that does not exist has no defaults. */
export interface ConfigKey extends ConfigValue {
  /** The types of guest that have it. */
  guests: readonly GuestType[];
  /** The key ends in a number. */
  device?: true;
  /** The parts of a property string, and the part that may be written without its name. */
  parts?: Readonly<Record<string, ConfigValue>>;
  defaultPart?: string;
}

/** The parts of a property string by name. */
export type Parts = NonNullable<ConfigKey['parts']>;
/** A key, without the types of guest that have it. */
export type Definition = Omit<ConfigKey, 'guests'>;

/** A flag, 0 or 1. */
export const flag = (byDefault?: 0 | 1): ConfigValue => ({
  kind: 'flag',
  ...(byDefault !== undefined && { default: byDefault }),
});
/** A text. */
export const text = (byDefault?: string): ConfigValue => ({
  kind: 'text',
  ...(byDefault !== undefined && { default: byDefault }),
});
/** A number. */
export const number = (byDefault?: number, unit?: Unit): ConfigValue => ({
  kind: 'number',
  ...(unit && { unit }),
  ...(byDefault !== undefined && { default: byDefault }),
});
/** Several texts, which Proxmox joins with `;` or `,`. */
export const list = (byDefault?: string): ConfigValue => ({
  kind: 'list',
  ...(byDefault !== undefined && { default: byDefault }),
});
/** Parts that are texts without defaults. */
export const texts = (...names: string[]): Parts => Object.fromEntries(names.map(name => [name, text()]));
/** Parts that are numbers without defaults. */
export const numbers = (...names: string[]): Parts => Object.fromEntries(names.map(name => [name, number()]));

/** A property string; the kind and default of the whole are those of its default part. */
export function props(parts: Parts, defaultPart?: string): Definition {
  const whole = defaultPart === undefined ? text() : parts[defaultPart]!;
  return { ...whole, parts, ...(defaultPart !== undefined && { defaultPart }) };
}

/** The size of a volume, which Proxmox writes as `32G`. */
export const size: ConfigValue = { kind: 'number', unit: 'GiB' };

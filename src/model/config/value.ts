import type { GuestType } from '../resource.ts';

/**
 * How the value of a field reads, and so how it compares. `span` is a length of time in seconds, `time` a moment in
 * milliseconds since 1970, `list` several texts, `version` a text whose numbers order it.
 */
export type ValueKind = 'text' | 'number' | 'flag' | 'list' | 'time' | 'span' | 'version';

/** Units of numbers, as the names and texts of fields give them. */
export type Unit = 'MiB' | 'GiB' | 'percent' | 'cores';

/** What is known of one value: how it reads, and what Proxmox takes where it is not set. */
export interface ConfigValue {
  kind: ValueKind;
  unit?: Unit;
  /** Its default as the API documents it; absent where there is none, or where it depends on the node. */
  default?: string | number;
  /** Other names of a value that people search by: `pc` is the i440fx machine. */
  alsoCalled?: Readonly<Record<string, readonly string[]>>;
}

/** A key of a guest's configuration, `net*` for `net0` and its like: of a device that is not there nothing is by default. */
export interface ConfigKey extends ConfigValue {
  /** Which guests have it. */
  guests: readonly GuestType[];
  /** Its key has a number. */
  device?: true;
  /** The parts of a property string, and which of them stands for the whole. */
  parts?: Readonly<Record<string, ConfigValue>>;
  defaultPart?: string;
}

/** The parts of a property string by name. */
export type Parts = NonNullable<ConfigKey['parts']>;
/** A key, whoever has it. */
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
/** Several texts, as Proxmox writes them in one with `;` or `,` between. */
export const list = (byDefault?: string): ConfigValue => ({
  kind: 'list',
  ...(byDefault !== undefined && { default: byDefault }),
});
/** Parts that are texts without defaults. */
export const texts = (...names: string[]): Parts => Object.fromEntries(names.map(name => [name, text()]));
/** Parts that are numbers without defaults. */
export const numbers = (...names: string[]): Parts => Object.fromEntries(names.map(name => [name, number()]));

/** A property string; its default part's kind and default are those of the whole. */
export function props(parts: Parts, defaultPart?: string): Definition {
  const whole = defaultPart === undefined ? text() : parts[defaultPart]!;
  return { ...whole, parts, ...(defaultPart !== undefined && { defaultPart }) };
}

/** The size of a volume, which Proxmox writes as `32G`. */
export const size: ConfigValue = { kind: 'number', unit: 'GiB' };

import type { GuestConfig } from '../../model/state.ts';

/*
 * Devices picked out of the JSON texts of configurations. A key cannot stand within a text, where its quotes would be escaped,
 * and a device's parts are plain values: within its braces stand no others but in quotes. Of all parts only `usb3` is called as a
 * device, and it stands within one of that family.
 */

const CHARACTER = String.raw`(?:[^"\\]|\\.)`;
const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const PLAIN = String.raw`(?:${STRING}|[^,{}"\]]+)`;
const VALUE = String.raw`(?:\{[^"{}]*(?:${STRING}[^"{}]*)*\}|${PLAIN})`;
const KEY = /^([\w-]+)(\*)?(?:\.([\w-]+)(?:(:)|~(\w+))?)?$/;

/** Devices, and what of their parts is wanted, as patterns of JSON: null where they are wanted whole. */
export interface WantedDevices {
  keys: readonly string[];
  parts: readonly string[] | null;
}

/**
 * What these keys want of devices: all of `net*`, or at least a part, `net*.tag`; of a part that is long and seldom the same just what
 * stands before its first colon, `scsi*.volume:`, or all of those that hold a word, `scsi*.volume~cloudinit`. Null where no
 * device is named.
 */
export function wantedDevices(wanted: readonly string[]): WantedDevices | null {
  const keys = new Set<string>();
  const parts = { whole: new Set<string>(), holding: new Set<string>(), begun: new Set<string>() };
  let areWhole = false;
  for (const one of wanted) {
    const [, family, star, part, colon, word] = KEY.exec(one) ?? [];
    if (family === undefined || (star === undefined && part === undefined)) continue;
    keys.add(star === undefined ? family : String.raw`${family}\d{1,3}`);
    if (part === undefined) areWhole = true;
    else if (colon !== undefined) parts.begun.add(String.raw`${part}":\s*"(?:[^":\\]|\\.)*:(?=[^"])`);
    else if (word !== undefined)
      parts.holding.add(String.raw`${part}":\s*(?="${CHARACTER}*?${word})${STRING}`);
    else parts.whole.add(String.raw`${part}":\s*${PLAIN}`);
  }
  if (keys.size === 0) return null;
  return { keys: [...keys], parts: areWhole ? null : [...parts.whole, ...parts.holding, ...parts.begun] };
}

/**
 * What is wanted of each configuration's devices. Equal ones are one object: of ten thousand guests few differ in the parts that
 * are asked for, and one parse of all is several times cheaper than one each.
 */
export function devicesIn(texts: readonly string[], { keys, parts }: WantedDevices): GuestConfig[] {
  const device = new RegExp(String.raw`(?<!\\)"(?:${keys.join('|')})":\s*${VALUE}`, 'g');
  const part = parts && new RegExp(String.raw`(?<!\\)"(?:${parts.join('|')})`, 'g');
  const narrowed = (text: string) => {
    // A device that is no property string is one text.
    if (part === null || !text.endsWith('}')) return text;
    const at = text.indexOf('{');
    return `${text.slice(0, at)}{${(text.slice(at).match(part) ?? []).map(closed).join(',')}}`;
  };
  const distinct = new Map<string, number>();
  const places = texts.map(text => {
    const devices = (text.match(device) ?? []).map(narrowed).join(',');
    const place = distinct.get(devices) ?? distinct.size;
    distinct.set(devices, place);
    return place;
  });
  const configs = JSON.parse(`[{${[...distinct.keys()].join('},{')}}]`) as GuestConfig[];
  return places.map(place => configs[place]!);
}

/** A part of which the beginning was taken, with something in place of the rest. */
function closed(part: string): string {
  return part.endsWith(':') ? `${part}..."` : part;
}

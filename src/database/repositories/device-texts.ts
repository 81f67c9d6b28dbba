import type { GuestConfig } from '../../model/state.ts';

/*
 * Extracts devices from the JSON texts of configurations. This is safe because a key cannot occur inside a text, where its
 * quotes would be escaped, and because a device's parts are plain values: braces inside it only occur in quotes. Of all
 * parts only `usb3` has the name of a device, and it occurs inside a device of that family.
 */

const CHARACTER = String.raw`(?:[^"\\]|\\.)`;
const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const PLAIN = String.raw`(?:${STRING}|[^,{}"\]]+)`;
const VALUE = String.raw`(?:\{[^"{}]*(?:${STRING}[^"{}]*)*\}|${PLAIN})`;
const KEY = /^([\w-]+)(\*)?(?:\.([\w-]+)(?:(:)|~(\w+))?)?$/;

/** Patterns in JSON for devices and for the wanted parts of them; null where devices are wanted whole. */
export interface WantedDevices {
  keys: readonly string[];
  parts: readonly string[] | null;
}

/**
 * The devices that these keys ask for: all of `net*`, or only a part, `net*.tag`. Of parts that are long and rarely alike, only
 * the text before the first colon, `scsi*.volume:`, or only values that contain a word, `scsi*.volume~cloudinit`. Null where no
 * key asks for a device.
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
 * The wanted devices of each configuration. Equal ones are one object: of ten thousand guests few differ in the wanted parts, and
 * one parse of everything is several times cheaper than one for each.
 */
export function devicesIn(texts: readonly string[], { keys, parts }: WantedDevices): GuestConfig[] {
  const device = new RegExp(String.raw`(?<!\\)"(?:${keys.join('|')})":\s*${VALUE}`, 'g');
  const part = parts && new RegExp(String.raw`(?<!\\)"(?:${parts.join('|')})`, 'g');
  const narrowed = (text: string) => {
    // A device that is no property string is a single text.
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

/** Closes a part of which only the beginning was taken. */
function closed(part: string): string {
  return part.endsWith(':') ? `${part}..."` : part;
}

import { IGNORED_CONFIG_KEYS, PROMOTED_CONFIG_KEYS, TEXT_CONFIG_KEYS } from '../model/fields.ts';
import { parsePropertyString } from '../model/property-string.ts';
import type { JsonObject, JsonValue } from '../model/state.ts';

/** Tags as a sorted list: PVE accepts `,`, `;` and blanks as separators. */
export function normaliseTags(tags: string | null | undefined): string[] {
  return splitList(tags, /[,;\s]+/);
}

/** A comma list without order, such as `content` or `nodes`, sorted. */
export function normaliseList(list: string | null | undefined): string[] {
  return splitList(list, /[,\s]+/);
}

function splitList(text: string | null | undefined, separator: RegExp): string[] {
  return [...new Set((text ?? '').split(separator).filter(part => part !== ''))].sort();
}

/** The placeholder PVE shows for a guest without a name: `VM 104`, `CT201`. */
export function realName(name: string | undefined, vmid: number): string | null {
  return name === undefined || name === `VM ${vmid}` || name === `CT${vmid}` ? null : name;
}

/**
 * A raw guest configuration in comparable form: property strings as objects, canonical numbers as numbers, booleans
 * as 0/1, promoted and ignored keys left out. Two spellings of the same configuration give equal results.
 */
export function normaliseConfig(raw: { [key: string]: unknown }): JsonObject {
  const config: JsonObject = {};
  for (const [key, value] of Object.entries(raw)) {
    if (
      IGNORED_CONFIG_KEYS.has(key) ||
      PROMOTED_CONFIG_KEYS.has(key) ||
      value === undefined ||
      value === null
    )
      continue;
    config[key] = normaliseValue(key, value);
  }
  return config;
}

/** One configuration value in comparable form, whether it came as a text, a number or a boolean. */
export function normaliseValue(key: string, value: unknown): JsonValue {
  const text = String(typeof value === 'boolean' ? Number(value) : value);
  if (TEXT_CONFIG_KEYS.has(key)) return text;
  const parsed = parsePropertyString(key, text);
  if (typeof parsed === 'string') return canonicalNumber(parsed);
  const parts: JsonObject = {};
  for (const name in parsed) parts[name] = canonicalNumber(parsed[name]!);
  return parts;
}

/** A number where writing it again gives the same text, else the text: `2048` but not `007` or `1.10`. */
function canonicalNumber(text: string): string | number {
  // Most texts are none, and begin so.
  if (!/^[-\d]/.test(text)) return text;
  const number = Number(text);
  return String(number) === text && Number.isFinite(number) ? number : text;
}

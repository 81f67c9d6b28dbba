import { IGNORED_CONFIG_KEYS, PROMOTED_CONFIG_KEYS, TEXT_CONFIG_KEYS } from '../model/fields.ts';
import { isFlagKey, isFlagPart, readFlag } from '../model/flag.ts';
import { parsePropertyString } from '../model/property-string.ts';
import { type JsonObject, type JsonValue, PENDING_DELETION } from '../model/state.ts';

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

/** A guest's name; null where it is missing or a placeholder of PVE (`VM 104`, `CT201`). */
export function realName(name: string | undefined, vmid: number): string | null {
  return name === undefined || name === `VM ${vmid}` || name === `CT${vmid}` ? null : name;
}

/**
 * A raw guest configuration in comparable form: property strings as objects, canonical numbers as numbers, booleans as 0 and 1,
 * without promoted and ignored keys. Two spellings of one configuration give equal results.
 */
export function normaliseConfig(raw: { [key: string]: unknown }): JsonObject {
  const config: JsonObject = {};
  for (const [key, value] of Object.entries(raw)) {
    if (isKeptInConfig(key) && value !== undefined && value !== null)
      config[key] = normaliseValue(key, value);
  }
  return config;
}

/** Whether a key is part of the normalised configuration, rather than elsewhere in the state or nowhere. */
export function isKeptInConfig(key: string): boolean {
  return !IGNORED_CONFIG_KEYS.has(key) && !PROMOTED_CONFIG_KEYS.has(key);
}

/** The same for pending values. */
export function normalisePending(raw: { [key: string]: unknown }): JsonObject {
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [
      key,
      value === PENDING_DELETION || value === null ? value : normaliseValue(key, value),
    ]),
  );
}

/**
 * One configuration value in comparable form, from a text, number or boolean, or from an object as an earlier version stored it.
 */
export function normaliseValue(key: string, value: unknown): JsonValue {
  if (typeof value === 'object' && value !== null) return normaliseParts(value);
  const text = String(typeof value === 'boolean' ? Number(value) : value);
  if (TEXT_CONFIG_KEYS.has(key)) return text;
  const parsed = parsePropertyString(key, text);
  if (typeof parsed === 'string') return canonical(isFlagKey(key), parsed);
  return normaliseParts(parsed);
}

function normaliseParts(value: object): JsonObject {
  const parts: JsonObject = {};
  for (const [name, part] of Object.entries(value)) parts[name] = canonical(isFlagPart(name), String(part));
  return parts;
}

/** A flag as 0 or 1, a number as a number. */
function canonical(isFlag: boolean, text: string): string | number {
  const flag = isFlag ? readFlag(text) : undefined;
  return flag === undefined ? canonicalNumber(text) : Number(flag);
}

/** A number if writing it gives the same text again, otherwise the text: `2048`, but not `007` or `1.10`. */
function canonicalNumber(text: string): string | number {
  // Most texts are no numbers, and their first character shows it.
  if (!/^[-\d]/.test(text)) return text;
  const number = Number(text);
  return String(number) === text && Number.isFinite(number) ? number : text;
}

import type { Facet } from '../../model/facet.ts';
import type { JsonObject, JsonValue } from '../../model/state.ts';
import { stateValue } from '../format/text.ts';
import type { Match } from './match.ts';
import type { Query } from './query.ts';

/** Shorter texts, and numbers, are found only as whole values: they would occur inside hundreds of others. */
const WITHIN_FROM = 3;

/**
 * Matches among all keys and values of a configuration, of its pending changes, or of what is set for the datacenter (`at` is
 * then empty, or `options`), as these are shown: a masked part cannot be guessed by searching.
 */
export function matchSettings(
  query: Query,
  at: 'config' | 'pending' | 'options' | '',
  settings: JsonObject,
  source: Facet = 'config',
): Match[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    key === 'description' && source === 'config'
      ? []
      : leavesOf(key, value).flatMap(leaf => matchLeaf(query, at, leaf, source)),
  );
}

interface Leaf {
  /** `net0.bridge`; the query may also name it `net.bridge` or `bridge`. */
  path: string;
  value: string;
}

function leavesOf(key: string, value: JsonValue): Leaf[] {
  if (value === null) return [];
  const parts: [string, JsonValue][] =
    typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map(([name, part]) => [`${key}.${name}`, part])
      : [[key, value]];
  return parts.map(([path, part]) => ({ path, value: String(stateValue(`config.${path}`, part)) }));
}

function matchLeaf(query: Query, at: string, { path, value }: Leaf, source: Facet): Match[] {
  const rank = rankOf(query, path.toLowerCase(), value.toLowerCase());
  return rank === null ? [] : [{ rank, field: at === '' ? path : `${at}.${path}`, value, source }];
}

function rankOf(
  { text, setting, isAddress, mac, wholeIp }: Query,
  path: string,
  value: string,
): number | null {
  const names = namesOf(path);
  if (setting !== null) return names.includes(setting.key) && value === setting.value ? 4 : null;
  if (mac !== null) return null;
  if (isAddress) return addressIn(value, text, wholeIp);
  if (value === text) return 4;
  if (names.includes(text)) return 6;
  const within = text.length >= WITHIN_FROM && !/^\d+$/.test(text);
  return within && ownText(path, value, text).includes(text) ? 7 : null;
}

/** Finds an address among others in a value, such as a list of name servers: `10.0.0.5` is not in `10.0.0.50`. */
function addressIn(value: string, text: string, whole: boolean): number | null {
  const words = value.split(/[\s,;=[\]]+/);
  if (words.some(word => word === text || word.split('/')[0] === text)) return 5;
  return !whole && words.some(word => word.startsWith(text)) ? 7 : null;
}

/** `net0.bridge`, `net0`, `net`, `net.bridge`, `bridge`. */
function namesOf(path: string): string[] {
  const [key = '', part] = path.split('.', 2);
  const family = key.replace(/\d+$/, '');
  return part === undefined ? [key, family] : [path, key, family, `${family}.${part}`, part];
}

/** A volume without its storage, whose name is compared only as a whole: `local` is not `local-zfs`. */
function ownText(path: string, value: string, text: string): string {
  return path.endsWith('.volume') && !text.includes(':') ? value.slice(value.indexOf(':') + 1) : value;
}

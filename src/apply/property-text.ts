import { configKey } from '../model/config/index.ts';
import { parsePropertyString } from '../model/property-string.ts';
import { GUEST_TYPES, type GuestType } from '../model/resource.ts';
import type { JsonValue } from '../model/state.ts';

/** A part of a value in comparable form; a value without parts is its default part. Null where it is not set. */
export function partOf(type: GuestType, key: string, value: JsonValue, part: string): JsonValue {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value[part] ?? null;
  return configKey(type, key)?.defaultPart === part ? value : null;
}

/**
 * A property string with one part set, or removed (null); all other parts stay as they are, in their places. Null for a value
 * without any part left. A card's model and MAC share one part: `virtio=BC:24:11:00:00:01`.
 */
export function withPart(
  key: string,
  text: string | null,
  part: string,
  value: string | null,
): string | null {
  const pieces = text === null || text === '' ? [] : text.split(',');
  const at = pieces.findIndex(piece => partsOf(key, piece).includes(part));
  const fresh = value === null ? null : pieceOf(key, pieces[at], part, value);
  // A default part comes first, without its name: then removing and restoring it gives the same text.
  const added = fresh !== null && isDefault(key, part) ? [value, ...pieces] : [...pieces, fresh];
  const next = at < 0 ? added : pieces.map((piece, index) => (index === at ? fresh : piece));
  const kept = next.filter(piece => piece !== null);
  return kept.length === 0 ? null : kept.join(',');
}

function isDefault(key: string, part: string): boolean {
  return GUEST_TYPES.some(type => configKey(type, key)?.defaultPart === part);
}

function parsedPiece(key: string, piece: string): { [part: string]: string } {
  const parsed = parsePropertyString(key, piece);
  return typeof parsed === 'string' ? {} : parsed;
}

function partsOf(key: string, piece: string): string[] {
  return Object.keys(parsedPiece(key, piece));
}

function pieceOf(key: string, piece: string | undefined, part: string, value: string): string {
  const { model, macaddr } = piece === undefined ? {} : parsedPiece(key, piece);
  if (model !== undefined && macaddr !== undefined)
    return part === 'model' ? `${value}=${macaddr}` : `${model}=${value}`;
  // A part written without a name stays without one.
  return piece !== undefined && !piece.includes('=') ? value : `${part}=${value}`;
}

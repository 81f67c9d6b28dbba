import { normaliseTags, normaliseValue } from '../history/normalise.ts';
import type { WantedValue } from '../model/operation.ts';
import type { GuestType } from '../model/resource.ts';
import type { JsonValue } from '../model/state.ts';

/** A guest as read after an operation. */
export interface Reading {
  /** Milliseconds by the clock that dated the sending. */
  at: number;
  /** It is the guest that was written to: neither gone, nor another life of its VMID. */
  sameGuest: boolean;
  /** The digest of the whole configuration. */
  digest: string;
  /** The values in force by key; keys that are not set are missing. */
  values: { readonly [key: string]: string };
  /** The pending values by key; null for a pending removal. */
  waiting: { readonly [key: string]: string | null };
  /** One of our tasks is running on it. */
  busy: boolean;
}

/**
 * The state of a value. `there`: as wanted. `waiting`: as wanted after the next restart. `old`: as it was before. `other`:
 * neither, so Proxmox stored something else than was sent, or somebody else wrote.
 */
export type Standing = 'there' | 'waiting' | 'old' | 'other';

/** The state of one wanted value in a reading. */
export function standingOf(type: GuestType, wanted: WantedValue, reading: Reading): Standing {
  const { key, from, waited, to } = wanted;
  const inForce = reading.values[key] ?? null;
  const waits = Object.hasOwn(reading.waiting, key);
  const next = waits ? reading.waiting[key]! : inForce;
  if (sameValue(type, key, next, to))
    return waits && !sameValue(type, key, inForce, to) ? 'waiting' : 'there';
  const asItWas = sameValue(type, key, next, waited === undefined ? from : waited);
  return asItWas && sameValue(type, key, inForce, from) ? 'old' : 'other';
}

/** Whether two values of a key are equal, regardless of the order of parts and tags, and of a container's final newline. */
export function sameValue(type: GuestType, key: string, a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || canonical(type, key, a) === canonical(type, key, b);
}

function canonical(type: GuestType, key: string, value: string): string {
  if (key === 'tags') return normaliseTags(value.toLowerCase()).join(';');
  const text = type === 'container' && key === 'description' ? value.replace(/\n$/, '') : value;
  return JSON.stringify(sorted(normaliseValue(key, text)));
}

function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

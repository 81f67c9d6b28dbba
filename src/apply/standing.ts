import { normaliseTags, normaliseValue } from '../history/normalise.ts';
import type { WantedValue } from '../model/operation.ts';
import type { GuestType } from '../model/resource.ts';
import type { JsonValue } from '../model/state.ts';

/** A guest as it was read again after an operation. */
export interface Reading {
  /** Milliseconds by the clock that dated the sending. */
  at: number;
  /** It is the guest that was written to: not gone, nor another life of its VMID. */
  sameGuest: boolean;
  /** Of the whole configuration. */
  digest: string;
  /** What is in force, by key; a key that is absent is absent. */
  values: { readonly [key: string]: string };
  /** What waits for a restart; null: the removal of the key. */
  waiting: { readonly [key: string]: string | null };
  /** One of our tasks runs on it. */
  busy: boolean;
}

/**
 * How a value stands. `there`: as wanted. `waiting`: as wanted once the guest restarts. `old`: as it was before. `other`:
 * neither, so Proxmox stored something else than was sent, or somebody else wrote.
 */
export type Standing = 'there' | 'waiting' | 'old' | 'other';

/** How one wanted value stands in a reading. */
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

/** Whether two values of a key are one, however they are written: order of parts and tags, a container's final newline. */
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

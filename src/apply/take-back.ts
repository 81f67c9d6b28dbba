import type { WantedValue } from '../model/operation.ts';
import type { GuestType } from '../model/resource.ts';
import type { GuestAddress, Operation } from '../proxmox/operations/index.ts';
import { writableKey } from '../proxmox/operations/index.ts';
import { type Reading, sameValue, standingOf } from './standing.ts';

/** What a failed operation left behind, as far as it may be undone. */
export interface LeftBehind {
  guest: GuestAddress;
  wanted: readonly WantedValue[];
  /** The digest in the first reading after our own write; undefined without one. */
  digestAfter: string | undefined;
}

/**
 * The next write that undoes what a failed operation left behind, or null where nothing is left to do: first pending values, then
 * those in force. Only our own values are touched; a value that is neither the one sent nor the former one is only restored if
 * nobody has written since. Each write uses the digest of `reading`; read again before the next one.
 */
export function nextTakeBack({ guest, wanted, digestAfter }: LeftBehind, reading: Reading): Operation | null {
  if (!reading.sameGuest || reading.busy) return null;
  const { digest } = reading;
  const untouched = digest === digestAfter;
  const ours = wanted.filter(one => isOurs(guest.type, one, reading, untouched));
  const waiting = ours.filter(
    ({ key, waited }) => waited === undefined && Object.hasOwn(reading.waiting, key),
  );
  if (waiting.length > 0) return { kind: 'revert', guest, keys: waiting.map(({ key }) => key), digest };
  const back = ours.filter(one => mayBePut(guest.type, one)).map(one => [one.key, former(one)] as const);
  if (back.length === 0) return null;
  const set = Object.fromEntries(back.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
  const remove = back.flatMap(([key, value]) => (value === null ? [key] : []));
  return { kind: 'config', guest, set, remove, digest };
}

/** Whether the present value is what we wrote, or what Proxmox made of it. */
function isOurs(type: GuestType, wanted: WantedValue, reading: Reading, untouched: boolean): boolean {
  if (writableKey(type, wanted.key) === undefined) return false;
  if (sameValue(type, wanted.key, former(wanted), wanted.to)) return false;
  const standing = standingOf(type, wanted, reading);
  return standing === 'there' || standing === 'waiting' || (standing === 'other' && untouched);
}

/** The value that a restart would have given before our write. */
function former({ from, waited }: WantedValue): string | null {
  return waited === undefined ? from : waited;
}

/** Whether the former value may be written: protection is never switched off, and some keys are never deleted. */
function mayBePut(type: GuestType, wanted: WantedValue): boolean {
  const { only, kept } = writableKey(type, wanted.key)!;
  const value = former(wanted);
  if (value === null) return !kept;
  return value !== '' && (only === undefined || value === only);
}

import type { GuestType } from '../../model/resource.ts';

/** `vm/101`: the key of a guest in maps of one run. */
export function guestKey(guest: { type: GuestType; id: number }): string {
  return `${guest.type}/${guest.id}`;
}

import type { GuestType } from '../../model/resource.ts';

/** The key of a guest, `vm/101`. */
export function guestKey(guest: { type: GuestType; id: number }): string {
  return `${guest.type}/${guest.id}`;
}

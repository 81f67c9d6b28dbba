import type { Detail } from '../../model/detail.ts';
import { earliest, type OurTime } from '../../model/time.ts';

/** The addresses that guests reported, and what is known of the others'. Times in ms. */
export interface AddressesObserved {
  told: Detail<'addresses'>[];
  /** What was reported before. */
  known: Detail<'addresses'>[];
  /** All guests (`vm/101`) that could tell; null where not all of them were looked at. */
  eligible: string[] | null;
  /** When the listing was read that says which guests run. */
  listedAt: OurTime;
  /** How old the addresses were as a whole. */
  lastLook: OurTime;
}

/** What is to be written of addresses. */
export interface AddressesDecided {
  rows: Detail<'addresses'>[];
  observedAt: OurTime;
  complete: boolean;
}

/**
 * Decides how old the addresses are as a whole: as the oldest of all guests that could tell; as before, where one of them never
 * did. Pure.
 */
export function decideAddresses({
  told,
  known,
  eligible,
  listedAt,
  lastLook,
}: AddressesObserved): AddressesDecided {
  const at = new Map([...known, ...told].map(row => [row.subject, row.observedAt]));
  const ages = eligible?.map(key => at.get(key)) ?? [undefined];
  const dated = ages.filter(one => one !== undefined);
  const complete = dated.length === ages.length;
  return { rows: told, observedAt: complete ? earliest(listedAt, ...dated) : lastLook, complete };
}

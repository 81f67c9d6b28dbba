import type { Detail } from '../../model/detail.ts';
import { earliest, type OurTime } from '../../model/time.ts';

/** The addresses that guests reported, and those already known of the others. Times in ms. */
export interface AddressesObserved {
  reported: Detail<'addresses'>[];
  /** What was reported before. */
  known: Detail<'addresses'>[];
  /** All guests (`vm/101`) that could have answered; null where only some were considered. */
  eligible: string[] | null;
  /** When the listing that says which guests are running was read. */
  listedAt: OurTime;
  /** The age of the addresses as a whole before this run. */
  lastLook: OurTime;
}

/** What is to be written about addresses. */
export interface AddressesDecided {
  rows: Detail<'addresses'>[];
  observedAt: OurTime;
  complete: boolean;
}

/**
 * Decides the age of the addresses as a whole: that of the oldest among all guests that could have answered, or the previous age
 * where one of them never has. Pure.
 */
export function decideAddresses({
  reported,
  known,
  eligible,
  listedAt,
  lastLook,
}: AddressesObserved): AddressesDecided {
  const at = new Map([...known, ...reported].map(row => [row.subject, row.observedAt]));
  const ages = eligible?.map(key => at.get(key)) ?? [undefined];
  const dated = ages.filter(one => one !== undefined);
  const complete = dated.length === ages.length;
  return { rows: reported, observedAt: complete ? earliest(listedAt, ...dated) : lastLook, complete };
}

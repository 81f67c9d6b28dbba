import type { Unconfirmed } from '../../model/entity.ts';
import type { OurTime } from '../../model/time.ts';

/** A fact of a row, as a look found it. */
export interface Told {
  /** It came with a value. */
  told: boolean;
  /** It came, and could not be read. */
  unread: boolean;
  /** There is a value from before. */
  known: boolean;
}

/**
 * The facts that a look did not tell, with the moment (ms) when each was last confirmed: `lastSeen`, unless it was open before.
 * What never had a value is open only where it could not be read. Null where all were told.
 */
export function openFacts(
  facts: { readonly [fact: string]: Told },
  before: Unconfirmed | null | undefined,
  lastSeen: OurTime | null,
): Unconfirmed | null {
  const open = Object.entries(facts).flatMap(
    ([fact, { told, unread, known }]): [string, OurTime | null][] => {
      const since = before?.[fact];
      if (told || !(unread || known || since !== undefined)) return [];
      return [[fact, since !== undefined ? since : known ? lastSeen : null]];
    },
  );
  return open.length === 0 ? null : Object.fromEntries(open);
}

import type { GuestEntity } from '../../model/entity.ts';
import { type Reason, reasonKey } from '../../model/reason.ts';
import { guestKey } from '../../model/resource.ts';
import type { GuestPart, Unseen } from '../../model/unseen.ts';

/** Most guests that a run names. */
const NAMED_AT_MOST = 1_000;

/** What an earlier run could not read of configurations, reduced to the guests for which `isStill` holds. */
export function stillUnread(former: readonly Unseen[], isStill: (guest: string) => boolean): Unseen[] {
  return former.flatMap((one): Unseen[] => {
    const left = one.what.code === 'config' ? (one.resources ?? []).filter(isStill) : [];
    if (left.length === 0) return [];
    const [first] = left as [string];
    const which = left.length === 1 ? { resource: first } : { count: left.length };
    return [{ ...one, what: { code: 'config', ...which }, resources: left }];
  });
}

/** Collects what could not be read of guests' configurations, grouped by reason. */
export class Failures {
  readonly #groups = new Map<string, { part: GuestPart; reason: Reason; guests: GuestEntity[] }>();

  /** Records that a guest's whole configuration (`config`), or one part that was refused alone, was not read, and why. */
  add(part: GuestPart, reason: Reason, guest: GuestEntity): void {
    const key = `${part}\n${reasonKey(reason)}`;
    const group = this.#groups.get(key) ?? { part, reason, guests: [] };
    group.guests.push(guest);
    this.#groups.set(key, group);
  }

  /** One entry per reason; `since` is when the first of its guests was last read. */
  unseen(): Unseen[] {
    return [...this.#groups.values()].map(({ part, reason, guests: [first, ...others] }) => ({
      what: {
        code: part,
        ...(others.length === 0 ? { resource: guestKey(first!) } : { count: others.length + 1 }),
      },
      since: first!.configSeen,
      reason,
      // Of a guest with one refused part, everything else was read.
      ...(part === 'config' && { resources: [first!, ...others].slice(0, NAMED_AT_MOST).map(guestKey) }),
    }));
  }
}

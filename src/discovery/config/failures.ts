import type { GuestEntity, Unseen } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import { type Reason, reasonKey } from '../../model/reason.ts';
import { guestKey } from '../common/guest-key.ts';

/** Most guests that a run names. */
const NAMED_AT_MOST = 1_000;

/** What could not be read of a guest: all of it, or a part that was refused alone. */
type Part = 'config' | keyof GuestReading['refused'];

const WORDS: { [part in Part]: string } = {
  config: 'config',
  pending: 'pending changes',
  snapshots: 'snapshots',
};

/** What could not be read of guests' configurations, summed up by reason. */
export class Failures {
  readonly #groups = new Map<string, { part: Part; reason: Reason; guests: GuestEntity[] }>();

  /** Notes that this part of a guest was not read, and why. */
  add(part: Part, reason: Reason, guest: GuestEntity): void {
    const key = `${part}\n${reasonKey(reason)}`;
    const group = this.#groups.get(key) ?? { part, reason, guests: [] };
    group.guests.push(guest);
    this.#groups.set(key, group);
  }

  /** One line for each reason; `since` is when the first of its guests was last read. */
  unseen(): Unseen[] {
    return [...this.#groups.values()].map(({ part, reason, guests: [first, ...others] }) => ({
      what: `${WORDS[part]} of ${others.length === 0 ? guestKey(first!) : `${others.length + 1} guests`}`,
      since: first!.configSeen,
      reason,
      // Of a part that was refused alone, all else was read.
      ...(part === 'config' && { resources: [first!, ...others].slice(0, NAMED_AT_MOST).map(guestKey) }),
    }));
  }
}

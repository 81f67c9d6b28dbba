import type { Detail } from '../../model/detail.ts';
import { guestKey } from '../../model/resource.ts';
import type { OurTime } from '../../model/time.ts';
import { age } from '../common/clock.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { readConfinement } from './read-seldom.ts';

/** How often raw configuration lines are read again (ms): they are edited by hand, and rarely. */
const READ_EVERY_MS = 86_400_000;
/** Most containers asked in one run: each costs a request. */
const AT_MOST = 100;

/** Reads how containers are confined, first of those never asked, then of those asked longest ago. */
export async function confinements(
  { api, store }: DiscoveryScope,
  { guests, inventory }: Ground,
  observedAt: OurTime,
): Promise<Detail<'confinement'>[]> {
  const known = new Map((await store.details('confinement')).map(row => [row.subject, row.observedAt]));
  const readAt = (key: string) => known.get(key) ?? 0;
  const due = [...guests.values()]
    .filter(guest => guest.type === 'container' && inventory.online.has(guest.nodeId))
    .filter(guest => age(readAt(guestKey(guest)), observedAt) > READ_EVERY_MS)
    .sort((a, b) => readAt(guestKey(a)) - readAt(guestKey(b)))
    .slice(0, AT_MOST);
  const read = due.map(async (guest): Promise<Detail<'confinement'>[]> => {
    const data = await readConfinement(api, guest.nodeId, guest.id);
    return data === undefined
      ? []
      : [{ topic: 'confinement', subject: guestKey(guest), source: '', data, observedAt }];
  });
  return (await Promise.all(read)).flat();
}

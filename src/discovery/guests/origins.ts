import { madeBy } from '../../history/clone-log.ts';
import type { GuestEntity } from '../../model/entity.ts';
import { guestKey } from '../../model/resource.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { type Origin, WINDOW_SLACK_MS } from './births.ts';
import { CLONE } from './evidence.ts';

/** How far clocks that count as equal may differ (ms). */
const CLOCKS_APART_MS = 5_000;
/** Resources whose history is read in one query. */
const BATCH = 200;

/**
 * How guests (`vm/101`) with backups got their VMIDs, given the time of each guest's `oldest` backup (ms). A guest missing from
 * the result owns all backups under its VMID.
 */
export async function originsOf(
  scope: DiscoveryScope,
  { guests }: Ground,
  oldest: ReadonlyMap<string, number>,
): Promise<Map<string, Origin>> {
  const keepers = [...oldest].flatMap(([key, at]) => {
    const guest = guests.get(key);
    return guest === undefined ? [] : [{ guest, at }];
  });
  // A guest older than its oldest backup has no predecessor among them, and nobody saw the guests of the first run arrive.
  const first = Math.min(...[...guests.values()].map(guest => guest.createdAt));
  const later = keepers.filter(({ guest, at }) => guest.createdAt > at);
  const many = later.length > BATCH;
  const arrived = later.flatMap(({ guest }) => (many && guest.createdAt === first ? [] : [guest]));
  const arrivals = await readArrivals(scope, arrived);
  return new Map(
    keepers.map(({ guest }) => {
      const arrival = arrivals.get(guestKey(guest)) ?? { created: null, tasks: [], cloned: false };
      return [guestKey(guest), { ctime: ctimeOf(guest), ...arrival }];
    }),
  );
}

/** How far the clocks that date backups and guests may differ (ms). */
export function clockSlack({ clocks }: DiscoveryScope, { inventory }: Ground): number {
  const off = [...inventory.online].map(node => Math.abs(clocks.ahead(node)));
  return CLOCKS_APART_MS + Math.max(0, ...off);
}

function ctimeOf({ identity }: GuestEntity): number | null {
  const ctime = /(?:^| )ctime=(\d+)/.exec(identity ?? '')?.[1];
  return ctime === undefined ? null : Number(ctime) * 1000;
}

async function readArrivals(
  { store }: DiscoveryScope,
  guests: readonly GuestEntity[],
): Promise<Map<string, Omit<Origin, 'ctime'>>> {
  const arrivals = new Map<string, Omit<Origin, 'ctime'>>();
  for (let start = 0; start < guests.length; start += BATCH) {
    const some = guests.slice(start, start + BATCH);
    const resources = some.map(({ type, id }) => ({ type, id: String(id) }));
    const steps = (await store.steps({ resources })).filter(step => step.change === 'created');
    for (const guest of some) {
      const created = steps.findLast(
        step =>
          step.type === guest.type &&
          step.resourceId === String(guest.id) &&
          step.incarnation === guest.incarnation,
      );
      if (created === undefined) continue;
      const span = {
        since: (created.windowAfter ?? created.windowBefore) - WINDOW_SLACK_MS,
        until: created.windowBefore,
      };
      const resource = { type: guest.type, id: String(guest.id) };
      const [own, clones] = await Promise.all([
        store.tasks({ resource, ...span }),
        store.tasks({ types: [CLONE[guest.type]], ...span }),
      ]);
      const cloned = clones.rows.some(
        task => task.status !== 'error' && (madeBy(task) ?? resource.id) === resource.id,
      );
      arrivals.set(guestKey(guest), { created, tasks: own.rows, cloned });
    }
  }
  return arrivals;
}

/** Whether a guest has appeared since backups were last read, under a VMID that had backups then: it is open whose they are. */
export async function hasOpenBackups({ store }: DiscoveryScope, { guests, clock }: Ground): Promise<boolean> {
  const last = await store.lastCommit('backups');
  if (last === null) return false;
  const read = clock.looked(last);
  // A guest that came with the run that read the backups is dated no later than that reading, and was taken into account.
  const fresh = [...guests.values()].filter(guest => guest.createdAt > read).map(guestKey);
  return fresh.length > 0 && (await store.details('backups', fresh)).length > 0;
}

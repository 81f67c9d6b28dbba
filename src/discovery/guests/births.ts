import type { Step } from '../../model/change.ts';
import type { GuestEntity, TaskEntity } from '../../model/entity.ts';
import type { RunContext } from '../common/context.ts';
import { guestKey } from '../common/guest-key.ts';
import { CLONE, CREATE, RESTORE } from './evidence.ts';

/** Clocks that count as equal are so far apart at most (ms). */
const CLOCKS_APART_MS = 5_000;
/** Tasks are dated in whole seconds, and a listing may lag behind them (ms). */
const WINDOW_SLACK_MS = 60_000;
/** Resources whose history is read at once. */
const BATCH = 200;

/** What is known of how a guest came to have its VMID. */
export interface Origin {
  /** When the machine was made (VMs since PVE 7): a clone bears the time of its original, a restored one its own former. */
  ctime: number | null;
  /** The version that tells its arrival, where it came in our sight. */
  created: Pick<Step, 'windowAfter' | 'windowBefore'> | null;
  /** Tasks that bear its VMID, in any order. */
  tasks: readonly TaskEntity[];
  /** A clone of its kind was made while it arrived. */
  cloned: boolean;
}

/**
 * From when on a guest can have had a backup (ms); null where nothing proves that there was a time before it. To be seen
 * for the first time proves nothing, and a restored guest owns the backups of its former life.
 */
export function bornAfter({ ctime, created, tasks, cloned }: Origin): number | null {
  const bounds = [ctime];
  if (created !== null) {
    const from = (created.windowAfter ?? created.windowBefore) - WINDOW_SLACK_MS;
    const made = tasks
      .filter(task => task.status !== 'error' && (CREATE.has(task.type) || RESTORE.has(task.type)))
      .filter(task => task.startTime <= created.windowBefore && (task.endTime ?? from) >= from)
      .sort((a, b) => a.startTime - b.startTime)
      .at(-1);
    if (made !== undefined && CREATE.has(made.type)) bounds.push(made.startTime);
    if (made === undefined && cloned) bounds.push(created.windowAfter);
  }
  const known = bounds.filter(bound => bound !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/**
 * For guests (`vm/101`) under whose VMID backups lie, the `oldest` of them told: from when on they are its own (ms, the
 * clocks' error taken off). A guest that is missing owns all of them.
 */
export async function birthsOf(
  context: RunContext,
  oldest: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const { guests, clocks, inventory } = context;
  const off = [...inventory.online].map(node => Math.abs(clocks.ahead(node)));
  const slack = CLOCKS_APART_MS + Math.max(0, ...off);
  const keepers = [...oldest].flatMap(([key, at]) => {
    const guest = guests.get(key);
    return guest === undefined ? [] : [{ guest, at }];
  });
  // Who was there before its oldest backup has no predecessor among them; nobody saw those arrive who came with the first run.
  const first = Math.min(...[...guests.values()].map(guest => guest.createdAt));
  const later = keepers.filter(({ guest, at }) => guest.createdAt > at);
  const many = later.length > BATCH;
  const arrived = later.flatMap(({ guest }) => (many && guest.createdAt === first ? [] : [guest]));
  const arrivals = await readArrivals(context, arrived);
  const births = new Map<string, number>();
  for (const { guest } of keepers) {
    const key = guestKey(guest);
    const arrival = arrivals.get(key) ?? { created: null, tasks: [], cloned: false };
    const born = bornAfter({ ctime: ctimeOf(guest), ...arrival });
    if (born !== null) births.set(key, born - slack);
  }
  return births;
}

function ctimeOf({ identity }: GuestEntity): number | null {
  const ctime = /(?:^| )ctime=(\d+)/.exec(identity ?? '')?.[1];
  return ctime === undefined ? null : Number(ctime) * 1000;
}

async function readArrivals(
  { store }: RunContext,
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
      const cloned = clones.rows.some(task => task.status !== 'error');
      arrivals.set(guestKey(guest), { created, tasks: own.rows, cloned });
    }
  }
  return arrivals;
}

/** Whether a guest has come since backups were last read under whose VMID some lay then: whose they are is open. */
export async function hasOpenBackups(context: RunContext): Promise<boolean> {
  const { store, guests, clock } = context;
  const last = await store.lastCommit('backups');
  if (last === null) return false;
  const read = clock.looked(last);
  // Who came with the run that read them is dated no later than that reading, and was judged by it.
  const fresh = [...guests.values()].filter(guest => guest.createdAt > read).map(guestKey);
  return fresh.length > 0 && (await store.details('backups', fresh)).length > 0;
}

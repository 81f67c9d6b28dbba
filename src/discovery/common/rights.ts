import { createHash } from 'node:crypto';
import type { Store } from '../../model/store.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { hasUnread, markUnread } from '../../proxmox/unread.ts';
import type { Api } from './api.ts';

const NOTE = 'rights';

/** How many tokens of different width are remembered per store. */
const REMEMBERED = 20;

/** A whole listing by a token of some width. */
export interface Listing {
  /** When it was read, in the cluster's time (ms). */
  at: number;
  /** It showed every guest there was. */
  ofAll: boolean;
}

/** What the token may see, compared with the last run: when it changes, appearing and vanishing prove nothing. */
export interface Rights {
  /** Another token than in the last run, or one with other rights. */
  changed: boolean;
  /**
   * The last whole listing in which what this token sees would have been seen: its own, or a later one of a token that
   * sees every guest; else the last one of any, in which it may have been hidden. Null where there was none.
   */
  lastListing: Listing | null;
  /** A token of this width has listed everything before. */
  known: boolean;
  /** The last whole listings of the other ones, by the digest of the rights they were read with. */
  listings: { [digest: string]: Listing };
  /** A guest without a pool may be in one that it cannot see. */
  poolsHidden: boolean;
  /** Whether a guest without a pool was in none, or in a hidden one, was not written down by the version that ran last. */
  poolsUnknown: boolean;
  /** No guest can come into sight that was there before, as one that joins a pool does for a token of that pool. */
  seesAllGuests: boolean;
  /** A storage that appears was created: every storage could be seen before. */
  seesAllStorage: boolean;
  /** Task lists show what everybody ran, not just the token's own user. */
  seesAllTasks: boolean;
  /** Every backup on this storage is listed; PVEAuditor may not see any. */
  seesBackups: (storage: string) => boolean;
  /** All options of the datacenter are reported, rather than some of them. */
  seesOptions: boolean;
  /** The cluster's log shows what others did. */
  readsLog: boolean;
  /** Fingerprint to remember once the run is committed; null where not all of them could be read. */
  digest: string | null;
}

/**
 * Reads the token's privileges. Paths of single guests and storages are left out of the comparison, since PVE lists
 * a pool's members there: a guest joining a pool is no change of rights.
 */
export async function readRights(
  api: Api,
  store: Store,
  /** When the last whole inventory was read, in the cluster's time (ms). */
  lastWhole: number | null,
): Promise<Rights> {
  const held = await readHeld(api);
  const paths = Object.keys(held)
    .filter(path => !/^\/(?:vms|storage)\/./.test(path))
    .sort();
  const text = paths
    .map(
      path =>
        `${path}:${Object.keys(held[path] ?? {})
          .sort()
          .join(',')}`,
    )
    .join('\n');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  // The value says whether a privilege holds below, too.
  const below = (path: string, privilege: string) => Number(held[path]?.[privilege] ?? 0) === 1;
  const allocates = (storage: string) =>
    below('/storage', 'Datastore.AllocateSpace') ||
    'Datastore.AllocateSpace' in (held[`/storage/${storage}`] ?? {});
  const { last, seesAll, listings, poolsUnknown = false } = await remembered(store);
  // The last whole inventory was that of the last token.
  if (last !== null && lastWhole !== null) listings[last] = { at: lastWhole, ofAll: seesAll };
  const own = listings[digest];
  const wide = Object.values(listings).filter(listing => listing.ofAll);
  const usable = own === undefined ? wide : [own, ...wide];
  return {
    changed: hasUnread(held) || last !== digest,
    known: own !== undefined,
    listings,
    lastListing: newest(usable) ?? withoutSight(newest(Object.values(listings))),
    poolsHidden: !below('/pool', 'Pool.Audit'),
    poolsUnknown,
    seesAllGuests: below('/vms', 'VM.Audit'),
    seesAllStorage: below('/storage', 'Datastore.Audit') || below('/storage', 'Datastore.AllocateSpace'),
    seesAllTasks: below('/nodes', 'Sys.Audit'),
    seesBackups: storage => allocates(storage) && below('/vms', 'VM.Backup'),
    seesOptions: 'Sys.Audit' in (held['/'] ?? {}),
    readsLog: 'Sys.Syslog' in (held['/'] ?? {}),
    digest: hasUnread(held) ? null : digest,
  };
}

/** What the token holds by path. An answer that cannot be had or read tells of no right, and so proves nothing. */
async function readHeld(api: Api): Promise<{ [path: string]: { [privilege: string]: unknown } }> {
  try {
    return await api.get(endpoints.access.permissions);
  } catch (error) {
    if (!(error instanceof ProxmoxError) || error.isOutage || error.kind === 'unauthorized') throw error;
    const none = {};
    markUnread(none, 'data');
    return none;
  }
}

/** Of two of the same moment the one that showed all tells more. */
function newest(listings: Listing[]): Listing | null {
  return listings.sort((a, b) => b.at - a.at || Number(b.ofAll) - Number(a.ofAll))[0] ?? null;
}

function withoutSight(listing: Listing | null): Listing | null {
  return listing && { ...listing, ofAll: false };
}

/** What the store keeps of rights: those of the last whole inventory, and when each of the others was. */
interface Remembered {
  last: string | null;
  seesAll: boolean;
  listings: Rights['listings'];
  poolsUnknown?: boolean;
}

/** Remembers what the token could see when a whole inventory was committed. */
export async function rememberRights(store: Store, rights: Rights): Promise<void> {
  if (rights.digest === null || (!rights.changed && !rights.poolsUnknown)) return;
  const { [rights.digest]: _, ...others } = rights.listings;
  const kept = Object.entries(others)
    .sort(([, a], [, b]) => b.at - a.at)
    .slice(0, REMEMBERED);
  const note: Remembered = {
    last: rights.digest,
    seesAll: rights.seesAllGuests,
    listings: Object.fromEntries(kept),
  };
  await store.saveNote(NOTE, JSON.stringify(note));
}

async function remembered(store: Store): Promise<Remembered> {
  const note = await store.note(NOTE);
  if (note?.startsWith('{')) return JSON.parse(note);
  // Earlier versions kept the digest of the last run alone.
  return { last: note, seesAll: false, listings: {}, poolsUnknown: note !== null };
}

import { createHash } from 'node:crypto';
import { parseNote, recordOf } from '../../model/note.ts';
import { isObject } from '../../model/state.ts';
import type { Store } from '../../model/store.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { hasUnread, markUnread } from '../../proxmox/unread.ts';
import type { Api } from './api.ts';

const NOTE = 'rights';

/** How many tokens with different rights are remembered per store. */
const REMEMBERED = 20;

/** A complete listing, read with certain rights. */
export interface Listing {
  /** When it was read, in the cluster's time (ms). */
  at: number;
  /** It showed every guest. */
  ofAll: boolean;
}

/** What the token may see, compared with the last run. When that changes, neither appearing nor vanishing proves anything. */
export interface Rights {
  /** The token, or its rights, are not those of the last run. */
  changed: boolean;
  /**
   * The last complete listing that would have shown what this token sees: one read with the same rights, or a later one of a
   * token that sees every guest. Failing that, the last one of any token, which may have hidden it. Null where there was none.
   */
  lastListing: Listing | null;
  /** A token with these rights has listed everything before. */
  known: boolean;
  /** The last complete listings with other rights, by the digest of those rights. */
  listings: { [digest: string]: Listing };
  /** A guest listed without a pool may be in one that the token cannot see. */
  poolsHidden: boolean;
  /** The version that ran last did not record whether a guest without a pool was in none or in a hidden one. */
  poolsUnknown: boolean;
  /** No existing guest can come into sight later, as one joining a pool does for a token of that pool. */
  seesAllGuests: boolean;
  /** A storage that appears was created: every storage was visible before. */
  seesAllStorage: boolean;
  /** Task lists show everybody's tasks, not just those of the token's own user. */
  seesAllTasks: boolean;
  /** Every backup on this storage is listed; with PVEAuditor alone none may be. */
  seesBackups: (storage: string) => boolean;
  /** All options of the datacenter are reported, rather than some of them. */
  seesOptions: boolean;
  /** The cluster's log shows what others did. */
  readsLog: boolean;
  /** Digest of the rights, to be remembered once the run is committed; null where they could not all be read. */
  digest: string | null;
}

/**
 * Reads the token's privileges. Paths of single guests and storages are left out of the digest, since PVE lists a pool's members
 * there: a guest joining a pool is no change of rights.
 */
export async function readRights(
  api: Api,
  store: Store,
  /** When the last complete inventory was read, in the cluster's time (ms). */
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
  // The value says whether a privilege also holds below the path.
  const below = (path: string, privilege: string) => Number(held[path]?.[privilege] ?? 0) === 1;
  const allocates = (storage: string) =>
    below('/storage', 'Datastore.AllocateSpace') ||
    'Datastore.AllocateSpace' in (held[`/storage/${storage}`] ?? {});
  const { last, seesAll, listings, poolsUnknown = false } = await remembered(store);
  // The last complete inventory was read with the last token.
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

/** The privileges held, by path. An answer that is refused or unreadable grants no right, and so proves nothing. */
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

/** Of two listings of the same moment, the one that showed every guest counts. */
function newest(listings: Listing[]): Listing | null {
  return listings.sort((a, b) => b.at - a.at || Number(b.ofAll) - Number(a.ofAll))[0] ?? null;
}

function withoutSight(listing: Listing | null): Listing | null {
  return listing && { ...listing, ofAll: false };
}

/** What the store keeps about rights: those of the last complete inventory, and when each of the others was used. */
interface Remembered {
  last: string | null;
  seesAll: boolean;
  listings: Rights['listings'];
  poolsUnknown?: boolean;
}

/** Records which rights a committed complete inventory was read with. */
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

function isRemembered(value: unknown): value is Remembered {
  if (!isObject(value)) return false;
  const { last, seesAll, listings } = value;
  return (last === null || typeof last === 'string') && typeof seesAll === 'boolean' && areListings(listings);
}

const areListings = recordOf(
  (value): value is Listing =>
    isObject(value) && Number.isFinite(value.at) && typeof value.ofAll === 'boolean',
);

async function remembered(store: Store): Promise<Remembered> {
  const note = await store.note(NOTE);
  // Earlier versions stored only the digest of the last run.
  return (
    parseNote(note, isRemembered) ?? { last: note, seesAll: false, listings: {}, poolsUnknown: note !== null }
  );
}

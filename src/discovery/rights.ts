import { createHash } from 'node:crypto';
import type { Store } from '../model/store.ts';
import { endpoints } from '../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../proxmox/proxmox-error.ts';
import { hasUnread, markUnread } from '../proxmox/unread.ts';
import type { Api } from './api.ts';

const NOTE = 'rights';

/** What the token may see, compared with the last run: when it changes, appearing and vanishing prove nothing. */
export interface Rights {
  changed: boolean;
  /** No guest can come into sight that was there before, as one that joins a pool does for a token of that pool. */
  seesAllGuests: boolean;
  /** A storage that appears was created: every storage could be seen before. */
  seesAllStorage: boolean;
  /** Task lists show what everybody ran, not just the token's own user. */
  seesAllTasks: boolean;
  /** Every backup on this storage is listed; PVEAuditor may not see any. */
  seesBackups: (storage: string) => boolean;
  /** The cluster's log shows what others did. */
  readsLog: boolean;
  /** Fingerprint to remember once the run is committed; null where not all of them could be read. */
  digest: string | null;
}

/**
 * Reads the token's privileges. Paths of single guests and storages are left out of the comparison, since PVE lists
 * a pool's members there: a guest joining a pool is no change of rights.
 */
export async function readRights(api: Api, store: Store): Promise<Rights> {
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
  return {
    changed: hasUnread(held) || (await store.note(NOTE)) !== digest,
    seesAllGuests: below('/vms', 'VM.Audit'),
    seesAllStorage: below('/storage', 'Datastore.Audit') || below('/storage', 'Datastore.AllocateSpace'),
    seesAllTasks: below('/nodes', 'Sys.Audit'),
    seesBackups: storage => allocates(storage) && below('/vms', 'VM.Backup'),
    readsLog: 'Sys.Syslog' in (held['/'] ?? {}),
    digest: hasUnread(held) ? null : digest,
  };
}

/** What the token holds by path. An answer that cannot be read tells of no right, and so proves nothing. */
async function readHeld(api: Api): Promise<{ [path: string]: { [privilege: string]: unknown } }> {
  try {
    return await api.get(endpoints.access.permissions);
  } catch (error) {
    if (!(error instanceof ProxmoxError) || !['bad-answer', 'too-large'].includes(error.kind)) throw error;
    const none = {};
    markUnread(none, 'data');
    return none;
  }
}

/** Remembers what the token could see when the inventory was committed. */
export async function rememberRights(store: Store, rights: Rights): Promise<void> {
  if (rights.changed && rights.digest !== null) await store.saveNote(NOTE, rights.digest);
}

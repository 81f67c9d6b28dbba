import type { StorageEntity } from '../../model/entity.ts';
import { type GuestType, guestKey } from '../../model/resource.ts';
import type { Unseen } from '../../model/unseen.ts';
import { endpoints, type Volume } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { hasUnread, isWhole } from '../../proxmox/unread.ts';
import { failureReason } from '../common/failure-reason.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { clockSlack, hasOpenBackups, originsOf } from '../guests/origins.ts';
import { asBackup, type Backup, type BackupListing, type BackupsObserved, TOPICS } from './decide.ts';

/** Where backups are looked for: a shared storage through any one node, a local storage on each node. */
interface Place {
  source: string;
  node: string;
  storage: string;
}

/**
 * Reads which guests have backups, storage by storage. A storage that does not answer keeps what it reported before. Complete
 * only where the token sees every storage and every backup: only then does no row mean no backup. Also reads unasked where a new
 * guest took a VMID under which backups lie, since it is then open whose they are.
 */
export async function collectBackups(
  scope: DiscoveryScope,
  ground: Ground,
  wanted: boolean,
): Promise<BackupsObserved | null> {
  if (!wanted && !(await hasOpenBackups(scope, ground))) return null;
  const { store } = scope;
  const { rights } = ground;
  const observedAt = scope.now();
  const storages = await store.storages();
  const keepers = storages.filter(storage => storage.enabled && storage.contentTypes.includes('backup'));
  const places = keepers.flatMap(storage => placesOf(storage, scope, ground));
  const silent = keepers.flatMap(storage => silentPlaces(storage, places, ground));
  const sighted = places.filter(place => rights.seesBackups(place.storage));
  const { read, unseen } = await readPlaces(scope, sighted);
  const kept = (await Promise.all(TOPICS.map(topic => store.details(topic)))).flat();
  const listed = [...read.values()].flatMap(one => one.backups);
  return {
    observedAt,
    read,
    kept,
    existing: new Set(storages.flatMap(storage => sourcesOf(storage, ground))),
    origins: await originsOf(scope, ground, oldestOf([...listed, ...kept.map(asBackup)])),
    slack: clockSlack(scope, ground),
    complete:
      rights.seesAllStorage &&
      keepers.every(storage => rights.seesBackups(storage.id)) &&
      silent.length === 0 &&
      unseen.length === 0 &&
      [...read.values()].every(one => !one.short),
    unseen: [
      ...silent.map(
        (source): Unseen => ({
          what: { code: 'backups-on', source },
          since: null,
          reason: { code: 'no-node-to-ask', of: 'backups' },
        }),
      ),
      ...unseen,
    ],
  };
}

async function readPlaces(
  { api }: DiscoveryScope,
  places: Place[],
): Promise<{ read: Map<string, BackupListing>; unseen: Unseen[] }> {
  const unseen: Unseen[] = [];
  const listings = await Promise.all(
    places.map(async ({ source, node, storage }): Promise<[string, BackupListing][]> => {
      try {
        const volumes = await api.get(endpoints.storage.content, { node, storage }, { content: 'backup' });
        return [[source, listingOf(volumes)]];
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        unseen.push({ what: { code: 'backups-on', source }, since: null, reason: failureReason(error) });
        return [];
      }
    }),
  );
  return { read: new Map(listings.flat()), unseen };
}

function oldestOf(backups: readonly Backup[]): Map<string, number> {
  const oldest = new Map<string, number>();
  for (const { subject, newestAt } of backups) {
    if (newestAt !== null) oldest.set(subject, Math.min(oldest.get(subject) ?? newestAt, newestAt));
  }
  return oldest;
}

/** The sources a storage has, whether or not they can be read now: its name, or `storage@node` for each node of a local one. */
function sourcesOf(storage: StorageEntity, { nodes }: Ground): string[] {
  if (storage.shared) return [storage.id];
  return [...nodes.values()]
    .filter(node => !node.removed && (storage.nodes.length === 0 || storage.nodes.includes(node.id)))
    .map(node => `${storage.id}@${node.id}`);
}

function placesOf(storage: StorageEntity, { api }: DiscoveryScope, { inventory, nodes }: Ground): Place[] {
  const able = [...inventory.online].filter(
    node => nodes.has(node) && (storage.nodes.length === 0 || storage.nodes.includes(node)),
  );
  const first = able.find(node => !api.silentNodes().has(node)) ?? able[0];
  return (storage.shared ? able.filter(node => node === first) : able).map(node => ({
    source: storage.shared ? storage.id : `${storage.id}@${node}`,
    node,
    storage: storage.id,
  }));
}

/** Sources that cannot be read now because their nodes are offline. */
function silentPlaces(storage: StorageEntity, places: Place[], ground: Ground): string[] {
  const asked = new Set(places.map(place => place.source));
  return sourcesOf(storage, ground).filter(source => !asked.has(source));
}

/** The archive's name contains the guest's type: `vzdump-lxc-200-...`, `backup/vm/101/...`. */
function listingOf(volumes: Volume[]): BackupListing {
  const unread = new Set<string>();
  const backups = volumes.flatMap((volume): Backup[] => {
    const { volid, size, ctime } = volume;
    const [, dump, backup, number] =
      /(?:vzdump-(qemu|lxc)-|backup\/(vm|ct)\/)([1-9]\d{0,8})?/.exec(volid) ?? [];
    const kind = dump ?? backup;
    const vmid = volume.vmid ?? (number === undefined ? undefined : Number(number));
    if (kind === undefined || vmid === undefined) return [];
    const type: GuestType = kind === 'qemu' || kind === 'vm' ? 'vm' : 'container';
    const subject = guestKey({ type, id: vmid });
    if (hasUnread(volume)) unread.add(subject);
    const at = ctime === undefined ? null : ctime * 1000;
    const bytes = size ?? 0;
    return [{ subject, count: 1, newestAt: at, bytes, volumes: [{ volume: volid, at, bytes }] }];
  });
  return { backups, short: !isWhole(volumes), unread };
}

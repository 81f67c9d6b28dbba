import type { BackupFacts, Detail } from '../model/detail.ts';
import type { StorageEntity } from '../model/entity.ts';
import type { GuestType } from '../model/resource.ts';
import { endpoints, type Volume } from '../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../proxmox/proxmox-error.ts';
import { hasUnread, isWhole } from '../proxmox/unread.ts';
import type { RunContext } from './context.ts';

/** One place to look for backups: a shared storage through any node, a local one on each. */
interface Place {
  source: string;
  node: string;
  storage: string;
}

/**
 * Reads which guests have backups, storage by storage, and commits it. A storage that does not answer keeps what it
 * told before. Complete only where the token sees every storage and every backup: then no row means no backup.
 */
export async function runBackups(context: RunContext): Promise<void> {
  const { api, store, lease, run, rights } = context;
  const observedAt = context.now();
  const storages = await store.storages();
  const keepers = storages.filter(storage => storage.enabled && storage.contentTypes.includes('backup'));
  const places = keepers.flatMap(storage => placesOf(storage, context));
  const silent = keepers.flatMap(storage => silentPlaces(storage, places, context));
  let complete =
    rights.seesAllStorage && keepers.every(storage => rights.seesBackups(storage.id)) && silent.length === 0;
  for (const source of silent)
    run.unseen.push({
      what: `backups on storage ${source}`,
      since: null,
      reason: 'no node to ask is online',
    });
  const former = Map.groupBy(await store.details('backups'), row => row.source);
  const told = await Promise.all(
    places
      .filter(place => rights.seesBackups(place.storage))
      .map(async ({ source, node, storage }) => {
        try {
          const volumes = await api.get(endpoints.storage.content, { node, storage }, { content: 'backup' });
          if (!isWhole(volumes)) complete = false;
          return { source, rows: backupsOf(volumes, source, observedAt, former.get(source) ?? []) };
        } catch (error) {
          if (!(error instanceof ProxmoxError)) throw error;
          complete = false;
          run.unseen.push({ what: `backups on storage ${source}`, since: null, reason: error.message });
          return null;
        }
      }),
  );
  const existing = new Set(storages.flatMap(storage => sourcesOf(storage, context)));
  const gone = [...former.keys()].filter(source => !existing.has(source));
  await store.commitFacet(lease, { runId: run.id, facet: 'backups', observedAt, complete }, async commit => {
    for (const source of gone) await commit.replaceDetails('backups', source, []);
    for (const one of told) if (one !== null) await commit.replaceDetails('backups', one.source, one.rows);
  });
}

/** What a storage is called where it was looked into, also where that cannot be done now. */
function sourcesOf(storage: StorageEntity, { nodes }: RunContext): string[] {
  if (storage.shared) return [storage.id];
  return [...nodes.values()]
    .filter(node => !node.removed && (storage.nodes.length === 0 || storage.nodes.includes(node.id)))
    .map(node => `${storage.id}@${node.id}`);
}

function placesOf(storage: StorageEntity, { api, inventory, nodes }: RunContext): Place[] {
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

/** Places nobody can look into, since their nodes are not online. */
function silentPlaces(storage: StorageEntity, places: Place[], context: RunContext): string[] {
  const asked = new Set(places.map(place => place.source));
  return sourcesOf(storage, context).filter(source => !asked.has(source));
}

/** Backups by guest. The archive's name tells the guest's type: `vzdump-lxc-200-...`, `backup/vm/101/...`. */
function backupsOf(
  volumes: Volume[],
  source: string,
  observedAt: number,
  former: readonly Detail<'backups'>[],
): Detail<'backups'>[] {
  const found = new Map<string, BackupFacts>();
  const unread = new Set<string>();
  for (const volume of volumes) {
    const { volid, size, ctime } = volume;
    const [, dump, backup, number] =
      /(?:vzdump-(qemu|lxc)-|backup\/(vm|ct)\/)([1-9]\d{0,8})?/.exec(volid) ?? [];
    const kind = dump ?? backup;
    const vmid = volume.vmid ?? (number === undefined ? undefined : Number(number));
    if (kind === undefined || vmid === undefined) continue;
    const type: GuestType = kind === 'qemu' || kind === 'vm' ? 'vm' : 'container';
    if (hasUnread(volume)) unread.add(`${type}/${vmid}`);
    const facts = found.get(`${type}/${vmid}`) ?? { count: 0, newestAt: null, bytes: 0 };
    found.set(`${type}/${vmid}`, {
      count: facts.count + 1,
      newestAt: ctime === undefined ? facts.newestAt : Math.max(facts.newestAt ?? 0, ctime * 1000),
      bytes: facts.bytes + (size ?? 0),
    });
  }
  const rows = [...found].map(
    ([subject, data]): Detail<'backups'> => ({ topic: 'backups', subject, source, data, observedAt }),
  );
  // Of whoever some backups could not be read, what was told before stands.
  const standing = former.filter(row => !isWhole(volumes) || unread.has(row.subject));
  const stands = new Set(standing.map(row => row.subject));
  return [...rows.filter(row => !stands.has(row.subject)), ...standing];
}

import type { BackupFacts, Detail } from '../../model/detail.ts';
import type { StorageEntity } from '../../model/entity.ts';
import type { GuestType } from '../../model/resource.ts';
import { endpoints, type Volume } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { hasUnread, isWhole } from '../../proxmox/unread.ts';
import type { RunContext } from '../common/context.ts';
import { failureReason } from '../common/failure-reason.ts';
import { birthsOf } from '../guests/births.ts';

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
      reason: { code: 'no-node-to-ask', of: 'backups' },
    });
  const told = await Promise.all(
    places
      .filter(place => rights.seesBackups(place.storage))
      .map(async ({ source, node, storage }) => {
        try {
          const volumes = await api.get(endpoints.storage.content, { node, storage }, { content: 'backup' });
          if (!isWhole(volumes)) complete = false;
          return [source, backupsOf(volumes)] as const;
        } catch (error) {
          if (!(error instanceof ProxmoxError)) throw error;
          complete = false;
          run.unseen.push({
            what: `backups on storage ${source}`,
            since: null,
            reason: failureReason(error),
          });
          return null;
        }
      }),
  );
  const kept = (await Promise.all(TOPICS.map(topic => store.details(topic)))).flat();
  const existing = new Set(storages.flatMap(storage => sourcesOf(storage, context)));
  const read = new Map(told.filter(one => one !== null));
  const listed = [...read.values()].flatMap(one => one.backups);
  const births = await birthsOf(context, oldestOf([...listed, ...kept.map(asBackup)]));
  await store.commitFacet(lease, { runId: run.id, facet: 'backups', observedAt, complete }, async commit => {
    for (const source of new Set([...read.keys(), ...kept.map(row => row.source)])) {
      const former = kept.filter(row => row.source === source);
      const rows = existing.has(source)
        ? nowOn(source, read.get(source), former, { births, observedAt })
        : [];
      if (read.has(source) || rows.length !== former.length || !rows.every(row => former.includes(row)))
        for (const topic of TOPICS)
          await commit.replaceDetails(
            topic,
            source,
            rows.filter(row => row.topic === topic),
          );
    }
  });
}

/** What is known of a storage's backups: as it lists them now; what it does not list (now) stands, but changes hands with the VMID. */
function nowOn(
  source: string,
  listing: Listing | undefined,
  former: readonly Detail<Topic>[],
  { births, observedAt }: { births: ReadonlyMap<string, number>; observedAt: number },
): Detail<Topic>[] {
  const standing = former.filter(row => listing === undefined || listing.stands(row.subject));
  const stands = new Set(standing.map(row => row.subject));
  const fresh = (listing?.backups ?? []).filter(one => !stands.has(one.subject));
  const listed = TOPICS.flatMap(topic =>
    rowsOf(
      topic,
      fresh.filter(one => topicOf(one, births) === topic),
      source,
      observedAt,
    ),
  );
  const moved = new Set(
    standing
      .filter(row => row.topic === 'backups' && topicOf(asBackup(row), births) !== row.topic)
      .map(row => row.subject),
  );
  const handed = [...moved].flatMap(subject => {
    const all = standing.filter(row => row.subject === subject);
    return rowsOf('former_backups', all.map(asBackup), source, Math.min(...all.map(row => row.observedAt)));
  });
  return [...listed, ...standing.filter(row => !moved.has(row.subject)), ...handed];
}

const TOPICS = ['backups', 'former_backups'] as const;
type Topic = (typeof TOPICS)[number];

/** One backup, or what is known of several: whose it is, when the newest was made (ms), and how large they are. */
interface Backup extends BackupFacts {
  subject: string;
}

/** A backup from before its guest is that of whoever had the VMID then. */
function topicOf({ subject, newestAt }: Backup, births: ReadonlyMap<string, number>): Topic {
  const born = births.get(subject);
  return born !== undefined && newestAt !== null && newestAt < born ? 'former_backups' : 'backups';
}

function asBackup({ subject, data }: Detail<Topic>): Backup {
  return { subject, ...data };
}

function oldestOf(backups: readonly Backup[]): Map<string, number> {
  const oldest = new Map<string, number>();
  for (const { subject, newestAt } of backups) {
    if (newestAt !== null) oldest.set(subject, Math.min(oldest.get(subject) ?? newestAt, newestAt));
  }
  return oldest;
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

/** What a storage lists. */
interface Listing {
  backups: Backup[];
  /** Not all of a guest's backups could be read: what was told of it before stands. */
  stands(subject: string): boolean;
}

/** The archive's name tells the guest's type: `vzdump-lxc-200-...`, `backup/vm/101/...`. */
function backupsOf(volumes: Volume[]): Listing {
  const unread = new Set<string>();
  const backups = volumes.flatMap((volume): Backup[] => {
    const { volid, size, ctime } = volume;
    const [, dump, backup, number] =
      /(?:vzdump-(qemu|lxc)-|backup\/(vm|ct)\/)([1-9]\d{0,8})?/.exec(volid) ?? [];
    const kind = dump ?? backup;
    const vmid = volume.vmid ?? (number === undefined ? undefined : Number(number));
    if (kind === undefined || vmid === undefined) return [];
    const type: GuestType = kind === 'qemu' || kind === 'vm' ? 'vm' : 'container';
    const subject = `${type}/${vmid}`;
    if (hasUnread(volume)) unread.add(subject);
    return [{ subject, count: 1, newestAt: ctime === undefined ? null : ctime * 1000, bytes: size ?? 0 }];
  });
  return { backups, stands: subject => !isWhole(volumes) || unread.has(subject) };
}

/** Backups summed up by guest. */
function rowsOf(
  topic: Topic,
  backups: readonly Backup[],
  source: string,
  observedAt: number,
): Detail<Topic>[] {
  return [...Map.groupBy(backups, backup => backup.subject)].map(([subject, theirs]) => {
    const times = theirs.flatMap(({ newestAt }) => newestAt ?? []);
    const data = {
      count: theirs.reduce((sum, one) => sum + one.count, 0),
      newestAt: times.length === 0 ? null : Math.max(...times),
      bytes: theirs.reduce((sum, one) => sum + one.bytes, 0),
    };
    return { topic, subject, source, data, observedAt };
  });
}

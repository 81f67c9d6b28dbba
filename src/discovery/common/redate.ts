import { DETAIL_TOPICS, type Detail } from '../../model/detail.ts';
import type { GuestEntity, NodeEntity, NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import { storableTime } from '../../model/limits.ts';
import type { CommitWriter, StoreReader } from '../../model/store.ts';
import { type OurTime, ourTime } from '../../model/time.ts';

/*
 * Moments are recorded by our own clock. When it was set, those of what is known are moved along, so that they can be compared
 * with the ones it tells from now on.
 */

/** A guest with its moments moved (ms). Its creation and start are in the cluster's time, and stay. */
export function redatedGuest(guest: GuestEntity, by: number): GuestEntity {
  const { unconfirmed } = guest;
  return {
    ...guest,
    bootAt: moved(guest.bootAt, by),
    lastSeen: moved(guest.lastSeen, by),
    configSeen: moved(guest.configSeen, by),
    unconfirmed:
      unconfirmed &&
      Object.fromEntries(Object.entries(unconfirmed).map(([fact, at]) => [fact, moved(at, by)])),
  };
}

/** A node with its moments moved (ms). */
export function redatedNode(node: NodeEntity, by: number): NodeEntity {
  return { ...node, bootAt: moved(node.bootAt, by), lastSeen: moved(node.lastSeen, by) };
}

/** What other facets know, with its moments moved. */
export interface RedatedFacets {
  storages: StorageEntity[];
  nodeStorages: NodeStorageEntity[];
  details: Detail[];
}

/** What other facets than the inventory know, with its moments moved (ms). */
export async function redateFacets(store: StoreReader, by: number): Promise<RedatedFacets> {
  const [storages, nodeStorages, ...details] = await Promise.all([
    store.storages(),
    store.nodeStorages(),
    ...DETAIL_TOPICS.map(topic => store.details(topic) as Promise<Detail[]>),
  ]);
  return {
    storages: storages.map(one => ({ ...one, lastSeen: moved(one.lastSeen, by) })),
    nodeStorages: nodeStorages.map(one => ({ ...one, lastSeen: moved(one.lastSeen, by) })),
    details: details.flat().map(one => ({ ...one, observedAt: moved(one.observedAt, by)! })),
  };
}

/** Writes what `redateFacets` moved. */
export async function commitRedated(commit: CommitWriter, facets: RedatedFacets): Promise<void> {
  await commit.upsertStorages(facets.storages);
  await commit.upsertNodeStorages(facets.nodeStorages);
  await commit.upsertDetails(facets.details);
}

function moved(at: OurTime | null, by: number): OurTime | null {
  return at === null ? null : ourTime(storableTime(at + by));
}

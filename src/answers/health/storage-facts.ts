import type { Fill, StorageHealth } from '../../health/facts.ts';
import type { NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import type { StoreReader } from '../../model/store.ts';
import { storageFacts as factsOfStorage } from '../storage/fact.ts';
import { storageSight } from '../storage/load.ts';
import { pastFills } from './past-fills.ts';

/**
 * What checks need to know about storages: which nodes reach them, and how they filled up until `now` (the cluster's time, ms).
 */
export async function storageFacts(store: StoreReader, now: number): Promise<StorageHealth[]> {
  const [storages, views, sight, reported] = await Promise.all([
    store.storages(),
    store.nodeStorages(),
    storageSight(store),
    store.details('storage_reason'),
  ]);
  const reasons = new Map(reported.map(row => [`${row.subject}@${row.source}`, row.data.text]));
  const past = await pastFills(
    store,
    storages.map(storage => storage.id),
    now,
  );
  const byStorage = Map.groupBy(views, view => view.storageId);
  return storages.map(storage =>
    storageHealth(storage, byStorage.get(storage.id) ?? [], sight, {
      pastOf: node => past.get(`${storage.id}@${node ?? ''}`) ?? [],
      reasonOf: node => reasons.get(`${storage.id}@${node}`) ?? null,
    }),
  );
}

function storageHealth(
  storage: StorageEntity,
  views: NodeStorageEntity[],
  sight: { readAt: number },
  {
    pastOf,
    reasonOf,
  }: { pastOf: (node: string | null) => Fill['past']; reasonOf: (node: string) => string | null },
): StorageHealth {
  const { id, type, contentTypes, shared, enabled, nodes, unseenReason, lastSeen } = storage;
  const isSeen = (view: NodeStorageEntity) =>
    unseenReason === null && view.lastSeen !== null && view.lastSeen >= sight.readAt;
  return {
    id,
    type,
    content: contentTypes,
    shared,
    enabled,
    nodes,
    out: unseenReason === null ? null : { since: lastSeen, reason: unseenReason },
    reach: views.map(view => ({
      node: view.nodeId,
      active: isSeen(view) ? view.active : null,
      reason: view.active === false ? reasonOf(view.nodeId) : null,
    })),
    fills: factsOfStorage(storage, views, sight).map(view => ({
      node: view.node,
      totalBytes: view.totalBytes,
      usedBytes: view.usedBytes,
      isCurrent: view.isSizeCurrent,
      past: pastOf(view.node),
    })),
  };
}

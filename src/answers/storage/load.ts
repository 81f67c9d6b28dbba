import type { NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import type { StorageState } from '../../model/state.ts';
import type { StoreReader } from '../../model/store.ts';
import { type OurTime, ourTime } from '../../model/time.ts';
import { nodeSightsAt, type OutOfSight, unseenAt } from '../in-sight.ts';
import { type StorageFact, type StorageSight, storageFacts } from './fact.ts';

/** When storages were last read, which answers about them need to know. */
export async function storageSight(store: StoreReader): Promise<StorageSight> {
  return { readAt: (await store.lastCommit('storage'))?.observedAt ?? 0 };
}

/**
 * The storages at present, only those on one `node` if given; or, for a list that began at a place in the sequence (`from`), the
 * storages of that time with today's sizes.
 */
export async function loadStorages(
  store: StoreReader,
  { node, from }: { node?: string | undefined; from?: number | undefined } = {},
): Promise<StorageFact[]> {
  const [sight, { storages, views }] = await Promise.all([
    storageSight(store),
    from === undefined ? present(store) : storagesAt(store, from),
  ]);
  return factsOf(storages, views, sight, node);
}

async function present(store: StoreReader): Promise<Storages> {
  const [storages, views] = await Promise.all([store.storages(), store.nodeStorages()]);
  return { storages, views };
}

/** Later than any real look (ms). */
const AS_OF_THEN = ourTime(Number.MAX_SAFE_INTEGER);

/** The storages as they were at a place in the sequence; sizes are not kept. */
export async function loadStoragesThen(
  store: StoreReader,
  seq: number,
  node?: string,
): Promise<StorageFact[]> {
  const [{ storages, views }, unseen, nodes, lastRead] = await Promise.all([
    storagesAt(store, seq),
    unseenAt(store, seq, 'storage'),
    nodeSightsAt(store, seq),
    lastReadOfLost(store, seq),
  ]);
  // Past views do not tell when each was read: views of nodes in sight count as read at that time.
  const seenAt = (id: string) => {
    const out = unseen.get(`node/${id}`);
    if (out !== undefined) return out.since;
    return nodes.standing.has(id) && !nodes.unseen.has(id)
      ? AS_OF_THEN
      : (lastRead.get(id) ?? nodes.unseen.get(id)?.since ?? null);
  };
  const facts = factsOf(
    storages.map(storage => ({ ...storage, ...outOf(unseen.get(`storage/${storage.id}`)) })),
    views.map(view => ({ ...view, lastSeen: seenAt(view.nodeId) })),
    { readAt: AS_OF_THEN },
    node,
  );
  return facts.map(fact => ({
    ...fact,
    totalBytes: null,
    usedBytes: null,
    freeBytes: null,
    isSizeCurrent: false,
    unconfirmed: null,
  }));
}

/** For each node that was off at that place in the sequence, when storages were last read before it went off (ms). */
async function lastReadOfLost(store: StoreReader, seq: number): Promise<Map<string, OurTime>> {
  const nodes = await store.everythingAt(seq, 'node');
  const lost = nodes.filter(({ state }) => state['status'] !== 'online');
  const reads = lost.map(async ({ resourceId, seq: wentOff }): Promise<[string, OurTime][]> => {
    const read = await store.lastCommit('storage', { upTo: wentOff });
    return read === null ? [] : [[resourceId, read.observedAt]];
  });
  return new Map((await Promise.all(reads)).flat());
}

function outOf(out: OutOfSight | undefined): Pick<StorageEntity, 'lastSeen' | 'unseenReason'> {
  return { lastSeen: out?.since ?? null, unseenReason: out?.reason ?? null };
}

function factsOf(
  storages: readonly StorageEntity[],
  views: readonly NodeStorageEntity[],
  sight: StorageSight,
  node: string | undefined,
): StorageFact[] {
  const viewsOf = Map.groupBy(views, view => view.storageId);
  return storages.flatMap(storage => storageFacts(storage, viewsOf.get(storage.id) ?? [], sight, node));
}

interface Storages {
  storages: StorageEntity[];
  views: NodeStorageEntity[];
}

/** Storages as each node saw them at that place in the sequence, with today's sizes. */
async function storagesAt(store: StoreReader, seq: number): Promise<Storages> {
  const [versions, current, currentViews, nodes] = await Promise.all([
    store.everythingAt(seq, 'storage'),
    store.storages(),
    store.nodeStorages(),
    store.everythingAt(seq, 'node'),
  ]);
  const known = new Map(current.map(storage => [storage.id, storage]));
  const seen = new Map(currentViews.map(view => [`${view.storageId}\n${view.nodeId}`, view]));
  const storages: StorageEntity[] = [];
  const views: NodeStorageEntity[] = [];
  for (const version of versions) {
    const state = version.state as StorageState;
    const id = version.resourceId;
    const { content, unreachable: _, unreachable_reasons: __, ...rest } = state;
    storages.push({ ...blankStorage(id), ...known.get(id), ...rest, contentTypes: content });
    for (const nodeId of state.nodes.length > 0 ? state.nodes : nodes.map(node => node.resourceId)) {
      const view = seen.get(`${id}\n${nodeId}`);
      const active = state.unreachable.includes(nodeId)
        ? false
        : view?.active === false
          ? true
          : view?.active;
      views.push({ ...blankView(nodeId, id), ...view, active: active ?? null });
    }
  }
  return { storages, views };
}

function blankStorage(id: string): StorageEntity {
  return {
    id,
    type: '',
    contentTypes: [],
    enabled: true,
    shared: false,
    nodes: [],
    path: null,
    options: {},
    totalBytes: null,
    usedBytes: null,
    availableBytes: null,
    incarnation: 0,
    lastSeen: null,
    unseenReason: null,
    createdAt: ourTime(0),
    updatedAt: 0,
  };
}

function blankView(nodeId: string, storageId: string): NodeStorageEntity {
  return {
    nodeId,
    storageId,
    active: null,
    totalBytes: null,
    usedBytes: null,
    availableBytes: null,
    lastSeen: null,
    unconfirmed: null,
  };
}

import type { NodeEntity, NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import type { NodeState, StorageState } from '../../model/state.ts';
import type { StoreReader } from '../../model/store.ts';

/** Nodes as the first page of a list saw them: those there were, in the status they had. Usage is not kept and is today's. */
export async function nodesAt(store: StoreReader, seq: number): Promise<NodeEntity[]> {
  const [versions, nodes] = await Promise.all([
    store.everythingAt(seq, 'node'),
    store.nodes({ includeRemoved: true }),
  ]);
  const known = new Map(nodes.map(node => [node.id, node]));
  return versions.flatMap(version => {
    const node = known.get(version.resourceId);
    const { status, version: pveVersion } = version.state as unknown as NodeState;
    return node === undefined ? [] : [{ ...node, status, pveVersion: pveVersion ?? node.pveVersion }];
  });
}

/** Storages and how each node saw them at that place in the sequence; sizes are today's. */
export async function storagesAt(
  store: StoreReader,
  seq: number,
): Promise<{ storages: StorageEntity[]; views: NodeStorageEntity[] }> {
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
    const state = version.state as unknown as StorageState;
    const id = version.resourceId;
    const { content, unreachable: _, ...rest } = state;
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
    createdAt: 0,
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
  };
}

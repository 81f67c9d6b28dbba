import type { GuestConfigEntity, GuestEntity, NodeEntity, StorageEntity } from '../model/entity.ts';
import { LASTING_LOCKS } from '../model/fields.ts';
import type { GuestState, NodeState, StorageState } from '../model/state.ts';

/** Drops undefined and null entries, so that states contain only what is known. */
function known<T extends object>(value: { [K in keyof T]: T[K] | null | undefined }): T {
  const kept: Partial<T> = {};
  for (const key in value) {
    const one = value[key];
    if (one !== null && one !== undefined) kept[key] = one;
  }
  return kept as T;
}

/** A guest's state as history keeps it; without `config` where its configuration has not been read yet. */
export function guestState(guest: GuestEntity, config?: GuestConfigEntity | null): GuestState {
  return known<GuestState>({
    name: guest.name,
    status: guest.status,
    node: guest.nodeId,
    tags: guest.tags,
    pool: guest.pool,
    template: guest.template,
    lock: LASTING_LOCKS.has(guest.lockStatus ?? '') ? guest.lockStatus : null,
    ha: guest.haState,
    started_at: guest.startedAt,
    config: config?.config,
    pending: config?.pending,
    snapshots: config?.snapshots,
  });
}

/** A node's state as history keeps it. */
export function nodeState(node: NodeEntity): NodeState {
  return known<NodeState>({ status: node.status, version: node.pveVersion, started_at: node.startedAt });
}

/** A storage's state as history keeps it; `unreachable` names the nodes that should reach it and cannot. */
export function storageState(storage: StorageEntity, unreachable: string[]): StorageState {
  return {
    type: storage.type,
    content: storage.contentTypes,
    shared: storage.shared,
    enabled: storage.enabled,
    nodes: storage.nodes,
    unreachable: [...unreachable].sort(),
    options: storage.options,
  };
}

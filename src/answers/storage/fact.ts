import type { NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import type { JsonObject } from '../../model/state.ts';
import type { STORAGE_STATUSES } from '../../model/status.ts';
import { latestOf } from '../../model/time.ts';
import type { OutOfSight } from '../in-sight.ts';

/** How a storage is; `unknown` where nobody can tell at present. */
export type StorageStatus = (typeof STORAGE_STATUSES)[number];

/** One storage in one place: a shared one once, a local one on each node that it is meant for. */
export interface StorageFact {
  storage: string;
  type: string;
  shared: boolean;
  enabled: boolean;
  content: readonly string[];
  options: JsonObject;
  /** The node that it is local to; null where all share it. */
  node: string | null;
  /** Where it can be used; of one that is disabled, what its definition names. */
  nodes: readonly string[];
  status: StorageStatus;
  /** What it was when last seen, where that is not the present. */
  lastStatus: StorageStatus | null;
  /** Nodes that do not reach it, though others do; those of the last look where it is out of sight. */
  cutOff: readonly string[];
  out: OutOfSight | null;
  /** Nodes whose own view of a shared storage is not the present, though another one's is. */
  unseenFrom: readonly string[];
  totalBytes: number | null;
  usedBytes: number | null;
  freeBytes: number | null;
  /** Whether the sizes are those of the present: what cannot be reached has its last ones. */
  isSizeCurrent: boolean;
}

/** When the storages were last read from the nodes (ms): an older view is not the present. */
export interface StorageSight {
  readAt: number;
}

/** A shared storage as one fact, a local one as a fact for each node it is meant for; on one `node` alone where told. */
export function storageFacts(
  storage: StorageEntity,
  views: readonly NodeStorageEntity[],
  { readAt }: StorageSight,
  node?: string,
): StorageFact[] {
  const usable = views.filter(view => node === undefined || view.nodeId === node);
  if (usable.length === 0 && (node !== undefined || views.length > 0)) return [];
  const lost =
    storage.unseenReason === null ? null : { since: storage.lastSeen, reason: storage.unseenReason };
  const { id, type, shared, enabled, contentTypes: content, options } = storage;
  const common = { storage: id, type, shared, enabled, content, options };
  if (!enabled) {
    const sizes = { totalBytes: null, usedBytes: null, freeBytes: null, isSizeCurrent: false };
    const how = { status: lost === null ? ('disabled' as const) : ('unknown' as const), out: lost };
    return [
      {
        ...common,
        ...how,
        lastStatus: lost && 'disabled',
        node: null,
        nodes: storage.nodes,
        cutOff: [],
        unseenFrom: [],
        ...sizes,
      },
    ];
  }
  const isCurrent = (view: NodeStorageEntity) =>
    lost === null && view.lastSeen !== null && view.lastSeen >= readAt;
  const fact = (of: readonly NodeStorageEntity[], size: StorageEntity | NodeStorageEntity): StorageFact => {
    const current = of.filter(isCurrent);
    const out = current.length > 0 ? null : (lost ?? notTold(of));
    const seen = out === null ? current : of;
    const { status, cutOff } = statusOf(seen);
    return {
      ...common,
      node: shared ? null : of[0]!.nodeId,
      nodes: of.map(view => view.nodeId),
      status: out === null ? status : 'unknown',
      lastStatus: out === null || of.every(view => view.active === null) ? null : status,
      cutOff,
      out,
      unseenFrom: out === null ? of.filter(view => !isCurrent(view)).map(view => view.nodeId) : [],
      totalBytes: size.totalBytes,
      usedBytes: size.usedBytes,
      freeBytes: size.availableBytes,
      isSizeCurrent: current.some(view => view.active === true),
    };
  };
  return shared ? [fact(usable, storage)] : usable.map(view => fact([view], view));
}

function statusOf(views: readonly NodeStorageEntity[]): { status: StorageStatus; cutOff: string[] } {
  const cut = views.filter(view => view.active === false).map(view => view.nodeId);
  return {
    status: cut.length === 0 ? 'available' : 'unreachable',
    cutOff: cut.length === views.length ? [] : cut,
  };
}

function notTold(views: readonly NodeStorageEntity[]): OutOfSight {
  const seen = views.flatMap(view => view.lastSeen ?? []);
  const nodes = views.map(view => view.nodeId);
  return {
    since: latestOf(seen),
    reason: { code: 'storage-untold', nodes },
  };
}

import type { NodeStorageEntity, StorageEntity, Unconfirmed } from '../../model/entity.ts';
import type { JsonObject } from '../../model/state.ts';
import type { STORAGE_STATUSES } from '../../model/status.ts';
import { latestOf } from '../../model/time.ts';
import type { OutOfSight } from '../in-sight.ts';

/** The status of a storage; `unknown` if it cannot be told at present. */
export type StorageStatus = (typeof STORAGE_STATUSES)[number];

/** One storage in one place: a shared one once, a local one on each node where it can be used. */
export interface StorageFact {
  storage: string;
  type: string;
  shared: boolean;
  enabled: boolean;
  content: readonly string[];
  options: JsonObject;
  /** The node of a local storage; null if it is shared. */
  node: string | null;
  /** Where it can be used; if it is disabled, the nodes in its definition. */
  nodes: readonly string[];
  status: StorageStatus;
  /** Its status when last seen, if that is not the present. */
  lastStatus: StorageStatus | null;
  /** Nodes that do not reach it, though others do; as last seen if it is out of sight. */
  cutOff: readonly string[];
  out: OutOfSight | null;
  /** Nodes whose own view of a shared storage is out of date, though another node's is not. */
  unseenFrom: readonly string[];
  totalBytes: number | null;
  usedBytes: number | null;
  freeBytes: number | null;
  /** Whether the sizes are the present ones; an unreachable storage has its last known ones. */
  isSizeCurrent: boolean;
  /** Sizes that the last look did not tell: when each last was (ms), null if never. */
  unconfirmed: Unconfirmed | null;
}

/** When storages were last read from the nodes (ms): older views are not the present. */
export interface StorageSight {
  readAt: number;
}

/** A shared storage as one fact, a local one as a fact per node; only for one `node`, if given. */
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
    const sizes = {
      totalBytes: null,
      usedBytes: null,
      freeBytes: null,
      isSizeCurrent: false,
      unconfirmed: null,
    };
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
    const out = current.length > 0 ? null : (lost ?? notReported(of));
    const seen = out === null ? current : of;
    const { status, cutOff } = statusOf(seen);
    const reached = current.filter(view => view.active === true);
    // The sizes of a shared storage come from a node that told them all, if there is one.
    const unconfirmed = reached.some(view => view.unconfirmed === null)
      ? null
      : (reached[0]?.unconfirmed ?? null);
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
      isSizeCurrent: reached.length > 0 && unconfirmed === null,
      unconfirmed,
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

function notReported(views: readonly NodeStorageEntity[]): OutOfSight {
  const seen = views.flatMap(view => view.lastSeen ?? []);
  const nodes = views.map(view => view.nodeId);
  return {
    since: latestOf(seen),
    reason: { code: 'storage-not-reported', nodes },
  };
}

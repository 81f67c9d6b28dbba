import type { Row } from '../../mcp/define/output.ts';
import type { NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import { gib, percent } from '../format/units.ts';
import { type OutOfSight, unseenFields } from '../in-sight.ts';

/** When the storages were last read from the nodes (ms): an older view is not the present. */
export interface StorageSight {
  readAt: number;
  timeZone: string;
}

/** What is shown of one storage in one place. */
export interface StorageView {
  /** The node that it is local to; null where all share it. */
  node: string | null;
  /** `available`, `unreachable`, `unreachable from pve2`, `disabled`, or `unknown` where nobody can tell at present. */
  status: string;
  /** What it was when last seen, where that is not the present. */
  lastStatus: string | null;
  out: OutOfSight | null;
  /** Nodes whose own view of a shared storage is not the present, though another one's is. */
  unseenFrom: string[];
  totalBytes: number | null;
  usedBytes: number | null;
  /** Whether the sizes are those of the present: what cannot be reached has its last ones. */
  isSizeCurrent: boolean;
}

/** A shared storage as one view, a local one as a view for each node it is meant for; on one `node` alone where told. */
export function storageViews(
  storage: StorageEntity,
  views: NodeStorageEntity[],
  { readAt }: Pick<StorageSight, 'readAt'>,
  node?: string,
): StorageView[] {
  const usable = views.filter(view => node === undefined || view.nodeId === node);
  if (usable.length === 0 && (node !== undefined || views.length > 0)) return [];
  const lost =
    storage.unseenReason === null ? null : { since: storage.lastSeen, reason: storage.unseenReason };
  const nowhere = { unseenFrom: [], totalBytes: null, usedBytes: null, isSizeCurrent: false };
  if (!storage.enabled) {
    const status = lost === null ? 'disabled' : 'unknown';
    return [{ node: null, status, lastStatus: lost && 'disabled', out: lost, ...nowhere }];
  }
  const isCurrent = (view: NodeStorageEntity) =>
    lost === null && view.lastSeen !== null && view.lastSeen >= readAt;
  const shown = (of: NodeStorageEntity[], size: StorageEntity | NodeStorageEntity): StorageView => {
    const current = of.filter(isCurrent);
    const out = current.length > 0 ? null : (lost ?? notTold(of));
    return {
      node: storage.shared ? null : of[0]!.nodeId,
      status: out === null ? statusFrom(current) : 'unknown',
      lastStatus: out === null || of.every(view => view.active === null) ? null : statusFrom(of),
      out,
      unseenFrom: out === null ? of.filter(view => !isCurrent(view)).map(view => view.nodeId) : [],
      totalBytes: size.totalBytes,
      usedBytes: size.usedBytes,
      isSizeCurrent: current.some(view => view.active === true),
    };
  };
  return storage.shared ? [shown(usable, storage)] : usable.map(view => shown([view], view));
}

/** The same as rows of a list. Sizes that are not those of the present stand under names that say so. */
export function storageRows(
  storage: StorageEntity,
  views: NodeStorageEntity[],
  sight: StorageSight,
  node?: string,
): Row[] {
  return storageViews(storage, views, sight, node).map(view => {
    const { out, lastStatus, unseenFrom, isSizeCurrent } = view;
    const sizes = [gib(view.totalBytes), percent(view.usedBytes, view.totalBytes)];
    const [total, used] = isSizeCurrent ? sizes : [null, null];
    const [lastTotal, lastUsed] = isSizeCurrent ? [null, null] : sizes;
    return {
      storage: storage.id,
      type: storage.type,
      ...(view.node === null ? storage.shared && { shared: true } : { node: view.node }),
      status: view.status,
      last_status: lastStatus,
      ...unseenFields(out, sight.timeZone),
      unseen_from: unseenFrom.length > 0 ? unseenFrom : null,
      content: storage.contentTypes,
      total_gib: total,
      used_percent: used,
      last_total_gib: lastTotal,
      last_used_percent: lastUsed,
    };
  });
}

function statusFrom(views: NodeStorageEntity[]): string {
  const cut = views.filter(view => view.active === false).map(view => view.nodeId);
  if (cut.length === 0) return 'available';
  return cut.length === views.length ? 'unreachable' : `unreachable from ${cut.join(', ')}`;
}

function notTold(views: NodeStorageEntity[]): OutOfSight {
  const seen = views.flatMap(view => view.lastSeen ?? []);
  const nodes = views.map(view => view.nodeId);
  return {
    since: seen.length > 0 ? Math.max(...seen) : null,
    reason: { code: 'storage-untold', nodes },
  };
}

import type { Row } from '../../src/mcp/define-output.ts';
import type { NodeEntity, NodeStorageEntity, StorageEntity } from '../../src/model/entity.ts';
import { gib, percent } from './units.ts';

/** A shared storage as one row, a local one as a row for each node it is meant for. */
export function storageRows(
  storage: StorageEntity,
  views: NodeStorageEntity[],
  nodes: NodeEntity[],
  node?: string,
): Row[] {
  const usable = views.filter(view => node === undefined || view.nodeId === node);
  if (usable.length === 0 && (node !== undefined || views.length > 0)) return [];
  const common = { storage: storage.id, type: storage.type };
  if (!storage.enabled)
    return [
      {
        ...common,
        ...(storage.shared && { shared: true }),
        status: 'disabled',
        content: storage.contentTypes,
      },
    ];
  if (storage.shared) {
    const cut = usable.filter(view => view.active === false).map(view => view.nodeId);
    return [
      {
        ...common,
        shared: true,
        status:
          cut.length === 0
            ? 'available'
            : cut.length === usable.length
              ? 'unreachable'
              : `unreachable from ${cut.join(', ')}`,
        content: storage.contentTypes,
        total_gib: gib(storage.totalBytes),
        used_percent: percent(storage.usedBytes, storage.totalBytes),
      },
    ];
  }
  return usable.map(view => ({
    ...common,
    node: view.nodeId,
    status: statusOn(view, nodes),
    content: storage.contentTypes,
    total_gib: gib(view.totalBytes),
    used_percent: percent(view.usedBytes, view.totalBytes),
  }));
}

function statusOn(view: NodeStorageEntity, nodes: NodeEntity[]): string {
  if (nodes.find(node => node.id === view.nodeId)?.status !== 'online' || view.active === null)
    return 'unknown';
  return view.active ? 'available' : 'unreachable';
}

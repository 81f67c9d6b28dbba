import type { GuestEntity, NodeEntity } from '../../model/entity.ts';
import type { InventoryObservation } from '../../model/observation.ts';

/** Nodes that were offline at the last look and still are. */
export function deadNodes(
  nodes: ReadonlyMap<string, NodeEntity>,
  inventory: Pick<InventoryObservation, 'nodes'>,
): ReadonlySet<string> {
  const offline = inventory.nodes.filter(node => node.status === 'offline').map(node => node.id);
  return new Set(offline.filter(node => nodes.get(node)?.status === 'offline'));
}

/**
 * Whether a guest was listed on a node that was off at the last look and still is. That sends nobody, so whoever runs
 * elsewhere by now was started there; but a node that was only cut off may have come back in between, and have sent it.
 */
export function isLeftBehind({ nodeId, unseenReason: out }: GuestEntity, dead: ReadonlySet<string>): boolean {
  return dead.has(nodeId) && out?.code === 'node-not-online' && out.node === nodeId;
}

import type { Row } from '../../mcp/define/output.ts';
import type { GuestEntity, NodeEntity } from '../../model/entity.ts';
import { hasProcess } from '../../model/status.ts';
import type { GuestGroup } from '../../model/store.ts';
import { fractionPercent, gib, percent } from '../format/units.ts';
import { isGroupInSight, type NodeSights, unseenFields } from '../in-sight.ts';

/** How a node is at present: `unknown` where nobody can judge it, whatever it was when last seen. */
export function nodeStatus(node: NodeEntity, nodes: NodeSights): string {
  return nodes.unseen.has(node.id) ? 'unknown' : node.status;
}

/** Whether a node's last row had its load. */
export function tellsLoad({ cpuUsage, memoryUsage }: NodeEntity): boolean {
  return cpuUsage !== null || memoryUsage !== null;
}

/**
 * A node's row; `allocated` counts what its guests with a process were given, as far as they can be seen. Numbers of a node that
 * is not online, or that nobody can judge, are left out.
 */
export function nodeRow(
  node: NodeEntity,
  guests: GuestGroup[],
  { nodes, timeZone }: { nodes: NodeSights; timeZone: string },
): Row {
  const out = nodes.unseen.get(node.id) ?? null;
  const status = nodeStatus(node, nodes);
  const online = status === 'online';
  const running = guests.filter(group => hasProcess(group.status) && isGroupInSight(group, nodes));
  const sum = (groups: GuestGroup[], of: 'guests' | 'cpuCores' | 'memoryBytes') =>
    groups.reduce((total, group) => total + group[of], 0);
  const living = guests.filter(group => !group.template);
  const unseen = sum(
    living.filter(group => !isGroupInSight(group, nodes)),
    'guests',
  );
  const all = sum(living, 'guests');
  // Where none of its guests can be seen, nothing was summed up.
  const countable = online && (all === 0 || unseen < all);
  return {
    node: node.id,
    status,
    last_status: out === null ? null : node.status,
    ...unseenFields(out, timeZone),
    cpus: node.cpuMax,
    cpu_percent: online ? fractionPercent(node.cpuUsage) : null,
    memory_gib: gib(node.memoryMax),
    memory_percent: online ? percent(node.memoryUsage, node.memoryMax) : null,
    allocated_cpus: countable ? sum(running, 'cpuCores') : null,
    allocated_memory_gib: countable ? gib(sum(running, 'memoryBytes')) : null,
    // Without Sys.Audit a row has none of its numbers: what was last told is not the present.
    uptime_seconds: online && tellsLoad(node) ? node.uptime : null,
    version: node.pveVersion,
    guests: all,
    unseen_guests: unseen > 0 ? unseen : null,
  };
}

/** A guest counted by itself. */
export function groupOfOne(guest: GuestEntity): GuestGroup {
  const { id, nodeId, status, lockStatus, template, cpuCores, memoryBytes, unseenReason } = guest;
  return {
    nodeId,
    status,
    lock: lockStatus,
    template,
    seen: unseenReason === null,
    guests: 1,
    cpuCores: cpuCores ?? 0,
    memoryBytes: memoryBytes ?? 0,
    firstId: id,
  };
}

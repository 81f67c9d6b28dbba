import type { Row } from '../../src/mcp/define-output.ts';
import type { GuestEntity, NodeEntity } from '../../src/model/entity.ts';
import { hasProcess } from '../../src/model/status.ts';
import type { GuestGroup } from '../../src/model/store.ts';
import { fractionPercent, gib, percent } from './units.ts';

/** A node's row; `allocated` counts what its guests with a process were given. Numbers of a node that is not online are left out. */
export function nodeRow(node: NodeEntity, guests: GuestGroup[]): Row {
  const online = node.status === 'online';
  const running = guests.filter(group => hasProcess(group.status));
  const sum = (groups: GuestGroup[], of: 'guests' | 'cpuCores' | 'memoryBytes') =>
    groups.reduce((total, group) => total + group[of], 0);
  return {
    node: node.id,
    status: node.status,
    cpus: node.cpuMax,
    cpu_percent: online ? fractionPercent(node.cpuUsage) : null,
    memory_gib: gib(node.memoryMax),
    memory_percent: online ? percent(node.memoryUsage, node.memoryMax) : null,
    allocated_cpus: online ? sum(running, 'cpuCores') : null,
    allocated_memory_gib: online ? gib(sum(running, 'memoryBytes')) : null,
    uptime_seconds: online ? node.uptime : null,
    version: node.pveVersion,
    guests: sum(
      guests.filter(group => !group.template),
      'guests',
    ),
  };
}

/** A guest counted by itself. */
export function groupOfOne(guest: GuestEntity): GuestGroup {
  const { id, nodeId, status, lockStatus, template, cpuCores, memoryBytes } = guest;
  return {
    nodeId,
    status,
    lock: lockStatus,
    template,
    guests: 1,
    cpuCores: cpuCores ?? 0,
    memoryBytes: memoryBytes ?? 0,
    firstId: id,
  };
}

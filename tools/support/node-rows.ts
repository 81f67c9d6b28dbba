import type { Row } from '../../src/mcp/define-output.ts';
import type { GuestEntity, NodeEntity } from '../../src/model/entity.ts';
import { fractionPercent, gib, percent } from './units.ts';

/** A node's row; `allocated` counts what its running guests were given. Numbers of a node that is not online are left out. */
export function nodeRow(node: NodeEntity, guests: GuestEntity[]): Row {
  const online = node.status === 'online';
  const running = guests.filter(guest => guest.status === 'running');
  const sum = (pick: (guest: GuestEntity) => number | null) =>
    running.reduce((total, guest) => total + (pick(guest) ?? 0), 0);
  return {
    node: node.id,
    status: node.status,
    cpus: node.cpuMax,
    cpu_percent: online ? fractionPercent(node.cpuUsage) : null,
    memory_gib: gib(node.memoryMax),
    memory_percent: online ? percent(node.memoryUsage, node.memoryMax) : null,
    allocated_cpus: online ? sum(guest => guest.cpuCores) : null,
    allocated_memory_gib: online ? gib(sum(guest => guest.memoryBytes)) : null,
    uptime_seconds: online ? node.uptime : null,
    version: node.pveVersion,
    guests: guests.filter(guest => !guest.template).length,
  };
}

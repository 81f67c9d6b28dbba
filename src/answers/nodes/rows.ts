import type { Row } from '../../mcp/define/output.ts';
import type { Unconfirmed } from '../../model/entity.ts';
import { unconfirmedRow } from '../format/unconfirmed.ts';
import { fractionPercent, gib, percent } from '../format/units.ts';
import { unseenFields } from '../in-sight.ts';
import type { NodeFact } from './fact.ts';

/** A node's row in a list. */
export function nodeRow(node: NodeFact, timeZone: string): Row {
  return {
    node: node.node,
    status: node.status,
    last_status: node.out === null ? null : node.lastStatus,
    ...unseenFields(node.out, timeZone),
    cpus: node.cpus,
    cpu_percent: fractionPercent(node.cpuFraction),
    memory_gib: gib(node.memoryBytes),
    memory_percent: percent(node.memoryUsedBytes, node.memoryBytes),
    allocated_cpus: node.allocatedCpus,
    allocated_memory_gib: gib(node.allocatedMemoryBytes),
    uptime_seconds: node.uptimeSeconds,
    version: node.version,
    guests: node.guests,
    unseen_guests: node.unseenGuests > 0 ? node.unseenGuests : null,
    unconfirmed: unconfirmedRow(unconfirmedOf(node), timeZone),
  };
}

/** What the last look did not tell of an online node: of its row, and of its further facts, if these were read. */
function unconfirmedOf({ status, unconfirmed, details }: NodeFact): Unconfirmed | null {
  if (status !== 'online' || details?.unconfirmed === undefined) return unconfirmed;
  return { ...unconfirmed, ...details.unconfirmed };
}

import type { Effective } from '../../model/config/index.ts';
import type { NodeFacts as NodeDetails } from '../../model/detail.ts';
import { NODE_FIELDS } from '../../model/field-names.ts';
import { reasonText } from '../../model/reason-text.ts';
import { fractionPercent, gib, percent } from '../format/units.ts';
import { bookOf } from '../where/book.ts';
import type { FieldBook } from '../where/field.ts';
import type { NodeFact } from './fact.ts';

function freeBytes({ memoryBytes, memoryUsedBytes }: NodeFact): number | null {
  return memoryBytes === null || memoryUsedBytes === null ? null : memoryBytes - memoryUsedBytes;
}

/** A fact in these columns of an answer. A condition must not be answered by the last known one. */
const ofDetails = (columns: readonly string[], read: (details: NodeDetails) => Effective) => ({
  needs: 'details',
  read: ({ details }: NodeFact) =>
    details && !columns.some(column => column in (details.unconfirmed ?? {})) ? read(details) : undefined,
});

/** What conditions, columns and groups can name for nodes. */
export const NODE_BOOK: FieldBook<NodeFact> = bookOf('nodes', NODE_FIELDS, {
  resource: { read: fact => `node/${fact.node}` },
  node: { read: fact => fact.node },
  status: { read: fact => fact.status },
  last_status: { read: fact => fact.lastStatus },
  unseen: { read: fact => fact.out !== null },
  unseen_since: { read: fact => fact.out?.since ?? null },
  unseen_reason: { read: fact => (fact.out === null ? null : reasonText(fact.out.reason)) },
  version: { read: fact => fact.version },
  cpus: { read: fact => fact.cpus },
  cpu_percent: { read: fact => fractionPercent(fact.cpuFraction) },
  memory_gib: { read: fact => gib(fact.memoryBytes) },
  memory_percent: { read: fact => percent(fact.memoryUsedBytes, fact.memoryBytes) },
  memory_used_gib: { read: fact => gib(fact.memoryUsedBytes) },
  memory_free_gib: { read: fact => gib(freeBytes(fact)) },
  allocated_cpus: { read: fact => fact.allocatedCpus },
  allocated_memory_gib: { read: fact => gib(fact.allocatedMemoryBytes) },
  guests: { read: fact => fact.guests },
  unseen_guests: { read: fact => fact.unseenGuests },
  started_at: { read: fact => fact.startedAt },
  uptime: { read: fact => fact.uptimeSeconds },
  kernel: ofDetails(['kernel'], details => details.kernel),
  cpu_model: ofDetails(['cpu_model'], details => details.cpuModel),
  cpu_sockets: ofDetails(['cpu_sockets'], details => details.cpuSockets),
  load: ofDetails(['load'], details => details.load[0] ?? null),
  root_gib: ofDetails(['root_gib'], details => gib(details.rootTotalBytes)),
  root_percent: ofDetails(['root_gib', 'root_used_gib'], details =>
    percent(details.rootUsedBytes, details.rootTotalBytes),
  ),
  swap_gib: ofDetails(['swap_gib'], details => gib(details.swapTotalBytes)),
  swap_percent: ofDetails(['swap_gib', 'swap_used_gib'], details =>
    percent(details.swapUsedBytes, details.swapTotalBytes),
  ),
});

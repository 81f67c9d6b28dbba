import { allFit, freeMemory, isRunning, leastMemory, promisedByNode } from '../capacity.ts';
import type { Check } from '../check.ts';
import type { HealthFacts } from '../facts.ts';
import { gib, percentOf } from '../words.ts';

/** Beyond this share of its memory a node swaps or kills processes. */
const MEMORY_SHORT_PERCENT = 95;

/** More memory is promised than there is. */
export const memoryOvercommitted: Check = {
  name: 'memory-overcommitted',
  severity: 'warning',
  reason: 'When running guests ask for all the memory they were promised, the node kills one of them.',
  evidence:
    'Maximum memory of the running guests, what ballooning can take it down to, and the memory of the node.',
  next: 'migrate a guest away, shrink one, or set a ballooning minimum',
  reads: 'configs',
  *find(facts) {
    const promised = promisedByNode(facts);
    for (const { id, status, memoryBytes, memoryUsedBytes } of facts.nodes) {
      const sum = promised.get(id);
      if (status !== 'online' || sum === undefined || !memoryBytes || sum.most <= memoryBytes) continue;
      const ballooning = sum.least <= memoryBytes;
      yield {
        resource: `node/${id}`,
        what: `its ${sum.guests} running guests may take ${gib(sum.most)} GiB of ${gib(memoryBytes)} GiB${ballooning ? ', which ballooning can bring down to fit' : ''}`,
        evidence: {
          promised_gib: gib(sum.most),
          least_gib: gib(sum.least),
          memory_gib: gib(memoryBytes),
          used_percent: memoryUsedBytes === null ? null : percentOf(memoryUsedBytes, memoryBytes),
        },
        severity: ballooning ? 'info' : undefined,
      };
    }
  },
};

/** A node that has hardly any memory left at present. */
export const memoryShort: Check = {
  name: 'memory-short',
  severity: 'warning',
  reason: `A node that uses ${MEMORY_SHORT_PERCENT} % of its memory is about to swap or to kill a guest.`,
  evidence: 'Memory of the node and what of it is used now.',
  next: 'list_guests with sort memory and detail full names who takes it; migrate one away',
  *find({ nodes }) {
    for (const { id, status, memoryBytes, memoryUsedBytes } of nodes) {
      if (status !== 'online' || !memoryBytes || memoryUsedBytes === null) continue;
      const used = percentOf(memoryUsedBytes, memoryBytes);
      if (used < MEMORY_SHORT_PERCENT) continue;
      yield {
        resource: `node/${id}`,
        what: `${used} % of its memory is in use`,
        evidence: { memory_gib: gib(memoryBytes), used_percent: used },
      };
    }
  },
};

/** Whether the others could take the guests of a node if it failed. */
export const n1Memory: Check = {
  name: 'n-1-memory',
  severity: 'warning',
  reason: 'If this node fails, not all guests that run there find memory on the others.',
  evidence: 'Maximum memory of its running guests, and what the other online nodes have beyond their own.',
  next: 'add memory, shrink guests, or decide which of them may stay off; check_health with if_down tells more',
  reads: 'configs',
  *find(facts) {
    const online = facts.nodes.filter(node => node.status === 'online' && !node.left);
    if (online.length < 2) return;
    for (const { id } of online) {
      const [most, least] = [shortage(id, facts, 'most'), shortage(id, facts, 'least')];
      if (most === null) continue;
      yield {
        resource: `node/${id}`,
        what: `if it fails, the others lack room: its running guests may take ${gib(most.needed)} GiB, and ${gib(most.free)} GiB are free${least === null ? ', which is enough only while ballooning shrinks them' : ''}`,
        evidence: {
          needed_gib: gib(most.needed),
          free_elsewhere_gib: gib(most.free),
          least_needed_gib: gib(shortageSums(id, facts, 'least').needed),
        },
        severity: least === null ? 'info' : undefined,
      };
    }
  },
};

function shortageSums(id: string, facts: HealthFacts, of: 'most' | 'least') {
  const others = facts.nodes.filter(node => node.id !== id && !node.left);
  const free = freeMemory(others, promisedByNode(facts), of);
  const running = facts.guests.filter(guest => guest.node === id && isRunning(guest));
  const memory = running.map(guest => (of === 'most' ? (guest.memoryBytes ?? 0) : leastMemory(guest)));
  return { free, memory, needed: memory.reduce((sum, bytes) => sum + bytes, 0) };
}

/**
 * The memory needed and free (bytes) if the guests of a node do not fit on the others; null if they do, or if that is unknown.
 */
function shortage(id: string, facts: HealthFacts, of: 'most' | 'least') {
  const { free, memory, needed } = shortageSums(id, facts, of);
  if (free === null || memory.length === 0) return null;
  const nodes = [...free.keys()];
  if (
    allFit(
      memory.map(bytes => ({ memory: bytes, nodes })),
      free,
    )
  )
    return null;
  return { needed, free: [...free.values()].reduce((sum, bytes) => sum + Math.max(0, bytes), 0) };
}

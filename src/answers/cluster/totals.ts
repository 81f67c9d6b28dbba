import type { Row } from '../../mcp/define/output.ts';
import { fractionPercent, gib, percent } from '../format/units.ts';
import type { NodeFact } from '../nodes/fact.ts';
import type { StorageFact } from '../storage/fact.ts';
import { LEFT_OUT_AT_MOST, shortList, sum } from './words.ts';

/** The sum; null where a number is unknown. */
function sumIfAll(numbers: (number | null)[]): number | null {
  const known = numbers.filter(one => one !== null);
  return known.length === numbers.length ? sum(known) : null;
}

/**
 * The totals at present: nodes that are online and report their numbers, each shared storage once, each local one once per node.
 * What exists but cannot be counted is named, so that nobody takes the sums for the whole.
 */
export function totalsOf(nodes: readonly NodeFact[], storages: readonly StorageFact[]): Row {
  const online = nodes.filter(node => node.status === 'online' && node.memoryBytes !== null);
  const cpus = sum(online.map(node => node.cpus ?? 0));
  const busy = sumIfAll(online.map(node => node.cpuFraction && node.cpuFraction * (node.cpus ?? 0)));
  const memory = sum(online.map(node => node.memoryBytes ?? 0));
  const memoryUsed = sumIfAll(online.map(node => node.memoryUsedBytes));
  const enabled = storages.filter(storage => storage.enabled || storage.out !== null);
  const current = enabled.filter(storage => storage.isSizeCurrent);
  const total = sum(current.map(storage => storage.totalBytes ?? 0));
  const used = sum(current.map(storage => storage.usedBytes ?? 0));
  const left = [
    ...nodes.filter(node => !online.includes(node)).map(node => `node/${node.node}`),
    ...online
      .filter(node => node.cpuFraction === null && node.memoryUsedBytes === null)
      .map(node => `load of node/${node.node}`),
    ...enabled
      .filter(storage => !storage.isSizeCurrent)
      .map(storage => `storage/${storage.storage}${storage.node === null ? '' : ` on ${storage.node}`}`),
  ];
  return {
    ...(online.length > 0 && {
      cpus,
      cpu_percent: cpus === 0 || busy === null ? null : fractionPercent(busy / cpus),
      memory_gib: gib(memory),
      memory_percent: percent(memoryUsed, memory),
    }),
    ...(total > 0 && { storage_gib: gib(total), storage_percent: percent(used, total) }),
    ...(left.length > 0 && { left_out: shortList(left, LEFT_OUT_AT_MOST) }),
  };
}

import { hasProcess } from '../model/status.ts';
import type { GuestHealth, HealthFacts, NodeHealth } from './facts.ts';

const MIB = 1024 ** 2;

/** Whether a guest is seen to use memory now. */
export function isRunning(guest: GuestHealth): boolean {
  return guest.out === null && hasProcess(guest.status);
}

/** The least memory (bytes) that ballooning may leave a VM: all of it without a minimum, or with passed-through hardware. */
export function leastMemory({ config, memoryBytes }: GuestHealth): number {
  const most = memoryBytes ?? 0;
  const minimum = config?.['balloon'];
  if (typeof minimum !== 'number' || minimum <= 0) return most;
  const pinned = Object.keys(config ?? {}).some(key => /^hostpci\d+$/.test(key));
  return pinned ? most : Math.min(most, minimum * MIB);
}

/** The memory promised to the running guests of a node (bytes): at most, and at least if ballooning takes back what it may. */
export interface Promised {
  guests: number;
  most: number;
  least: number;
}

/** The memory promised to the running guests on each node. */
export function promisedByNode({ guests }: HealthFacts): Map<string, Promised> {
  const sums = new Map<string, Promised>();
  for (const guest of guests) {
    if (!isRunning(guest)) continue;
    const sum = sums.get(guest.node) ?? { guests: 0, most: 0, least: 0 };
    sum.guests += 1;
    sum.most += guest.memoryBytes ?? 0;
    sum.least += leastMemory(guest);
    sums.set(guest.node, sum);
  }
  return sums;
}

/** A guest to be placed: its memory (bytes), and the nodes it can run on. */
export interface Seeker {
  memory: number;
  nodes: readonly string[];
}

/**
 * Whether all guests find room, placing the largest first, each where most is free; `free` is what each node has left (bytes).
 */
export function allFit(seekers: readonly Seeker[], free: ReadonlyMap<string, number>): boolean {
  const left = new Map(free);
  return seekers
    .toSorted((a, b) => b.memory - a.memory)
    .every(({ memory, nodes }) => {
      const [best] = nodes.filter(node => left.has(node)).toSorted((a, b) => left.get(b)! - left.get(a)!);
      if (best === undefined || left.get(best)! < memory) return false;
      left.set(best, left.get(best)! - memory);
      return true;
    });
}

/**
 * The memory that online nodes have left besides their running guests (bytes, by node); null if one does not report its memory.
 */
export function freeMemory(
  nodes: readonly NodeHealth[],
  promised: ReadonlyMap<string, Promised>,
  of: 'most' | 'least',
): Map<string, number> | null {
  const online = nodes.filter(node => node.status === 'online');
  if (online.some(node => node.memoryBytes === null)) return null;
  return new Map(online.map(node => [node.id, node.memoryBytes! - (promised.get(node.id)?.[of] ?? 0)]));
}

import type { ToolContext } from '../../mcp/define/tool.ts';
import type { GuestEntity } from '../../model/entity.ts';
import type { UsageMetric } from '../../model/usage.ts';
import { compare } from '../format/compare.ts';
import { guestFact } from '../guests/fact.ts';
import { nodeSights } from '../in-sight.ts';
import { loadStorages } from '../storage/load.ts';
import { guestSubjects, guestsOf, type NamedSubject, nodeSubject, storageSubjects } from './subjects.ts';

/** What can be ranked. */
export type Ranked = 'vm' | 'container' | 'guest' | 'node' | 'storage';

/**
 * The heaviest users of a metric at present, as the store knows it, so that only these need to be read: CPUs, bytes of memory,
 * bytes per second since the start, the share of a storage. For metrics that the store does not have (`isListed`), the heaviest
 * users of CPU.
 */
export async function topSubjects(
  { store }: ToolContext,
  type: Ranked,
  metric: UsageMetric,
  count: number,
): Promise<NamedSubject[]> {
  if (type === 'storage') return (await rankedStorages(store)).slice(0, count);
  if (type === 'node') {
    const nodes = await store.nodes();
    const use = (node: (typeof nodes)[number]) =>
      metric === 'memory' ? node.memoryUsage : (node.cpuUsage ?? 0) * (node.cpuMax ?? 0);
    return nodes
      .sort((a, b) => compare(use(a), use(b), -1))
      .slice(0, count)
      .map(node => nodeSubject(node.id));
  }
  const [guests, nodes] = await Promise.all([
    guestsOf(store, type === 'guest' ? undefined : [type]),
    nodeSights(store),
  ]);
  const ranked = guests
    .map(guest => ({ guest, use: useOf(guest, metric, guestFact(guest, nodes).isUp) }))
    .filter(({ use }) => use !== null)
    .sort((a, b) => compare(a.use, b.use, -1))
    .slice(0, count);
  return guestSubjects(
    store,
    ranked.map(({ guest }) => guest),
  );
}

/**
 * Whether the store knows how much of a metric these use: not for what guests read and write, nor for the traffic and root file
 * systems of nodes.
 */
export function isListed(type: Ranked, metric: UsageMetric): boolean {
  return (
    type === 'storage' || (type === 'node' ? metric === 'cpu' || metric === 'memory' : metric !== 'disk')
  );
}

/** Null if it has no process, or if it is unknown. */
function useOf(guest: GuestEntity, metric: UsageMetric, isUp: boolean): number | null {
  const { cpuUsage, cpuCores, memoryUsage, networkIn, networkOut, uptime, diskUsage, diskSize } = guest;
  if (metric === 'storage') return diskUsage && diskSize ? diskUsage / diskSize : null;
  if (!isUp) return null;
  if (metric === 'memory') return memoryUsage;
  if (metric === 'network')
    return networkIn === null || networkOut === null || !uptime ? null : (networkIn + networkOut) / uptime;
  return cpuUsage === null || cpuCores === null ? null : cpuUsage * cpuCores;
}

async function rankedStorages(store: ToolContext['store']): Promise<NamedSubject[]> {
  const [subjects, facts] = await Promise.all([storageSubjects(store), loadStorages(store)]);
  const used = new Map(
    facts.map(fact => [
      `${fact.storage}@${fact.node ?? ''}`,
      fact.totalBytes && fact.usedBytes !== null ? fact.usedBytes / fact.totalBytes : null,
    ]),
  );
  const use = (one: NamedSubject) => used.get(`${one.id}@${one.on ?? ''}`) ?? null;
  return subjects.sort((a, b) => compare(use(a), use(b), -1));
}

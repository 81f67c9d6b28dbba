import type { StoreReader } from '../../model/store.ts';
import { bootTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { failureReason } from '../common/failure-reason.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import type { Observed } from './collect.ts';
import { seemsRebooted } from './decide-nodes.ts';
import { fallsBehind, type NodeBoot, repeatsItself } from './row-ages.ts';

/**
 * Asks the nodes whose rows stand still, or show a boot and may be old, and those that were silent at the last look. A node that
 * does not answer is asked again next time.
 */
export async function askNodes(
  { api, store, now }: DiscoveryScope,
  { inventory, nodes, clock }: Observed,
): Promise<Map<string, NodeBoot>> {
  const silent = await silentBefore(store);
  const doubtful = inventory.nodes.filter(seen => {
    const known = nodes.get(seen.id);
    return (
      seemsRebooted(known, seen, clock.steady) ||
      repeatsItself(known, seen, inventory.observedAt) ||
      fallsBehind(known, seen, clock.steady) ||
      (inventory.online.has(seen.id) && silent.has(keyOf(seen.id)))
    );
  });
  const answers = await Promise.all(
    doubtful.map(async ({ id }): Promise<[string, NodeBoot][]> => {
      const at = now();
      try {
        const { uptime } = await api.get(endpoints.nodes.status, { node: id });
        return uptime === undefined ? [] : [[id, { uptime, bootAt: bootTime(at, uptime) }]];
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        return [];
      }
    }),
  );
  return new Map(answers.flat());
}

/**
 * Nodes that are listed as online but answered none of this run's requests; `since` is when they last reported about themselves.
 */
export async function silentNodes(
  { api, store }: DiscoveryScope,
  { inventory }: Observed,
): Promise<Unseen[]> {
  const silent = [...api.silentNodes()].filter(([node]) => inventory.online.has(node));
  if (silent.length === 0) return [];
  const reported = await store.details(
    'node',
    silent.map(([node]) => node),
  );
  const reportedAt = new Map(reported.map(row => [row.subject, row.observedAt]));
  return silent.map(([node, error]) => ({
    what: { code: 'resource', resource: keyOf(node) },
    since: reportedAt.get(node) ?? null,
    reason: failureReason(error),
    resources: [keyOf(node)],
  }));
}

/** What the last look at the inventory could not see (`node/pve2`). */
async function silentBefore(store: StoreReader): Promise<ReadonlySet<string>> {
  const last = await store.lastCommit('inventory');
  const [run] = last === null ? [] : await store.runs([last.runId]);
  const found = (run?.unseen ?? []).filter(({ facet = 'inventory' }) => facet === 'inventory');
  return new Set(found.flatMap(({ resources = [] }) => resources));
}

function keyOf(node: string): string {
  return `node/${node}`;
}

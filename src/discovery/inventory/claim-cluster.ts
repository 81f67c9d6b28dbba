import { isDeepStrictEqual } from 'node:util';
import { UNNAMED_CLUSTER } from '../../model/cluster-name.ts';
import type { InventoryObservation } from '../../model/observation.ts';
import { ClusterMismatchError, ClusterRenewedError } from '../common/errors.ts';
import type { Known } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { compareClusters } from './same-cluster.ts';

/**
 * Refuses the store of another cluster before anything is written, and claims a new one.
 * @throws ClusterMismatchError, or ClusterRenewedError where it may be the same cluster with another root certificate.
 */
export async function claimCluster(
  scope: DiscoveryScope,
  { nodes, guests }: Known,
  inventory: InventoryObservation,
): Promise<void> {
  const { store, now } = scope;
  const [stored, seen] = await Promise.all([store.cluster(), scope.rootFingerprint(inventory)]);
  // It may have been renewed since this process asked, and adopted by another process.
  const changed = stored !== null && seen !== null && ![null, seen].includes(stored.rootFingerprint);
  const rootFingerprint = changed ? await scope.rootFingerprint(inventory, true) : seen;
  const found = { name: inventory.clusterName ?? stored?.name ?? UNNAMED_CLUSTER, rootFingerprint };
  if (stored !== null) {
    const otherName =
      ![UNNAMED_CLUSTER, found.name].includes(stored.name) &&
      !hasGrown(nodes, inventory, { ...stored, seen: rootFingerprint });
    const otherRoot =
      stored.rootFingerprint !== null &&
      rootFingerprint !== null &&
      stored.rootFingerprint !== rootFingerprint;
    if (otherName || otherRoot) {
      const known = { stored, nodes: nodes.values(), guests, configs: store.configs.bind(store) };
      const { verdict } = await compareClusters(scope.api, known, inventory);
      if (verdict === 'other') throw new ClusterMismatchError(describe(stored), describe(found));
      throw new ClusterRenewedError(describe(stored), describe(found));
    }
  }
  const cluster = {
    name: found.name,
    rootFingerprint: stored?.rootFingerprint ?? rootFingerprint,
    firstSeen: stored?.firstSeen ?? now(),
    quorate: inventory.quorate,
  };
  if (!isDeepStrictEqual(cluster, stored)) await store.saveCluster(cluster);
}

/**
 * Whether the store's only node, which stood alone, has formed a cluster since (`pvecm create`): that keeps its certificate. Not
 * the other way round: a node separated from its cluster keeps the cluster's certificate.
 */
function hasGrown(
  nodes: Known['nodes'],
  inventory: InventoryObservation,
  stored: { name: string; rootFingerprint: string | null; seen: string | null },
): boolean {
  const [one, ...others] = [...nodes.values()].filter(node => !node.removed);
  return (
    stored.seen !== null &&
    stored.seen === stored.rootFingerprint &&
    one?.id === stored.name &&
    others.length === 0 &&
    inventory.nodes.some(node => node.id === one.id)
  );
}

/** A cluster in words: its name and the beginning of its root certificate's fingerprint. */
function describe(cluster: { name: string; rootFingerprint: string | null }): string {
  const root =
    cluster.rootFingerprint === null ? '' : ` (root certificate ${cluster.rootFingerprint.slice(0, 23)}...)`;
  return `cluster "${cluster.name}"${root}`;
}

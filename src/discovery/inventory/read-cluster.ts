import type { QuorumFacts } from '../../model/detail.ts';
import type { ClusterObservation, InventoryObservation } from '../../model/observation.ts';
import { CLUSTER } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { later } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';
import { failureReason } from '../common/failure-reason.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import type { ClusterSeen, KnownCluster } from './decide-cluster.ts';

/** Reads what belongs to the cluster's row: what was known, with its moments shifted `by` (ms), and each node's votes. */
export async function readCluster(
  { api, store }: DiscoveryScope,
  { cluster: seen, observedAt }: InventoryObservation,
  by: number,
): Promise<ClusterSeen & { unseen: Unseen[] }> {
  if (seen === null) return { known: null, seen, votes: null, observedAt, unseen: [] };
  const known = await knownCluster(store, by);
  try {
    return { known, seen, votes: await readVotes(api, seen, known), observedAt, unseen: [] };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    const unseen: Unseen = { what: { code: 'votes' }, since: null, reason: failureReason(error) };
    return { known, seen, votes: null, observedAt, unseen: error.kind === 'forbidden' ? [] : [unseen] };
  }
}

/** The cluster as the store knows it, with its moments shifted `by` (ms); null before it was first seen. */
export async function knownCluster(store: StoreReader, by = 0): Promise<KnownCluster | null> {
  const [row] = await store.details('quorum', [CLUSTER.id]);
  if (row === undefined) return null;
  const { votesSeen } = row.data;
  const facts = { ...row.data, ...(votesSeen !== undefined && { votesSeen: later(votesSeen, by) }) };
  return { facts, lastSeen: later(row.observedAt, by) };
}

/** Each node's votes, asked for only if the cluster's configuration has changed since they were read. */
async function readVotes(
  api: Api,
  seen: ClusterObservation,
  known: KnownCluster | null,
): Promise<QuorumFacts['nodeVotes']> {
  const same = seen.configVersion !== null && known?.facts.configVersion === seen.configVersion;
  if (same && known.facts.nodeVotes !== null) return known.facts.nodeVotes;
  const rows = await api.get(endpoints.cluster.configNodes);
  const votes = rows.flatMap(row => {
    const name = row.name ?? row.node;
    return name === undefined || row.quorum_votes === undefined ? [] : [[name, row.quorum_votes] as const];
  });
  return votes.length === 0 ? null : Object.fromEntries(votes);
}

import type { NewVersion } from '../../model/change.ts';
import type { Detail, QuorumFacts } from '../../model/detail.ts';
import type { NodeEntity } from '../../model/entity.ts';
import type { ClusterObservation } from '../../model/observation.ts';
import { CLUSTER } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';
import type { RunContext } from '../common/context.ts';
import { failureReason } from '../common/failure-reason.ts';
import { clusterVersion, decideQuorum, type KnownCluster, versionsInUse } from './decide-cluster.ts';

/** What a commit writes of the cluster: nothing where it could not be seen. */
export interface ClusterVerdict {
  details: Detail<'quorum'>[];
  versions: NewVersion[];
}

/** What the listing tells of the cluster, `nodes` being how the listing left them. */
export async function lookAtCluster(
  { api, store, run, inventory, clock }: RunContext,
  nodes: { upserts: NodeEntity[]; versions: NewVersion[] },
): Promise<ClusterVerdict> {
  const seen = inventory.cluster;
  if (seen === null) return { details: [], versions: [] };
  const known = await knownCluster(store, clock.redateBy);
  const votes = await readVotes(api, seen, known).catch((error: unknown) => {
    if (!(error instanceof ProxmoxError)) throw error;
    if (error.kind !== 'forbidden')
      run.unseen.push({ what: 'votes of the cluster', since: null, reason: failureReason(error) });
    return null;
  });
  const { observedAt } = inventory;
  const facts = withVersions(decideQuorum(known, seen, votes), nodes.upserts);
  const version = clusterVersion(known?.facts.state ?? null, facts, {
    facet: 'inventory',
    windowAfter: known?.lastSeen ?? null,
    observedAt,
    // A node that joins has told no version yet; only one that left takes its own along.
    versionsMoved: nodes.versions.some(({ change }) => change === 'deleted'),
  });
  // A look that the row did not answer has not seen the quorum.
  const lastSeen = seen.quorate === undefined ? (known?.lastSeen ?? observedAt) : observedAt;
  return { details: [detailOf(facts, lastSeen)], versions: version === null ? [] : [version] };
}

/** What versions newly read at the nodes mean for the cluster; `nodeVersions` are those of the nodes' own histories. */
export async function versionsOfCluster(
  { store, nodes }: RunContext,
  upserts: NodeEntity[],
  nodeVersions: NewVersion[],
  observedAt: number,
): Promise<ClusterVerdict> {
  const known = await knownCluster(store);
  if (known === null || nodeVersions.length === 0) return { details: [], versions: [] };
  const facts = withVersions(
    known.facts,
    new Map([...nodes, ...upserts.map(one => [one.id, one] as const)]).values(),
  );
  const moved = nodeVersions.filter(({ change }) => change === 'updated');
  const version = clusterVersion(known.facts.state, facts, {
    facet: 'details',
    windowAfter: Math.min(
      ...(moved.length > 0 ? moved : nodeVersions).map(one => one.windowAfter ?? known.lastSeen),
    ),
    observedAt,
    versionsMoved: moved.length > 0,
  });
  return version === null
    ? { details: [], versions: [] }
    : { details: [detailOf(facts, known.lastSeen)], versions: [version] };
}

/** The cluster as the store knows it, its moment moved `by` so much (ms); null before it was first seen. */
export async function knownCluster(store: StoreReader, by = 0): Promise<KnownCluster | null> {
  const [row] = await store.details('quorum', [CLUSTER.id]);
  return row === undefined ? null : { facts: row.data, lastSeen: row.observedAt + by };
}

/** Each node's votes, asked for only where the cluster's configuration is another one than when they were read. */
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

function withVersions(facts: QuorumFacts, nodes: Iterable<NodeEntity>): QuorumFacts {
  const versions = versionsInUse(nodes);
  return versions === undefined ? facts : { ...facts, state: { ...facts.state, versions } };
}

function detailOf(data: QuorumFacts, observedAt: number): Detail<'quorum'> {
  return { topic: 'quorum', subject: CLUSTER.id, source: '', data, observedAt };
}

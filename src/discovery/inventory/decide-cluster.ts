import { diffStates } from '../../history/diff.ts';
import type { FieldChange, NewVersion } from '../../model/change.ts';
import type { Detail, QuorumFacts } from '../../model/detail.ts';
import type { NodeEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { ClusterObservation } from '../../model/observation.ts';
import { CLUSTER } from '../../model/resource.ts';
import type { ClusterState, JsonObject } from '../../model/state.ts';
import { earliestOf, type OurTime } from '../../model/time.ts';

/** The cluster as known, and when its quorum was last really seen (ms). */
export interface KnownCluster {
  facts: QuorumFacts;
  lastSeen: OurTime;
}

/** The cluster's facts after a look. Pure. What the row does not report keeps its value. */
function decideQuorum(
  known: KnownCluster | null,
  seen: ClusterObservation,
  nodeVotes: QuorumFacts['nodeVotes'],
): QuorumFacts {
  const votesOf = (nodes: string[]) => nodes.reduce((sum, node) => sum + (nodeVotes![node] ?? 0), 0);
  // A list of votes that lacks a node was short, as a list of nodes may be.
  const counted =
    nodeVotes !== null &&
    Object.keys(nodeVotes).length >= seen.nodes &&
    seen.seesNodes?.every(node => nodeVotes[node] !== undefined);
  return {
    name: seen.name ?? known?.facts.name ?? null,
    state: {
      ...known?.facts.state,
      ...(seen.quorate !== undefined && { quorate: seen.quorate }),
      ...(counted && { votes: votesOf(seen.seesNodes!), expected_votes: votesOf(Object.keys(nodeVotes)) }),
    },
    configVersion: seen.configVersion,
    nodeVotes: counted ? nodeVotes : null,
    ...(!counted && known !== null && { votesSeen: known.facts.votesSeen ?? known.lastSeen }),
  };
}

/** The versions that nodes run, as far as ever read, sorted; undefined where none was. */
function versionsInUse(nodes: Iterable<NodeEntity>): string[] | undefined {
  const versions = new Set([...nodes].flatMap(node => (node.removed ? [] : (node.pveVersion ?? []))));
  return versions.size === 0 ? undefined : [...versions].sort();
}

/** The parts of a cluster's state that are dated separately. */
type ClusterFact = Exclude<keyof ClusterState, 'options'>;

/**
 * The versions of the cluster's history that lead from one state to another, one for each moment `since` which a fact may have
 * changed. Facts never read before are knowledge gained, and so are node versions unless `versionsMoved`: those come first, as a
 * discovery.
 */
function clusterVersions(
  before: ClusterState | null,
  after: QuorumFacts,
  {
    facet,
    since,
    observedAt,
    versionsMoved,
  }: { facet: Facet; since: (fact: ClusterFact) => OurTime; observedAt: OurTime; versionsMoved: boolean },
): NewVersion[] {
  const version = (state: ClusterState, facts: Pick<NewVersion, 'change' | 'fields' | 'windowAfter'>) => ({
    type: CLUSTER.type,
    resourceId: CLUSTER.id,
    incarnation: 1,
    facet,
    name: after.name,
    node: null,
    state: { ...state } as JsonObject,
    windowBefore: observedAt,
    ...facts,
  });
  if (before === null) return [version(after.state, { change: 'discovered', fields: [], windowAfter: null })];
  const fields = diffStates(before, after.state);
  const sinceOf = ({ path }: FieldChange) => since(path as ClusterFact);
  const isGained = ({ path, from }: FieldChange) => from === null || (path === 'versions' && !versionsMoved);
  const groups = [
    fields.filter(isGained),
    ...[
      ...Map.groupBy(
        fields.filter(field => !isGained(field)),
        sinceOf,
      ),
    ]
      .sort(([a], [b]) => a - b)
      .map(([, moved]) => moved),
  ];
  let sofar = before;
  return groups.flatMap((some, index) => {
    if (some.length === 0) return [];
    const now = some.map(({ path }) => [path, after.state[path as ClusterFact]]);
    sofar = { ...sofar, ...Object.fromEntries(now) };
    const windowAfter = earliestOf(some.map(sinceOf));
    return [
      index === 0
        ? version(sofar, { change: 'discovered', fields: [], windowAfter })
        : version(sofar, { change: 'updated', fields: some, windowAfter }),
    ];
  });
}

/** What a commit writes about the cluster: nothing where it could not be seen. */
export interface ClusterVerdict {
  details: Detail<'quorum'>[];
  versions: NewVersion[];
}

/** The cluster's row, each node's votes where they could be read, and what was known before. */
export interface ClusterSeen {
  known: KnownCluster | null;
  /** Null where the listing has no such row. */
  seen: ClusterObservation | null;
  votes: QuorumFacts['nodeVotes'];
  observedAt: OurTime;
}

/** What the listing means for the cluster; `nodes` are the nodes as decided from it. Pure. */
export function decideCluster(
  { known, seen, votes, observedAt }: ClusterSeen,
  nodes: { upserts: NodeEntity[]; versions: NewVersion[] },
): ClusterVerdict {
  if (seen === null) return { details: [], versions: [] };
  const facts = withVersions(decideQuorum(known, seen, votes), nodes.upserts);
  const votesSeen = known?.facts.votesSeen ?? known?.lastSeen ?? observedAt;
  const versions = clusterVersions(known?.facts.state ?? null, facts, {
    facet: 'inventory',
    since: fact =>
      fact === 'votes' || fact === 'expected_votes' ? votesSeen : (known?.lastSeen ?? observedAt),
    observedAt,
    // A node that joins has not reported its version yet; only one that left takes its version away.
    versionsMoved: nodes.versions.some(({ change }) => change === 'deleted'),
  });
  // A look without that row has not seen the quorum.
  const lastSeen = seen.quorate === undefined ? (known?.lastSeen ?? observedAt) : observedAt;
  return { details: [detailOf(facts, lastSeen)], versions };
}

/**
 * What newly read versions of `nodes` mean for the cluster; `nodeVersions` are the new versions of the nodes' own histories.
 * Pure.
 */
export function decideClusterVersions(
  known: KnownCluster | null,
  nodes: Iterable<NodeEntity>,
  nodeVersions: NewVersion[],
  observedAt: OurTime,
): ClusterVerdict {
  if (known === null || nodeVersions.length === 0) return { details: [], versions: [] };
  const facts = withVersions(known.facts, nodes);
  const moved = nodeVersions.filter(({ change }) => change === 'updated');
  const dated = moved.length > 0 ? moved : nodeVersions;
  const versions = clusterVersions(known.facts.state, facts, {
    facet: 'details',
    since: () => earliestOf(dated.map(one => one.windowAfter ?? known.lastSeen)) ?? known.lastSeen,
    observedAt,
    versionsMoved: moved.length > 0,
  });
  return versions.length === 0
    ? { details: [], versions }
    : { details: [detailOf(facts, known.lastSeen)], versions };
}

function withVersions(facts: QuorumFacts, nodes: Iterable<NodeEntity>): QuorumFacts {
  const versions = versionsInUse(nodes);
  return versions === undefined ? facts : { ...facts, state: { ...facts.state, versions } };
}

function detailOf(data: QuorumFacts, observedAt: OurTime): Detail<'quorum'> {
  return { topic: 'quorum', subject: CLUSTER.id, source: '', data, observedAt };
}

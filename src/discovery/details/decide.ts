import { diffStates } from '../../history/diff.ts';
import { nodeState } from '../../history/resource-state.ts';
import type { NewVersion } from '../../model/change.ts';
import type { Detail, DetailTopic, NodeFacts } from '../../model/detail.ts';
import type { GuestEntity, NodeEntity } from '../../model/entity.ts';
import { latest, type OurTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { decideClusterVersions, type KnownCluster } from '../inventory/decide-cluster.ts';

/** What was reported before, by topic: it stands where a part cannot be read now. */
export interface Previous {
  readonly replication: readonly Detail<'replication'>[];
  readonly node: readonly Detail<'node'>[];
}

/** What one source reports on one topic; it replaces what that source reported before. */
export interface Reported {
  topic: DetailTopic;
  source: string;
  rows: Detail[];
}

/** What a node reports about itself. */
export interface NodeReport {
  version: string;
  /** Null where the token may read only the version. */
  facts: NodeFacts | null;
}

/** What nodes and the cluster report beyond the listing, and what was known of them. */
export interface DetailsObserved {
  observedAt: OurTime;
  /** By id, including nodes that left. */
  nodes: ReadonlyMap<string, NodeEntity>;
  /** The node of each guest (`vm/101`). */
  standsOn: ReadonlyMap<string, GuestEntity['nodeId']>;
  previous: Previous;
  cluster: KnownCluster | null;
  /** By node that answered about itself. */
  reports: ReadonlyMap<string, NodeReport>;
  reported: Reported[];
  /** The confinement of the containers that were asked. */
  confined: Detail<'confinement'>[];
  /** How far the nodes' clocks are ahead of the cluster's time (ms); null where unknown. */
  clocksAhead: ReadonlyMap<string, number | null>;
  warnings: string[];
  complete: boolean;
  unseen: Unseen[];
}

/** What is to be written about nodes and the cluster. A node's version is state; everything else is only kept current. */
export interface DetailsDecided
  extends Pick<DetailsObserved, 'observedAt' | 'complete' | 'unseen' | 'warnings'> {
  nodes: NodeEntity[];
  details: Detail[];
  reported: Reported[];
  versions: NewVersion[];
}

/** Decides what is known of nodes and the cluster now. What was not reported keeps its value. Pure. */
export function decideDetails(observed: DetailsObserved): DetailsDecided {
  const { observedAt, previous, reports, complete, unseen, warnings } = observed;
  const before = new Map(previous.node.map(row => [row.subject, row]));
  const nodes: NodeEntity[] = [];
  const details: Detail[] = [];
  const versions: NewVersion[] = [];
  for (const [id, { version, facts }] of reports) {
    const known = observed.nodes.get(id)!;
    const node = { ...known, pveVersion: version };
    nodes.push(node);
    if (known.pveVersion !== version)
      versions.push(nodeVersion(known, node, before.get(id)?.observedAt, observedAt));
    const clockAheadMs = observed.clocksAhead.get(id) ?? null;
    if (facts !== null)
      details.push({ topic: 'node', subject: id, source: '', data: { ...facts, clockAheadMs }, observedAt });
  }
  const now = new Map([...observed.nodes, ...nodes.map(node => [node.id, node] as const)]);
  const cluster = decideClusterVersions(observed.cluster, now.values(), versions, observedAt);
  return {
    observedAt,
    complete,
    unseen,
    warnings,
    nodes,
    details: [...details, ...cluster.details, ...observed.confined],
    reported: [...observed.reported, ...replicationLeftBehind(observed)],
    versions: [...versions, ...cluster.versions],
  };
}

/**
 * A node reports the replication of its own guests: rows of guests that have moved away from a node that reported nothing are
 * dropped.
 */
function replicationLeftBehind({ standsOn, previous, reported }: DetailsObserved): Reported[] {
  const reportedNow = new Set(reported.map(one => one.source));
  return [...Map.groupBy(previous.replication, row => row.source)].flatMap(([source, rows]) => {
    const staying = rows.filter(row => standsOn.get(row.subject) === source);
    const over = !reportedNow.has(source) && staying.length < rows.length;
    return over ? [{ topic: 'replication' as const, source, rows: staying }] : [];
  });
}

/**
 * The first version read is knowledge gained; a different one later is an upgrade that happened since the node last reported
 * about itself. Where the token may read only the version, no such time is kept, and the window begins when the node was first
 * seen.
 */
function nodeVersion(
  before: NodeEntity,
  after: NodeEntity,
  lastReported: OurTime | undefined,
  observedAt: OurTime,
): NewVersion {
  const gained = before.pveVersion === null;
  return {
    type: 'node',
    resourceId: after.id,
    incarnation: after.incarnation,
    change: gained ? 'discovered' : 'updated',
    facet: 'details',
    name: after.id,
    node: after.id,
    fields: gained ? [] : diffStates(nodeState(before), nodeState(after)),
    state: nodeState(after),
    windowAfter: latest(lastReported ?? before.createdAt, before.createdAt),
    windowBefore: observedAt,
  };
}

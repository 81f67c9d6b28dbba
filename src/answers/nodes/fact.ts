import type { NodeFacts as NodeDetails } from '../../model/detail.ts';
import type { GuestEntity, NodeEntity, Unconfirmed } from '../../model/entity.ts';
import type { GuestGroup } from '../../model/filter.ts';
import { hasProcess } from '../../model/status.ts';
import { isGroupInSight, type NodeSights, type OutOfSight } from '../in-sight.ts';

/** A node at present or at a moment. Its numbers are null if it is not online or cannot be judged. */
export interface NodeFact {
  node: string;
  /** `unknown` if it cannot be judged. */
  status: string;
  /** The same, as last seen. */
  lastStatus: string;
  out: OutOfSight | null;
  /** It is listed as online but does not answer for itself. */
  silent: boolean;
  cpus: number | null;
  cpuFraction: number | null;
  memoryBytes: number | null;
  memoryUsedBytes: number | null;
  /** What its guests with a process were given, as far as they can be seen; null if none of them can. */
  allocatedCpus: number | null;
  allocatedMemoryBytes: number | null;
  startedAt: number | null;
  uptimeSeconds: number | null;
  version: string | null;
  /** Its guests without templates, and how many of them are out of sight. */
  guests: number;
  unseenGuests: number;
  /** Facts that the last look did not tell: when each last was (ms), null if never. */
  unconfirmed: Unconfirmed | null;
  /** Further facts about it; null if they are not known, undefined if they were not asked for. */
  details?: NodeDetails | null;
}

/** A node's present status: `unknown` if it cannot be judged, whatever it was when last seen. */
export function nodeStatus(node: Pick<NodeEntity, 'id' | 'status'>, nodes: NodeSights): string {
  return nodes.unseen.has(node.id) ? 'unknown' : node.status;
}

/** Its uptime (s) if its last row told one. Without Sys.Audit a row has no numbers: the last known ones are not the present. */
export function toldUptime({ cpuUsage, memoryUsage, uptime, unconfirmed }: NodeEntity): number | null {
  if (cpuUsage === null && memoryUsage === null) return null;
  return unconfirmed?.['uptime_seconds'] === undefined ? uptime : null;
}

/** A node with its guests counted. */
export function nodeFact(node: NodeEntity, guests: readonly GuestGroup[], nodes: NodeSights): NodeFact {
  const status = nodeStatus(node, nodes);
  const online = status === 'online';
  const out = nodes.unseen.get(node.id) ?? null;
  const running = guests.filter(group => hasProcess(group.status) && isGroupInSight(group, nodes));
  const living = guests.filter(group => !group.template);
  const all = sum(living, 'guests');
  const unseenGuests = sum(
    living.filter(group => !isGroupInSight(group, nodes)),
    'guests',
  );
  // If none of its guests can be seen, there is nothing to sum up.
  const countable = online && (all === 0 || unseenGuests < all);
  return {
    node: node.id,
    status,
    lastStatus: node.status,
    out,
    silent: out !== null && node.unseenReason === null,
    cpus: node.cpuMax,
    cpuFraction: online ? node.cpuUsage : null,
    memoryBytes: node.memoryMax,
    memoryUsedBytes: online ? node.memoryUsage : null,
    allocatedCpus: countable ? sum(running, 'cpuCores') : null,
    allocatedMemoryBytes: countable ? sum(running, 'memoryBytes') : null,
    startedAt: online ? node.startedAt : null,
    uptimeSeconds: online ? toldUptime(node) : null,
    version: node.pveVersion,
    guests: all,
    unseenGuests,
    unconfirmed: online ? node.unconfirmed : null,
  };
}

function sum(groups: readonly GuestGroup[], of: 'guests' | 'cpuCores' | 'memoryBytes'): number {
  return groups.reduce((total, group) => total + group[of], 0);
}

/** A group of one guest. */
export function groupOfOne(
  guest: Pick<
    GuestEntity,
    'id' | 'nodeId' | 'status' | 'lockStatus' | 'template' | 'cpuCores' | 'memoryBytes' | 'unseenReason'
  >,
): GuestGroup {
  const { id, nodeId, status, lockStatus, template, cpuCores, memoryBytes, unseenReason } = guest;
  return {
    nodeId,
    status,
    lock: lockStatus,
    template,
    seen: unseenReason === null,
    guests: 1,
    cpuCores: cpuCores ?? 0,
    memoryBytes: memoryBytes ?? 0,
    firstId: id,
  };
}

import type { NodeEntity } from '../../model/entity.ts';
import type { GuestGroup } from '../../model/filter.ts';
import { GUEST_TYPES } from '../../model/resource.ts';
import type { NodeState } from '../../model/state.ts';
import type { StoreReader } from '../../model/store.ts';
import { ourTime } from '../../model/time.ts';
import { pastGuestFact } from '../guests/fact.ts';
import { type NodeSights, nodeSights, nodeSightsAt } from '../in-sight.ts';
import { groupOfOne, type NodeFact, nodeFact } from './fact.ts';

/**
 * The nodes at present; or, for a list that began at a place in the sequence (`from`), the nodes of that time with their status
 * then and today's usage.
 */
export async function loadNodes(store: StoreReader, from?: number): Promise<NodeFact[]> {
  const [nodes, ...groups] = await Promise.all([
    from === undefined ? store.nodes() : nodesAt(store, from),
    ...GUEST_TYPES.map(type => store.guestGroups(type)),
  ]);
  return nodeFacts(nodes, groups.flat(), await nodeSights(store, nodes));
}

/** Nodes with their guests, where all of these have been read. */
export function nodeFacts(
  nodes: readonly NodeEntity[],
  groups: readonly GuestGroup[],
  sights: NodeSights,
): NodeFact[] {
  const guests = Map.groupBy(groups, group => group.nodeId);
  return nodes.map(node => nodeFact(node, guests.get(node.id) ?? [], sights));
}

/** The nodes as they were at a place in the sequence, which was at `at` (ms); usage and sizes are not kept. */
export async function loadNodesThen(
  store: StoreReader,
  { seq, at }: { seq: number; at: number },
): Promise<NodeFact[]> {
  const [versions, sights, ...lists] = await Promise.all([
    store.everythingAt(seq, 'node'),
    nodeSightsAt(store, seq),
    ...GUEST_TYPES.map(type => store.everythingAt(seq, type)),
  ]);
  const guests = Map.groupBy(
    lists.flat().map((version): GuestGroup => {
      const fact = pastGuestFact(version, sights, at);
      return groupOfOne({
        id: fact.vmid,
        nodeId: fact.node,
        status: fact.lastStatus,
        lockStatus: fact.lock,
        template: fact.template,
        cpuCores: fact.cpus,
        memoryBytes: fact.memoryBytes,
        unseenReason: fact.out?.reason ?? null,
      });
    }),
    group => group.nodeId,
  );
  return versions.map(({ resourceId, state }) => {
    const { status, version, started_at: startedAt = null } = state as NodeState;
    const node: NodeEntity = {
      ...NOTHING,
      id: resourceId,
      status,
      pveVersion: version ?? null,
      startedAt,
      // Computed from the start.
      uptime: startedAt === null ? null : Math.round((at - startedAt) / 1000),
    };
    const fact = nodeFact(node, guests.get(resourceId) ?? [], sights);
    return { ...fact, uptimeSeconds: fact.startedAt === null ? null : node.uptime };
  });
}

const NOTHING: Omit<NodeEntity, 'id' | 'status' | 'pveVersion' | 'startedAt' | 'uptime'> = {
  cpuUsage: null,
  cpuMax: null,
  memoryUsage: null,
  memoryMax: null,
  bootAt: null,
  removed: false,
  incarnation: 0,
  lastSeen: null,
  unseenReason: null,
  unconfirmed: null,
  createdAt: ourTime(0),
  updatedAt: 0,
};

/** The nodes of that time with their status then. Usage is not kept, so it is today's. */
async function nodesAt(store: StoreReader, seq: number): Promise<NodeEntity[]> {
  const [versions, nodes] = await Promise.all([
    store.everythingAt(seq, 'node'),
    store.nodes({ includeRemoved: true }),
  ]);
  const known = new Map(nodes.map(node => [node.id, node]));
  return versions.flatMap(version => {
    const node = known.get(version.resourceId);
    const { status, version: pveVersion } = version.state as NodeState;
    return node === undefined ? [] : [{ ...node, status, pveVersion: pveVersion ?? node.pveVersion }];
  });
}

/** The same nodes with their further facts. */
export async function withDetails(store: StoreReader, nodes: readonly NodeFact[]): Promise<NodeFact[]> {
  const details = new Map((await store.details('node')).map(row => [row.subject, row.data]));
  return nodes.map(node => ({ ...node, details: details.get(node.node) ?? null }));
}

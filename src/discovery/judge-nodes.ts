import type { NewVersion } from '../model/change.ts';
import type { NodeEntity } from '../model/entity.ts';
import type { InventoryObservation, NodeObservation } from '../model/observation.ts';
import type { JsonObject } from '../model/state.ts';
import { diffStates } from '../state/diff.ts';
import { nodeState } from '../state/resource-state.ts';
import { restarted } from './witness.ts';

/** A node's status before it was ever seen. */
const NEVER_SEEN = 'unknown';

/** Decides what a listing means for every node. Pure. A node that left keeps its row, so that its tasks keep their node. */
export function judgeNodes(
  known: ReadonlyMap<string, NodeEntity>,
  inventory: InventoryObservation,
  lastListing: number | null,
  arrivalsAreCreated: boolean,
): { upserts: NodeEntity[]; versions: NewVersion[] } {
  const upserts: NodeEntity[] = [];
  const versions: NewVersion[] = [];
  for (const seen of inventory.nodes) {
    const before = known.get(seen.id);
    const living = before !== undefined && !before.removed ? before : null;
    const after = observeNode(living, seen, (before?.incarnation ?? 0) + 1, inventory.observedAt);
    upserts.push(after);
    if (living === null) {
      versions.push(
        arrivalsAreCreated
          ? version(after, 'created', lastListing, inventory.observedAt)
          : version(after, 'discovered', null, inventory.observedAt),
      );
      continue;
    }
    const fields = diffStates(nodeState(living), nodeState(after));
    if (fields.length === 0) continue;
    // What could not be seen before is knowledge gained, not a change.
    const moved = living.status === NEVER_SEEN ? [] : fields.filter(({ from }) => from !== null);
    versions.push({
      ...version(after, moved.length > 0 ? 'updated' : 'discovered', living.lastSeen, inventory.observedAt),
      fields: moved,
    });
  }
  const listed = new Set(inventory.nodes.map(node => node.id));
  for (const node of known.values()) {
    if (listed.has(node.id) || node.removed) continue;
    if (!inventory.nodesComplete) {
      upserts.push({ ...node, unseenReason: 'missing from the listing' });
      continue;
    }
    upserts.push({ ...node, removed: true, updatedAt: inventory.observedAt });
    versions.push(version(node, 'deleted', node.lastSeen, inventory.observedAt));
  }
  return { upserts, versions };
}

/**
 * The row of a node that others refer to, though no list has it: a host that was renamed, or that left before anybody
 * looked. It is not part of the cluster, and has no history.
 */
export function strangeNode(id: string, observedAt: number): NodeEntity {
  return { ...neverSeen(id, 0, observedAt), removed: true };
}

function neverSeen(id: string, incarnation: number, at: number): NodeEntity {
  return {
    id,
    status: NEVER_SEEN,
    cpuUsage: null,
    cpuMax: null,
    memoryUsage: null,
    memoryMax: null,
    uptime: null,
    pveVersion: null,
    startedAt: null,
    removed: false,
    incarnation,
    lastSeen: null,
    unseenReason: null,
    createdAt: at,
    updatedAt: at,
  };
}

function observeNode(
  known: NodeEntity | null,
  seen: NodeObservation,
  nextIncarnation: number,
  observedAt: number,
): NodeEntity {
  const base = known ?? neverSeen(seen.id, nextIncarnation, observedAt);
  const judged = seen.status !== undefined;
  return {
    ...base,
    ...seen.usage,
    status: seen.status ?? base.status,
    startedAt: rebooted(base, seen) ? seen.bootAt! : (base.startedAt ?? seen.bootAt ?? null),
    lastSeen: judged ? observedAt : base.lastSeen,
    unseenReason: judged ? null : 'its status could not be judged (no quorum, or the sources disagree)',
    updatedAt: observedAt,
  };
}

/**
 * A reboot shows as a later boot and a shorter uptime at once: boot times wander over months, and after a node comes
 * back its row repeats the old uptime until its first broadcast.
 */
function rebooted(known: NodeEntity, seen: NodeObservation): boolean {
  const before = { bootAt: known.startedAt, uptime: known.uptime };
  const now = { bootAt: seen.bootAt, uptime: seen.usage.uptime };
  return seen.status === 'online' && restarted(before, now, true) && restarted(before, now, false);
}

function version(
  node: NodeEntity,
  change: NewVersion['change'],
  windowAfter: number | null,
  observedAt: number,
): NewVersion {
  return {
    type: 'node',
    resourceId: node.id,
    incarnation: node.incarnation,
    change,
    facet: 'inventory',
    name: node.id,
    node: node.id,
    fields: [],
    state: nodeState(node) as unknown as JsonObject,
    windowAfter,
    windowBefore: observedAt,
  };
}

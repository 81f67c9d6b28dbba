import { diffStates } from '../../history/diff.ts';
import { nodeState } from '../../history/resource-state.ts';
import type { NewVersion } from '../../model/change.ts';
import type { NodeEntity } from '../../model/entity.ts';
import type { InventoryObservation, NodeObservation } from '../../model/observation.ts';
import type { JsonObject } from '../../model/state.ts';
import { BOOT_TOLERANCE_MS } from '../guests/confirm.ts';

/** Where a node's row keeps each field of its state. */
const KEPT_AS: { [path: string]: keyof NodeEntity } = {
  status: 'status',
  version: 'pveVersion',
  started_at: 'startedAt',
};
/** A node's status before it was ever seen. */
const NEVER_SEEN = 'unknown';
const NO_LOAD = { cpuUsage: null, memoryUsage: null };

/** A node's boot (ms) and uptime (s) in its own words. */
export interface NodeBoot {
  bootAt: number;
  uptime: number;
}

/** What nodes themselves say of when they booted, and how far that can be compared. */
export interface NodeBoots {
  /** Neither our clock nor the cluster's was set since the last run. */
  clockSteady: boolean;
  /** Of those that were asked and answered. */
  asked: ReadonlyMap<string, NodeBoot>;
}

/**
 * Whether a node seems to have booted though its uptime did not shrink: it was down for long, or its row repeats the old
 * uptime, as it does after it came back until its first broadcast. Only the node itself can tell.
 */
export function maybeRebooted(
  known: NodeEntity | undefined,
  seen: NodeObservation,
  clockSteady: boolean,
): boolean {
  if (known === undefined || known.removed || seen.status !== 'online' || !clockSteady) return false;
  if (known.bootAt === null || seen.bootAt === undefined) return false;
  return seen.bootAt - known.bootAt > BOOT_TOLERANCE_MS && !shrank(known, seen);
}

/** Decides what a listing means for every node. Pure. A node that left keeps its row, so that its tasks keep their node. */
export function decideNodes(
  known: ReadonlyMap<string, NodeEntity>,
  inventory: InventoryObservation,
  lastListing: number | null,
  arrivalsAreCreated: boolean,
  boots: NodeBoots = { clockSteady: true, asked: new Map() },
): { upserts: NodeEntity[]; versions: NewVersion[] } {
  const upserts: NodeEntity[] = [];
  const versions: NewVersion[] = [];
  for (const seen of inventory.nodes) {
    const before = known.get(seen.id);
    const living = before !== undefined && !before.removed ? before : null;
    const after = observeNode(living, seen, (before?.incarnation ?? 0) + 1, inventory.observedAt, boots);
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
    const learnt = living.status === NEVER_SEEN ? fields : fields.filter(({ from }) => from === null);
    const moved = fields.filter(field => !learnt.includes(field));
    if (learnt.length > 0) {
      const known = { ...living };
      for (const { path } of learnt) Object.assign(known, { [KEPT_AS[path]!]: after[KEPT_AS[path]!] });
      versions.push(version(known, 'discovered', living.lastSeen ?? living.createdAt, inventory.observedAt));
    }
    if (moved.length > 0)
      versions.push({ ...version(after, 'updated', living.lastSeen, inventory.observedAt), fields: moved });
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
export function unlistedNode(id: string, observedAt: number): NodeEntity {
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
    bootAt: null,
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
  boots: NodeBoots,
): NodeEntity {
  const base = known ?? neverSeen(seen.id, nextIncarnation, observedAt);
  const judged = seen.status !== undefined;
  const own = boots.asked.get(seen.id);
  const boot = own ?? { bootAt: seen.bootAt, uptime: seen.usage.uptime };
  const inDoubt = own === undefined && maybeRebooted(base, seen, boots.clockSteady);
  const again = own === undefined ? shrank(base, seen) : later(base.bootAt, own.bootAt);
  // Boot times wander over months.
  const rebooted = seen.status === 'online' && again && later(base.startedAt, boot.bootAt ?? 0);
  return {
    ...base,
    // An online node that tells no load now has none that could be shown as the present.
    ...(seen.status === 'online' && NO_LOAD),
    ...seen.usage,
    ...(own && { uptime: own.uptime }),
    status: seen.status ?? base.status,
    startedAt: rebooted ? boot.bootAt! : (base.startedAt ?? (inDoubt ? null : boot.bootAt) ?? null),
    bootAt: bootOf(base, boot.bootAt, inDoubt, boots),
    lastSeen: judged ? observedAt : base.lastSeen,
    unseenReason: judged ? null : 'its status could not be judged (no quorum, or the sources disagree)',
    updatedAt: observedAt,
  };
}

/** The boot to compare the next one with: what is in doubt is judged again, what a clock was set under cannot be. */
function bootOf(
  base: NodeEntity,
  bootAt: number | undefined,
  inDoubt: boolean,
  { clockSteady }: NodeBoots,
): number | null {
  if (bootAt !== undefined && !inDoubt) return bootAt;
  return clockSteady ? base.bootAt : null;
}

function shrank(known: NodeEntity, { usage }: NodeObservation): boolean {
  return known.uptime !== null && usage.uptime !== undefined && usage.uptime < known.uptime;
}

function later(known: number | null, bootAt: number): boolean {
  return known !== null && bootAt - known > BOOT_TOLERANCE_MS;
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

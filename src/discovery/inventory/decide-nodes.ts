import { diffStates } from '../../history/diff.ts';
import { nodeState } from '../../history/resource-state.ts';
import type { FieldChange, NewVersion } from '../../model/change.ts';
import type { NodeEntity } from '../../model/entity.ts';
import type { InventoryObservation, NodeObservation } from '../../model/observation.ts';
import { earliest, later, type OurTime } from '../../model/time.ts';
import { openFacts } from '../common/unconfirmed.ts';
import { BOOT_TOLERANCE_MS } from '../guests/row.ts';
import { type NodeBoot, type NodeBoots, ROW_LAG_MS } from './row-ages.ts';

/** The property of a node's row that holds each field of its state. */
const KEPT_AS: { [path: string]: keyof NodeEntity } = {
  status: 'status',
  version: 'pveVersion',
  started_at: 'startedAt',
};
/** The status of a node that was never seen. */
const NEVER_SEEN = 'unknown';
const NO_LOAD = { cpuUsage: null, memoryUsage: null };
/** The columns of a list that hold the numbers of a node's row. */
const COLUMNS = {
  cpus: 'cpuMax',
  cpu_percent: 'cpuUsage',
  memory_gib: 'memoryMax',
  memory_percent: 'memoryUsage',
  uptime_seconds: 'uptime',
} as const;

/**
 * Whether a node seems to have booted since the last look. Only the node itself can tell: a row repeats an old uptime after the
 * node came back, until its first broadcast, and for minutes where its statistics daemon hangs.
 */
export function seemsRebooted(
  known: NodeEntity | undefined,
  seen: NodeObservation,
  clockSteady: boolean,
): boolean {
  if (known === undefined || known.removed || seen.status !== 'online') return false;
  return shrank(known, seen) || (clockSteady && isLater(known.bootAt, seen.bootAt ?? 0));
}

/** Decides what a listing means for every node. Pure. A node that left keeps its row, which its tasks refer to. */
export function decideNodes(
  known: ReadonlyMap<string, NodeEntity>,
  inventory: InventoryObservation,
  lastListing: OurTime | null,
  arrivalsAreCreated: boolean,
  boots: NodeBoots = { clockSteady: true, ahead: 0, asked: new Map() },
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
    const windows = Map.groupBy(
      fields.filter(field => !learnt.includes(field)),
      ({ path }) => since(living, after, path),
    );
    let sofar = withFields(living, after, learnt);
    if (learnt.length > 0)
      versions.push(version(sofar, 'discovered', living.lastSeen ?? living.createdAt, inventory.observedAt));
    for (const [windowAfter, moved] of [...windows].sort(([a], [b]) => (a ?? 0) - (b ?? 0))) {
      sofar = withFields(sofar, after, moved);
      versions.push({ ...version(sofar, 'updated', windowAfter, inventory.observedAt), fields: moved });
    }
  }
  const listed = new Set(inventory.nodes.map(node => node.id));
  for (const node of known.values()) {
    if (listed.has(node.id) || node.removed) continue;
    if (!inventory.nodesComplete) {
      upserts.push({ ...node, unseenReason: { code: 'not-listed' } });
      continue;
    }
    upserts.push({ ...node, removed: true, updatedAt: inventory.observedAt });
    versions.push(version(node, 'deleted', node.lastSeen, inventory.observedAt));
  }
  return { upserts, versions };
}

/**
 * Since when a field may have changed (ms). A boot has its own time, which may be before the last look, as while the node's row
 * showed no uptime. A node that was off then came back since, and began to boot a moment before.
 */
function since(known: NodeEntity, { status, bootAt }: NodeEntity, path: string): OurTime | null {
  const { lastSeen } = known;
  if (path !== 'started_at' || lastSeen === null || bootAt === null || status !== known.status)
    return lastSeen;
  return earliest(lastSeen, later(bootAt, -ROW_LAG_MS));
}

function withFields(node: NodeEntity, after: NodeEntity, fields: FieldChange[]): NodeEntity {
  const keys = fields.map(({ path }) => KEPT_AS[path]!);
  return { ...node, ...Object.fromEntries(keys.map(key => [key, after[key]])) };
}

/**
 * The row of a node that others refer to although it is in no list: a host that was renamed, or left before the first look. It is
 * not part of the cluster, and has no history.
 */
export function unlistedNode(id: string, observedAt: OurTime): NodeEntity {
  return { ...neverSeen(id, 0, observedAt), removed: true };
}

function neverSeen(id: string, incarnation: number, at: OurTime): NodeEntity {
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
    unconfirmed: null,
    createdAt: at,
    updatedAt: at,
  };
}

function observeNode(
  known: NodeEntity | null,
  seen: NodeObservation,
  nextIncarnation: number,
  observedAt: OurTime,
  boots: NodeBoots,
): NodeEntity {
  const base = known ?? neverSeen(seen.id, nextIncarnation, observedAt);
  const hasStatus = seen.status !== undefined;
  const own = boots.asked.get(seen.id);
  const boot = own ?? { bootAt: seen.bootAt, uptime: seen.usage.uptime };
  const again =
    own === undefined
      ? bootedByRow(base, seen, observedAt, boots.clockSteady)
      : booted(base, own, boots.clockSteady);
  const inDoubt = own === undefined && !again && seemsRebooted(base, seen, boots.clockSteady);
  // A start is history, and so in the cluster's time.
  const startedAt = boot.bootAt === undefined || inDoubt ? null : boot.bootAt + boots.ahead;
  // Boot times drift over months.
  const rebooted = seen.status === 'online' && again && isLater(base.startedAt, startedAt ?? 0);
  return {
    ...base,
    // For an online node that reports no load now, there is none to show as current.
    ...(seen.status === 'online' && NO_LOAD),
    ...seen.usage,
    ...(own && { uptime: own.uptime }),
    status: seen.status ?? base.status,
    startedAt: rebooted ? startedAt : (base.startedAt ?? startedAt),
    bootAt: bootOf(base, boot.bootAt, own !== undefined || again, inDoubt, boots),
    lastSeen: hasStatus ? observedAt : base.lastSeen,
    unseenReason: hasStatus ? null : { code: 'status-contradicted' },
    unconfirmed: seen.status === 'online' ? untold(base, seen, own) : null,
    updatedAt: observedAt,
  };
}

/** The numbers that the row of an online node does not tell. It may tell its uptime itself. */
function untold(base: NodeEntity, { usage, unread }: NodeObservation, own: NodeBoot | undefined) {
  const facts = Object.entries(COLUMNS).map(([column, of]) => {
    const told = usage[of] !== undefined || (of === 'uptime' && own !== undefined);
    return [column, { told, unread: unread?.includes(of) ?? false, known: base[of] !== null }];
  });
  return openFacts(Object.fromEntries(facts), base.unconfirmed, base.lastSeen);
}

/**
 * The boot to compare the next one with; a doubtful one is decided again next time, and one from before a clock was set is
 * useless. An old row dates the boot too late by its own age, so of two rows the one with the earlier boot is right.
 */
function bootOf(
  base: NodeEntity,
  bootAt: OurTime | undefined,
  certain: boolean,
  inDoubt: boolean,
  { clockSteady }: NodeBoots,
): OurTime | null {
  const former = clockSteady && base.status === 'online' ? base.bootAt : null;
  if (bootAt !== undefined && !inDoubt) return certain || former === null ? bootAt : earliest(former, bootAt);
  return clockSteady ? base.bootAt : null;
}

/** Whether it booted according to itself: later than known or, where boots cannot be compared, with a shorter uptime. */
function booted(known: NodeEntity, own: NodeBoot, clockSteady: boolean): boolean {
  if (clockSteady && known.bootAt !== null) return isLater(known.bootAt, own.bootAt);
  return known.uptime !== null && own.uptime < known.uptime;
}

/**
 * Whether it booted according to its row, where the node did not answer. The known uptime may be newer than the one that the row
 * repeats: a shorter uptime that exceeds the time since the last look is no new one.
 */
function bootedByRow(
  known: NodeEntity,
  seen: NodeObservation,
  observedAt: OurTime,
  clockSteady: boolean,
): boolean {
  if (!shrank(known, seen)) return false;
  if (!clockSteady || known.status !== 'online' || known.lastSeen === null) return true;
  return seen.usage.uptime! * 1000 <= observedAt - known.lastSeen + ROW_LAG_MS;
}

function shrank(known: NodeEntity, { usage }: NodeObservation): boolean {
  return known.uptime !== null && usage.uptime !== undefined && usage.uptime < known.uptime;
}

function isLater(known: number | null, bootAt: number): boolean {
  return known !== null && bootAt - known > BOOT_TOLERANCE_MS;
}

function version(
  node: NodeEntity,
  change: NewVersion['change'],
  windowAfter: OurTime | null,
  observedAt: OurTime,
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
    state: nodeState(node),
    windowAfter,
    windowBefore: observedAt,
  };
}

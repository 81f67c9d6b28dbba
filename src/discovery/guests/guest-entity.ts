import type { GuestEntity, GuestSighting } from '../../model/entity.ts';
import type { GuestObservation, GuestReading, InventoryObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import { type ClusterTime, later, type OurTime } from '../../model/time.ts';
import { confirmedAt, neverConfirmed, stillUnconfirmed } from './confirmed.ts';
import type { Arrival } from './evidence.ts';
import { isLeftBehind } from './left-behind.ts';
import { BOOT_NOISE_MS, BOOT_TOLERANCE_MS, restarted } from './row.ts';

/** Circumstances that decide what a look at guests can tell. */
export interface Sight {
  /** Neither our clock nor the cluster's was set since the last run. */
  clockSteady: boolean;
  /** A guest listed without a pool may be in one that the token cannot see. */
  poolsHidden: boolean;
  /** Nodes whose rows, and so those of their guests, are older than the last look. */
  oldRows: ReadonlySet<string>;
  /** Nodes of which nothing tells whether their rows are. */
  unsureRows: ReadonlySet<string>;
}

/** When a guest was seen for the first time (ms); `firstSeen` is `observedAt` in the cluster's time. */
export interface FirstLook extends Pick<Sight, 'poolsHidden'> {
  observedAt: OurTime;
  firstSeen: ClusterTime;
}

/** The row of a guest that is new to the store; its own answer, where there is one, overrides the listing. */
export function firstSight(
  row: GuestObservation,
  reading: GuestReading | undefined,
  incarnation: number,
  { observedAt, firstSeen, poolsHidden }: FirstLook,
): GuestEntity {
  const seen = reading?.live ? reading.live.status : row.status;
  const lock = reading?.live ? reading.live.lock : row.lock;
  // A guest in a passing status has a process; during a backup that may be vzdump's.
  const passes = reading?.live !== undefined || (row.passing && !row.unread?.includes('status'));
  const status = seen ?? (lock !== 'backup' && passes ? 'running' : null);
  const boot = reading?.live ? reading.live.bootAt : row.bootAt;
  const bootAt = status === 'running' ? (boot ?? null) : null;
  return {
    type: row.type,
    id: row.id,
    nodeId: reading?.node ?? row.node,
    name: (reading?.name === undefined ? row.name : reading.name) ?? null,
    status,
    template: reading?.template ?? row.template ?? false,
    tags: reading?.tags ?? row.tags ?? [],
    pool: row.pool ?? null,
    ...NO_USAGE,
    ...row.usage,
    // A passing HA state at first sight is recorded as the state it usually leads to.
    haState: row.ha === undefined ? (row.haPassing ? 'started' : null) : row.ha,
    lockStatus: lock ?? null,
    startedAt: bootAt === null ? null : later(firstSeen, bootAt - observedAt),
    bootAt,
    identity: reading?.identity ?? null,
    configSeen: reading && !reading.unread.shortConfig ? reading.readAt : null,
    unconfirmed: neverConfirmed(row, reading, poolsHidden),
    incarnation,
    lastSeen: observedAt,
    unseenReason: isPartlyRead(row) ? PARTLY_READ : null,
    createdAt: firstSeen,
    updatedAt: observedAt,
  };
}

/** Why a guest is not fully known at first sight: its row's pool or HA state could not be read. */
export const PARTLY_READ: Reason = { code: 'row-partly-unread' };

function isPartlyRead(row: GuestObservation): boolean {
  return row.unread?.some(field => field === 'pool' || field === 'hastate') ?? false;
}

/**
 * The guest that now has the VMID of `known`. The row may still be that of the former guest, so its pool and HA state are
 * ignored.
 */
export function nextIncarnation(
  row: GuestObservation,
  reading: GuestReading,
  { incarnation }: GuestEntity,
  look: FirstLook,
): GuestEntity {
  const own = { ...row, pool: undefined, ha: undefined, haPassing: false };
  return firstSight(own, reading, incarnation + 1, look);
}

const NO_USAGE = {
  cpuCores: null,
  cpuUsage: null,
  memoryBytes: null,
  memoryUsage: null,
  diskSize: null,
  diskUsage: null,
  networkIn: null,
  networkOut: null,
  uptime: null,
};

/** A known guest after a look, from its row and its own answer where it was asked. Fields not seen keep their values. */
export function observe(
  basis: Sight &
    Migrations & {
      inventory: InventoryObservation;
      /** When the listing was read, in the cluster's time (ms). */
      clusterNow: ClusterTime;
      arrival: (guest: GuestEntity, boot: OurTime) => Arrival;
    },
  known: GuestEntity,
  row: GuestObservation,
  reading: GuestReading | undefined,
): GuestEntity {
  const live = reading?.live;
  const status = (live ? live.status : row.status) ?? known.status;
  const node = reading?.node ?? row.node;
  const lock = live ? live.lock : row.lock;
  const next: GuestEntity = {
    ...known,
    ...row.usage,
    nodeId: node,
    status,
    pool: row.pool === undefined ? known.pool : row.pool,
    haState: row.ha === undefined ? known.haState : row.ha,
    lockStatus: lock === undefined ? known.lockStatus : lock,
    lastSeen: basis.inventory.observedAt,
    unseenReason: known.unseenReason?.code === PARTLY_READ.code && isPartlyRead(row) ? PARTLY_READ : null,
    unconfirmed: stillUnconfirmed(known, row, reading, basis),
    updatedAt: basis.inventory.observedAt,
  };
  if (known.configSeen === null) {
    // Until its configuration is read, the listing is the only source.
    next.name = row.name === undefined ? known.name : row.name;
    next.tags = row.tags ?? known.tags;
    next.template = row.template ?? known.template;
  }
  const moved = next.nodeId !== known.nodeId;
  // In its first second a guest has no uptime yet.
  const begun = known.status === 'stopped' ? reading?.readAt : undefined;
  const boot = (live ? live.bootAt : row.bootAt) ?? begun;
  const arrival = boot === undefined ? null : basis.arrival(known, boot);
  const started = boot === undefined ? null : basis.startBefore(known, boot);
  const came = moved && cameRunning(basis, known, { arrival, started });
  const uptime = live ? live.uptime : row.usage.uptime;
  if (came) {
    // Its uptime begins anew on the other node, so its earlier boot cannot be compared any more.
    next.bootAt = null;
    next.uptime = uptime ?? null;
  }
  if (status === 'running' && boot !== undefined) {
    const again = moved ? !came : restarted(known, { bootAt: boot, uptime }, basis.clockSteady);
    // A guest that left and came back between two looks has a new uptime as well, but was not started.
    const began = known.status === 'stopped' || (again && arrival !== 'migrated') || beganUnseen(known);
    // A guest that arrived running was started before, maybe since the last look; the HA manager also starts guests on other
    // nodes.
    const before = arrival === 'migrated' || came ? started : null;
    // A start is history, and so in the cluster's time.
    if (began || before !== null)
      next.startedAt = before ?? later(basis.clusterNow, boot - basis.inventory.observedAt);
    next.bootAt = began || moved || again ? boot : bootAfter(known, boot, basis.clockSteady);
  }
  return next;
}

/** A guest that was out of sight in a run. */
export function outOfSight(guest: GuestEntity, unseenReason: Reason, clockSteady: boolean): GuestEntity {
  // Its boot was computed from a clock that has been set since.
  return { ...guest, unseenReason, bootAt: clockSteady ? guest.bootAt : null };
}

/** What tells whether a guest came running to where it is. */
interface Migrations {
  deadNodes: ReadonlySet<string>;
  /** All tasks of the nodes that are online could be read. */
  tasksOfAll: boolean;
  startBefore: (guest: GuestEntity, boot: OurTime) => ClusterTime | null;
}

/**
 * Whether a guest that runs on another node than before arrived there running: it has a new uptime, but was not started.
 * Containers are always stopped to move. A VM that was `started` elsewhere has a start task there: its migration may be dated
 * too early, by a clock that was set since. Nothing arrives running from a dead node; but a node that was only cut off may have
 * come back, sent the guest away and failed together with the record of that task.
 */
function cameRunning(
  { deadNodes, tasksOfAll }: Migrations,
  known: GuestEntity,
  { arrival, started }: { arrival: Arrival; started: ClusterTime | null },
): boolean {
  const wasLeft = isLeftBehind(known, deadNodes);
  const isStarted = started === null ? wasLeft && !tasksOfAll : wasLeft || arrival === 'started';
  return known.type === 'vm' && !isStarted;
}

/** Whether its start was never known. */
function beganUnseen(known: GuestEntity): boolean {
  return known.startedAt === null && confirmedAt(known, 'started_at') === null;
}

/**
 * The boot (ms) with which the next look compares, of a guest that was not restarted: normally the one just seen, since boot
 * times drift over months. A row that lags behind a restart still shows the boot before it. A boot that is later than lag
 * explains may be another one: if it was adopted, several restarts within a minute of each other would all go untold.
 */
function bootAfter({ bootAt }: GuestEntity, seen: OurTime, clockSteady: boolean): OurTime {
  if (!clockSteady || bootAt === null) return seen;
  const by = seen - bootAt;
  return by < -BOOT_TOLERANCE_MS || by > BOOT_NOISE_MS ? bootAt : seen;
}

/**
 * Everything that `observe` would change about a guest whose row has not moved (`rowMoved`); null where it would change more.
 * Most rows of most runs are like this, so their states need not be compared, nor their rows rewritten.
 */
export function sighting(known: GuestEntity, row: GuestObservation, sight: Sight): GuestSighting | null {
  const { usage } = row;
  const stands =
    known.unseenReason === null &&
    row.unread === undefined &&
    !(row.bootAt !== undefined && beganUnseen(known)) &&
    stillUnconfirmed(known, row, undefined, sight) === known.unconfirmed &&
    (row.lock === undefined || row.lock === known.lockStatus) &&
    (usage.cpuCores === undefined || usage.cpuCores === known.cpuCores) &&
    (usage.memoryBytes === undefined || usage.memoryBytes === known.memoryBytes) &&
    (usage.diskSize === undefined || usage.diskSize === known.diskSize);
  if (!stands) return null;
  const boot = row.bootAt;
  const runs = known.status === 'running' && boot !== undefined;
  return {
    id: known.id,
    cpuUsage: usage.cpuUsage ?? known.cpuUsage,
    memoryUsage: usage.memoryUsage ?? known.memoryUsage,
    diskUsage: usage.diskUsage ?? known.diskUsage,
    networkIn: usage.networkIn ?? known.networkIn,
    networkOut: usage.networkOut ?? known.networkOut,
    uptime: usage.uptime ?? known.uptime,
    bootAt: runs ? bootAfter(known, boot, sight.clockSteady) : known.bootAt,
  };
}

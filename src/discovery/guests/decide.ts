import type { GuestEntity, GuestSighting } from '../../model/entity.ts';
import type { GuestObservation, GuestReading, InventoryObservation } from '../../model/observation.ts';
import { guestKey } from '../../model/resource.ts';
import { type ClusterTime, earliest, later, latest, type OurTime, ourTime } from '../../model/time.ts';
import type { Absence } from '../common/absence.ts';
import { isOtherLife } from '../common/identity.ts';
import { changesBetween, type GuestChange } from './changes.ts';
import { confirmedAt } from './confirmed.ts';
import type { Arrival } from './evidence.ts';
import {
  type FirstLook,
  firstSight,
  nextIncarnation,
  observe,
  outOfSight,
  type Sight,
  sighting,
} from './guest-entity.ts';
import { type Confirmation, isReading, isSilent, outOfReach, rowMoved } from './row.ts';

/** How much later than its node reports a destruction may have ended, by the clock that dates the listing (ms). */
const ROW_SLACK_MS = 3_000;
/** How old a row may be in the ordinary way (ms). */
const ROW_OLD_MS = 15_000;
/** How much earlier than the end of its task, in whole seconds, a guest may have been gone (ms). */
const DESTROY_SLACK_MS = 10_000;

/** What is known before the run, and what the run found besides the listing. All of it is read before anything is written. */
export interface GuestBasis extends Sight {
  known: ReadonlyMap<string, GuestEntity>;
  inventory: InventoryObservation;
  confirmations: ReadonlyMap<string, Confirmation>;
  absences: ReadonlyMap<string, Absence>;
  /**
   * Guests (`vm/101`) whose VMID was freed by a finished destroy task since they were last seen, and when (ms, in the cluster's
   * time).
   */
  destroyed: ReadonlyMap<string, number>;
  /** There was no complete inventory before: everything is a discovery. */
  firstSight: boolean;
  /** When the last complete listing was read, in the cluster's time (ms). */
  lastListing: number | null;
  /** When the listing was read, in the cluster's time (ms). */
  clusterNow: ClusterTime;
  /** The moments of known guests were shifted, so all of them have to be written. */
  redated: boolean;
  /** Nodes that were offline in the last run and still are. */
  deadNodes: ReadonlySet<string>;
  /** All tasks of the online nodes could be read. */
  tasksOfAll: boolean;
  /** When a guest was created, in the cluster's time (ms), if that was since the last complete inventory. */
  createdSince: (row: GuestObservation, reading: GuestReading) => number | null;
  /** How a running guest's process came about, according to tasks. */
  arrival: (guest: GuestEntity, boot: OurTime) => Arrival;
  /**
   * When a guest that a migration brought to its node at `boot` had been started (ms, cluster's time), if that was since the last
   * look.
   */
  startBefore: (guest: GuestEntity, boot: OurTime) => ClusterTime | null;
  /**
   * When the VMID of a guest that is new to the store last belonged to another guest (ms, in the cluster's time), where that is
   * known.
   */
  vmidTaken: (row: GuestObservation) => number | null;
  /** The incarnation with which a guest that is new to the store begins. */
  nextIncarnation: (key: string) => number;
}

/** What is to be written about guests: complete rows, and the changes that become versions. */
export interface GuestVerdict {
  upserts: GuestEntity[];
  deletions: GuestEntity[];
  changes: GuestChange[];
}

/** The same for a whole listing. */
export interface ListingVerdict extends GuestVerdict {
  /** Guests whose state is unchanged, with what else is new about them. */
  sightings: { guest: GuestEntity; seen: GuestSighting }[];
}

/** Decides what a listing means for every guest. Pure: the same basis gives the same verdict. */
export function decideGuests(basis: GuestBasis): ListingVerdict {
  const verdict: ListingVerdict = { upserts: [], deletions: [], changes: [], sightings: [] };
  const { listed } = basis.inventory;
  for (const [key, row] of listed) {
    const known = basis.known.get(key) ?? null;
    const confirmation = basis.confirmations.get(key);
    if (known === null) decideUnknown(basis, row, basis.nextIncarnation(key), confirmation, verdict);
    else decideRow(basis, key, row, known, confirmation, verdict);
  }
  for (const [key, guest] of basis.known) {
    if (listed.has(key)) continue;
    const absence: Absence | undefined = basis.destroyed.has(key)
      ? { verdict: 'deleted' }
      : basis.absences.get(key);
    decideAbsence(basis, guest, absence, verdict);
  }
  return verdict;
}

/** A guest that is new to the store. One that could not be asked is not recorded yet: the next run will know more. */
function decideUnknown(
  basis: GuestBasis,
  row: GuestObservation,
  incarnation: number,
  confirmation: Confirmation | undefined,
  verdict: GuestVerdict,
): void {
  if (confirmation !== undefined && !isReading(confirmation)) return;
  const { observedAt } = basis.inventory;
  const ours = (at: number) => later(observedAt, at - basis.clusterNow);
  // A row whose node is off, cut off or not a member repeats for minutes how the guest was, and nobody vouches for it.
  const isAway = confirmation === undefined && !basis.inventory.online.has(row.node);
  const reported = isAway ? { ...row, status: undefined, passing: false, bootAt: undefined } : row;
  const seen = firstSight(reported, confirmation, incarnation, firstLook(basis));
  const after = isAway ? { ...seen, unseenReason: outOfReach(basis.inventory, row.node) } : seen;
  const made = basis.firstSight || confirmation === undefined ? null : basis.createdSince(row, confirmation);
  // A short listing, or one read with another token, may lack a guest that existed; but no two guests share a VMID.
  const since = made === null ? basis.vmidTaken(row) : Math.min(basis.lastListing!, made);
  verdict.upserts.push(after);
  verdict.changes.push({
    change: since === null ? 'discovered' : 'created',
    before: null,
    after,
    fields: [],
    windowAfter: since === null ? null : ours(since),
    windowBefore: confirmation ? latest(observedAt, confirmation.readAt) : observedAt,
    ...(confirmation && { reading: confirmation }),
  });
}

function decideRow(
  basis: GuestBasis,
  key: string,
  row: GuestObservation,
  known: GuestEntity,
  confirmation: Confirmation | undefined,
  verdict: ListingVerdict,
): void {
  const { observedAt, online } = basis.inventory;
  if (basis.destroyed.has(key) && !isReading(confirmation)) {
    // The task proves that it is gone; whichever guest has its VMID now could not be asked.
    decideAbsence(basis, known, { verdict: 'deleted' }, verdict);
    return;
  }
  if (!online.has(row.node)) {
    verdict.upserts.push(outOfSight(known, outOfReach(basis.inventory, row.node), basis.clockSteady));
    return;
  }
  if (!isReading(confirmation) && (isSilent(row) || rowMoved(known, row, basis.clockSteady))) {
    const silent = isSilent(row) ? ({ code: 'node-without-status', node: row.node } as const) : undefined;
    const reason = confirmation?.reason ?? silent ?? { code: 'change-unconfirmed' };
    verdict.upserts.push(outOfSight(known, reason, basis.clockSteady));
    return;
  }
  if (isReading(confirmation) && isAnother(basis, known, confirmation)) {
    // Unless the guest before was gone by then, the row is still that guest's.
    const ownRow = (basis.destroyed.get(key) ?? Number.POSITIVE_INFINITY) + ROW_SLACK_MS < basis.clusterNow;
    const after = ownRow
      ? firstSight(row, confirmation, known.incarnation + 1, firstLook(basis))
      : nextIncarnation(row, confirmation, known, firstLook(basis));
    replace(known, after, confirmation, lastOfLife(basis, known, true), verdict);
    return;
  }
  if (!isReading(confirmation) && !basis.redated) {
    const seen = sighting(known, row, basis);
    if (seen !== null) {
      verdict.sightings.push({ guest: known, seen });
      return;
    }
  }
  const after = observe(basis, known, row, isReading(confirmation) ? confirmation : undefined);
  verdict.upserts.push(after);
  const windowBefore = isReading(confirmation) ? latest(confirmation.readAt, observedAt) : observedAt;
  verdict.changes.push(...changesBetween(known, after, sinceWhen(basis, known, after), windowBefore));
}

/**
 * When a field was last confirmed (ms). What runs since long before that was not off then: its row was old although nothing said so,
 * as where the statistics daemon of its node hangs and the token may see no uptime of that.
 */
function sinceWhen(
  { clockSteady, clusterNow, inventory }: GuestBasis,
  known: GuestEntity,
  { status, startedAt }: GuestEntity,
): (path: string) => OurTime | null {
  const isStart = clockSteady && status === 'running' && startedAt !== null && startedAt !== known.startedAt;
  const began = isStart ? later(inventory.observedAt, startedAt - clusterNow) : null;
  return path => {
    const at = confirmedAt(known, path);
    if (began === null || at === null || (path !== 'status' && path !== 'started_at')) return at;
    return at - began > ROW_OLD_MS ? later(began, -ROW_OLD_MS) : at;
  };
}

function firstLook({ inventory, clusterNow, poolsHidden }: GuestBasis): FirstLook {
  return { observedAt: inventory.observedAt, firstSeen: clusterNow, poolsHidden };
}

/** The last moment (ms) at which this life of the VMID was certain: a later row may have been its successor's. */
function lastOfLife(
  { destroyed, clusterNow, inventory }: GuestBasis,
  guest: GuestEntity,
  replaced = false,
): OurTime | null {
  const gone = destroyed.get(guestKey(guest));
  const goneAt =
    gone === undefined ? [] : [later(inventory.observedAt, gone - clusterNow - DESTROY_SLACK_MS)];
  if (guest.lastSeen === null) return null;
  return earliest(guest.lastSeen, ...goneAt, ...(replaced && gone === undefined ? [identified(guest)] : []));
}

/** Whether a different guest is behind the same VMID: its identity tells; where there is none (containers), a destroy task. */
function isAnother(basis: GuestBasis, known: GuestEntity, reading: GuestReading): boolean {
  const destroyed = basis.destroyed.has(guestKey(known));
  if (known.identity !== null && reading.identity !== null)
    return isOtherLife(known.identity, reading.identity, destroyed);
  return destroyed;
}

/** When the identity of a VM was last read (ms); rows do not contain it. Infinity where it does not limit anything. */
export function identified({ type, configSeen }: GuestEntity): OurTime {
  return (type === 'vm' ? configSeen : null) ?? ourTime(Number.POSITIVE_INFINITY);
}

/** Adds a deletion and a creation in one commit. `since` (ms) is when the former guest was last certain to exist. */
export function replace(
  before: GuestEntity,
  after: GuestEntity,
  reading: GuestReading,
  since: OurTime | null,
  verdict: GuestVerdict,
): void {
  const windowBefore = latest(after.lastSeen ?? reading.readAt, reading.readAt);
  const window = { windowAfter: since, windowBefore, fields: [] };
  verdict.changes.push({ change: 'deleted', before, after: null, ...window });
  verdict.changes.push({ change: 'created', before: null, after, reading, ...window });
  verdict.upserts.push(after);
}

function decideAbsence(
  basis: GuestBasis,
  guest: GuestEntity,
  absence: Absence | undefined,
  verdict: GuestVerdict,
): void {
  if (absence?.verdict === 'deleted') {
    verdict.deletions.push(guest);
    verdict.changes.push({
      change: 'deleted',
      before: guest,
      after: null,
      fields: [],
      windowAfter: lastOfLife(basis, guest),
      windowBefore: basis.inventory.observedAt,
    });
    return;
  }
  const reason = absence?.reason ?? guest.unseenReason ?? { code: 'not-listed' };
  verdict.upserts.push(outOfSight(guest, reason, basis.clockSteady));
}

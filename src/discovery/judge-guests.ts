import type { ChangeType, FieldChange } from '../model/change.ts';
import type { GuestEntity, GuestSighting } from '../model/entity.ts';
import type { GuestObservation, GuestReading, InventoryObservation } from '../model/observation.ts';
import { diffStates } from '../state/diff.ts';
import { guestState } from '../state/resource-state.ts';
import type { Arrival } from './evidence.ts';
import { firstSight, observe, PARTLY_READ, sighting, successor } from './guest-entity.ts';
import { guestKey } from './guest-key.ts';
import { isOtherLife } from './identity.ts';
import {
  type Absence,
  isMember,
  isReading,
  isSilent,
  outOfReach,
  rowMoved,
  steadySince,
  type Testimony,
} from './witness.ts';

/** How much later than its node says a destruction may have ended, by the clock that dates the listing (ms). */
const ROW_SLACK_MS = 3_000;

/** What is known before the run, and what it brought besides the listing. All of it is read before anything is written. */
export interface GuestBasis {
  known: Map<string, GuestEntity>;
  inventory: InventoryObservation;
  testimonies: Map<string, Testimony>;
  absences: Map<string, Absence>;
  /** Guests (`vm/101`) whose VMID a finished destroy task freed since they were last seen, and when (ms, in the cluster's time). */
  destroyed: ReadonlyMap<string, number>;
  /** No complete inventory came before: everything is a discovery. */
  firstSight: boolean;
  /** When the last complete listing was read (ms). */
  lastListing: number | null;
  /** The token's rights changed since the last run: what appears may have been there before. */
  rightsChanged: boolean;
  /** When the listing was read, in the cluster's time (ms). */
  clusterNow: number;
  /** Nodes that were offline in the last run and still are. */
  deadNodes: ReadonlySet<string>;
  /** Neither our clock nor the cluster's was set since the last run. */
  clockSteady: boolean;
  /** Guests with evidence that they were created since the last complete inventory. */
  createdSince: (row: GuestObservation, reading: GuestReading) => boolean;
  /** What tasks tell of how a running guest's process came about. */
  arrival: (guest: GuestEntity, boot: number) => Arrival;
  /** The incarnation a guest that is new to the store starts with. */
  nextIncarnation: (key: string) => number;
}

/** One guest's change: `before` or `after` is null where it did not exist. */
export interface GuestChange {
  change: ChangeType;
  before: GuestEntity | null;
  after: GuestEntity | null;
  fields: FieldChange[];
  windowAfter: number | null;
  windowBefore: number;
  /** The configuration that came with it, for a guest that is new. */
  reading?: GuestReading;
}

/** What is to be written about guests: whole rows, and the changes that become versions. */
export interface GuestVerdict {
  upserts: GuestEntity[];
  deletions: GuestEntity[];
  changes: GuestChange[];
}

/** ... of a whole listing. */
export interface ListingVerdict extends GuestVerdict {
  /** Guests whose state stands, with all that is new about them. */
  sightings: { guest: GuestEntity; seen: GuestSighting }[];
}

/** Decides what a listing means for every guest. Pure: the same basis gives the same verdict. */
export function judgeGuests(basis: GuestBasis): ListingVerdict {
  const verdict: ListingVerdict = { upserts: [], deletions: [], changes: [], sightings: [] };
  const { listed } = basis.inventory;
  for (const [key, row] of listed) {
    const known = basis.known.get(key) ?? null;
    const testimony = basis.testimonies.get(key);
    if (known === null) judgeStranger(basis, row, basis.nextIncarnation(key), testimony, verdict);
    else judgeRow(basis, key, row, known, testimony, verdict);
  }
  for (const [key, guest] of basis.known) {
    if (listed.has(key)) continue;
    const absence: Absence | undefined = basis.destroyed.has(key)
      ? { verdict: 'deleted' }
      : basis.absences.get(key);
    judgeAbsence(guest, absence, basis.inventory.observedAt, verdict);
  }
  return verdict;
}

/** A guest that is new to the store. Where it could not be asked it is not recorded yet: the next run will know more. */
function judgeStranger(
  basis: GuestBasis,
  row: GuestObservation,
  incarnation: number,
  testimony: Testimony | undefined,
  verdict: GuestVerdict,
): void {
  if (testimony !== undefined && !isReading(testimony)) return;
  const { observedAt } = basis.inventory;
  const seen = firstSight(row, testimony, incarnation, observedAt, basis.clusterNow);
  // Whoever stands on a node that is not of the cluster: what its row tells beyond that is nobody's word.
  const away = isMember(basis.inventory, row.node)
    ? null
    : { status: null, startedAt: null, bootAt: null, unseenReason: outOfReach(basis.inventory, row.node) };
  const after = { ...seen, ...away };
  const created = !basis.firstSight && testimony !== undefined && basis.createdSince(row, testimony);
  verdict.upserts.push(after);
  verdict.changes.push({
    change: created ? 'created' : 'discovered',
    before: null,
    after,
    fields: [],
    windowAfter: created ? basis.lastListing : null,
    windowBefore: testimony ? Math.max(observedAt, testimony.readAt) : observedAt,
    ...(testimony && { reading: testimony }),
  });
}

function judgeRow(
  basis: GuestBasis,
  key: string,
  row: GuestObservation,
  known: GuestEntity,
  testimony: Testimony | undefined,
  verdict: ListingVerdict,
): void {
  const { observedAt, online } = basis.inventory;
  if (basis.destroyed.has(key) && !isReading(testimony)) {
    // The task proves that it is gone; whoever has its VMID now could not be asked.
    judgeAbsence(known, { verdict: 'deleted' }, observedAt, verdict);
    return;
  }
  if (!online.has(row.node)) {
    verdict.upserts.push({ ...known, unseenReason: outOfReach(basis.inventory, row.node) });
    return;
  }
  if (!isReading(testimony) && (isSilent(row) || rowMoved(known, row, basis.clockSteady))) {
    const silent = isSilent(row) ? `node ${row.node} does not report its status` : undefined;
    verdict.upserts.push({
      ...known,
      unseenReason: testimony?.reason ?? silent ?? 'its change could not be confirmed',
    });
    return;
  }
  if (isReading(testimony) && isAnother(basis, known, testimony)) {
    // Unless the one before was gone by then, the row is that one's.
    const ownRow = (basis.destroyed.get(key) ?? Number.POSITIVE_INFINITY) + ROW_SLACK_MS < basis.clusterNow;
    const after = ownRow
      ? firstSight(row, testimony, known.incarnation + 1, observedAt, basis.clusterNow)
      : successor(row, testimony, known, { observedAt, firstSeen: basis.clusterNow });
    replace(known, after, testimony, observedAt, verdict);
    return;
  }
  if (!isReading(testimony)) {
    const seen = sighting(known, row, steadySince(known, basis.clockSteady));
    if (seen !== null) {
      verdict.sightings.push({ guest: known, seen });
      return;
    }
  }
  const after = observe(basis, known, row, isReading(testimony) ? testimony : undefined);
  verdict.upserts.push(after);
  const differing = diffStates(guestState(known), guestState(after));
  if (differing.length === 0) return;
  // What could not be seen before is knowledge gained, not a change.
  const newSight = basis.rightsChanged || known.unseenReason !== null;
  const untold = known.unseenReason === PARTLY_READ;
  const fields = differing.filter(
    ({ path, from }) =>
      known.status !== null &&
      !(from === null && ((path === 'pool' && newSight) || (path === 'ha' && untold))),
  );
  verdict.changes.push({
    change: fields.length > 0 ? 'updated' : 'discovered',
    before: known,
    after,
    fields,
    // Its pool may have been out of sight for as long as the right to it: nobody knows since when it is another.
    windowAfter: basis.rightsChanged && fields.some(({ path }) => path === 'pool') ? null : known.lastSeen,
    windowBefore: isReading(testimony) ? Math.max(testimony.readAt, observedAt) : observedAt,
  });
}

/** Another guest behind the same VMID: its identity tells, and where there is none (containers) a destroy task. */
function isAnother(basis: GuestBasis, known: GuestEntity, reading: GuestReading): boolean {
  const destroyed = basis.destroyed.has(guestKey(known));
  if (known.identity !== null && reading.identity !== null)
    return isOtherLife(known.identity, reading.identity, destroyed);
  return destroyed;
}

/** A deletion and a creation in one commit. */
export function replace(
  before: GuestEntity,
  after: GuestEntity,
  reading: GuestReading,
  observedAt: number,
  verdict: GuestVerdict,
): void {
  const windowBefore = Math.max(observedAt, reading.readAt);
  const window = { windowAfter: before.lastSeen, windowBefore, fields: [] };
  verdict.changes.push({ change: 'deleted', before, after: null, ...window });
  verdict.changes.push({ change: 'created', before: null, after, reading, ...window });
  verdict.upserts.push(after);
}

function judgeAbsence(
  guest: GuestEntity,
  absence: Absence | undefined,
  observedAt: number,
  verdict: GuestVerdict,
): void {
  if (absence?.verdict === 'deleted') {
    verdict.deletions.push(guest);
    verdict.changes.push({
      change: 'deleted',
      before: guest,
      after: null,
      fields: [],
      windowAfter: guest.lastSeen,
      windowBefore: observedAt,
    });
    return;
  }
  verdict.upserts.push({
    ...guest,
    unseenReason: absence?.reason ?? guest.unseenReason ?? 'missing from the listing',
  });
}

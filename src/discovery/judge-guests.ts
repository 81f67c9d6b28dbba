import type { ChangeType, FieldChange } from '../model/change.ts';
import type { GuestEntity } from '../model/entity.ts';
import type { GuestObservation, GuestReading, InventoryObservation } from '../model/observation.ts';
import { diffStates } from '../state/diff.ts';
import { guestState } from '../state/resource-state.ts';
import { guestKey } from './guest-key.ts';
import { isOtherLife } from './identity.ts';
import {
  type Absence,
  BOOT_TOLERANCE_MS,
  isReading,
  restarted,
  rowMoved,
  startedForBackup,
  steadySince,
  type Testimony,
} from './witness.ts';

/** What is known before the run, and what it brought besides the listing. All of it is read before anything is written. */
export interface GuestBasis {
  known: Map<string, GuestEntity>;
  inventory: InventoryObservation;
  testimonies: Map<string, Testimony>;
  absences: Map<string, Absence>;
  /** Guests (`vm/101`) whose VMID a finished destroy task freed since they were last seen. */
  destroyed: Set<string>;
  /** No complete inventory came before: everything is a discovery. */
  firstSight: boolean;
  /** When the last complete listing was read (ms). */
  lastListing: number | null;
  /** The token's rights changed since the last run: what appears may have been there before. */
  rightsChanged: boolean;
  /** Neither our clock nor the cluster's was set since the last run. */
  clockSteady: boolean;
  /** Guests with evidence that they were created since the last complete inventory. */
  createdSince: (row: GuestObservation, reading: GuestReading) => boolean;
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

export interface GuestVerdict {
  upserts: GuestEntity[];
  deletions: GuestEntity[];
  changes: GuestChange[];
}

/** Decides what a listing means for every guest. Pure: the same basis gives the same verdict. */
export function judgeGuests(basis: GuestBasis): GuestVerdict {
  const verdict: GuestVerdict = { upserts: [], deletions: [], changes: [] };
  const listed = new Set<string>();
  for (const row of basis.inventory.guests) {
    const key = guestKey(row);
    if (listed.has(key)) continue;
    listed.add(key);
    const known = basis.known.get(key) ?? null;
    const testimony = basis.testimonies.get(key);
    if (known === null) judgeStranger(basis, row, basis.nextIncarnation(key), testimony, verdict);
    else judgeRow(basis, row, known, testimony, verdict);
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
  const { observedAt, online } = basis.inventory;
  const after = firstSight(row, testimony, incarnation, observedAt);
  const created =
    !basis.firstSight &&
    online.has(row.node) &&
    testimony !== undefined &&
    basis.createdSince(row, testimony);
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
  row: GuestObservation,
  known: GuestEntity,
  testimony: Testimony | undefined,
  verdict: GuestVerdict,
): void {
  const { observedAt, online } = basis.inventory;
  if (basis.destroyed.has(guestKey(known)) && !isReading(testimony)) {
    // The task proves that it is gone; whoever has its VMID now could not be asked.
    judgeAbsence(known, { verdict: 'deleted' }, observedAt, verdict);
    return;
  }
  if (!online.has(row.node)) {
    verdict.upserts.push({ ...known, unseenReason: `node ${row.node} is not online` });
    return;
  }
  if (!isReading(testimony) && (row.status === undefined || rowMoved(known, row, basis.clockSteady))) {
    const silent = row.status === undefined ? `node ${row.node} does not report its status` : undefined;
    verdict.upserts.push({
      ...known,
      unseenReason: testimony?.reason ?? silent ?? 'its change could not be confirmed',
    });
    return;
  }
  if (isReading(testimony) && isAnother(basis, known, testimony)) {
    replace(
      known,
      firstSight(row, testimony, known.incarnation + 1, observedAt),
      testimony,
      observedAt,
      verdict,
    );
    return;
  }
  const after = observe(basis, known, row, isReading(testimony) ? testimony : undefined);
  verdict.upserts.push(after);
  const differing = diffStates(guestState(known), guestState(after));
  if (differing.length === 0) return;
  // What could not be seen before is knowledge gained, not a change.
  const newSight = basis.rightsChanged || known.unseenReason !== null;
  const fields = differing.filter(
    ({ path, from }) => known.status !== null && !(path === 'pool' && from === null && newSight),
  );
  verdict.changes.push({
    change: fields.length > 0 ? 'updated' : 'discovered',
    before: known,
    after,
    fields,
    windowAfter: known.lastSeen,
    windowBefore: isReading(testimony) ? Math.max(testimony.readAt, observedAt) : observedAt,
  });
}

/** Another guest behind the same VMID: its identity tells, and where there is none (containers) a destroy task. */
function isAnother(basis: GuestBasis, known: GuestEntity, reading: GuestReading): boolean {
  if (known.identity !== null && reading.identity !== null)
    return isOtherLife(known.identity, reading.identity);
  return basis.destroyed.has(guestKey(known));
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

/** The row of a guest that is new to the store; its own answer, where there is one, beats the listing. */
export function firstSight(
  row: GuestObservation,
  reading: GuestReading | undefined,
  incarnation: number,
  observedAt: number,
): GuestEntity {
  const status = reading?.live?.status ?? row.status ?? null;
  const boot = reading?.live ? reading.live.bootAt : row.bootAt;
  const bootAt = status === 'running' ? (boot ?? null) : null;
  return {
    type: row.type,
    id: row.id,
    nodeId: reading?.node ?? row.node,
    name: reading ? reading.name : (row.name ?? null),
    status,
    template: reading?.template ?? row.template ?? false,
    tags: reading?.tags ?? row.tags ?? [],
    pool: row.pool ?? null,
    ...NO_USAGE,
    ...row.usage,
    // A transient at first sight is told as what it leads to, so that its end is no change.
    haState: row.ha === undefined ? 'started' : row.ha,
    lockStatus: (reading?.live ? reading.live.lock : row.lock) ?? null,
    startedAt: bootAt,
    bootAt,
    identity: reading?.identity ?? null,
    configSeen: reading?.readAt ?? null,
    incarnation,
    lastSeen: observedAt,
    unseenReason: null,
    createdAt: observedAt,
    updatedAt: observedAt,
  };
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

/** What is known of a guest after a row, and its own word where it was asked. Fields not seen stand as they were. */
function observe(
  basis: GuestBasis,
  known: GuestEntity,
  row: GuestObservation,
  reading: GuestReading | undefined,
): GuestEntity {
  const live = reading?.live;
  const backupStart = startedForBackup(known, { lock: live ? live.lock : row.lock });
  const status = backupStart ? known.status : (live?.status ?? row.status ?? known.status);
  const node = reading?.node ?? row.node;
  const next: GuestEntity = {
    ...known,
    ...row.usage,
    nodeId: node,
    status,
    pool: row.pool === undefined ? known.pool : row.pool,
    haState: row.ha === undefined ? known.haState : row.ha,
    lockStatus: live ? live.lock : row.lock === undefined ? known.lockStatus : row.lock,
    lastSeen: basis.inventory.observedAt,
    unseenReason: null,
    updatedAt: basis.inventory.observedAt,
  };
  if (known.configSeen === null) {
    // Until its configuration has been read, the listing is all there is.
    next.name = row.name === undefined ? known.name : row.name;
    next.tags = row.tags ?? known.tags;
    next.template = row.template ?? known.template;
  }
  const boot = live ? live.bootAt : row.bootAt;
  if (status === 'running' && boot !== undefined) {
    const uptime = live ? live.uptime : row.usage.uptime;
    // A guest that came running from another node has a new uptime there, but was not started.
    const moved = next.nodeId !== known.nodeId;
    const steady = steadySince(known, basis.clockSteady);
    const began =
      known.status === 'stopped' || (!moved && restarted(known, { bootAt: boot, uptime }, steady));
    if (began) next.startedAt = boot;
    // A row that lags behind a restart shows the boot before it.
    const lags = steady && !moved && known.bootAt !== null && boot < known.bootAt - BOOT_TOLERANCE_MS;
    if (began || !lags) next.bootAt = boot;
  }
  return next;
}

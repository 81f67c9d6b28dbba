import type { GuestEntity } from '../../model/entity.ts';
import { LASTING_LOCKS } from '../../model/fields.ts';
import type { GuestObservation, GuestReading, InventoryObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import { guestPath } from '../../model/resource.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Absence } from '../common/absence.ts';
import type { Api } from '../common/api.ts';
import { lostSight, unreadReason } from '../common/failure-reason.ts';
import { guestKey } from '../common/guest-key.ts';
import { readGuest } from './collect.ts';

/*
 * The listing is a hint, only the guest confirms: rows lag up to 12 s, differ between the nodes one asks, and lack
 * what the token may not see. What would make history is confirmed at the guest itself first.
 */

/** A boot time may wander this far (rows lag, seconds are rounded) before it means a restart (ms). */
export const BOOT_TOLERANCE_MS = 60_000;

/** Listings are known to be cut short after this many missing guests turn out to exist; the rest is not asked. */
const MISSING_PROBES_AT_MOST = 1_000;

/** Why a guest could not be confirmed this time. */
export interface Unconfirmed {
  reason: Reason;
}
/** What was read at the guest itself, or why it could not be. */
export type Confirmation = GuestReading | Unconfirmed;
/** Whether the guest could be read. */
export function isReading(confirmation: Confirmation | undefined): confirmation is GuestReading {
  return confirmation !== undefined && 'readAt' in confirmation;
}

/** Whether a row says anything about the guest's state that is not known yet. */
export function rowMoved(known: GuestEntity, row: GuestObservation, clockSteady: boolean): boolean {
  const differs = <T>(seen: T | undefined, was: T) => seen !== undefined && seen !== was;
  const lasting = (lock: string | null | undefined) => (lock && LASTING_LOCKS.has(lock) ? lock : null);
  return (
    row.node !== known.nodeId ||
    differs(row.status, known.status) ||
    differs(row.name, known.name) ||
    differs(row.template, known.template) ||
    (row.tags !== undefined && !sameTags(row.tags, known.tags)) ||
    differs(row.pool, known.pool) ||
    differs(row.ha, known.haState) ||
    (row.lock !== undefined && lasting(row.lock) !== lasting(known.lockStatus)) ||
    ((row.status === 'running' || row.passing) &&
      known.status === 'running' &&
      restarted(known, { bootAt: row.bootAt, uptime: row.usage.uptime }, clockSteady))
  );
}

/** Why the guests of a node cannot be seen. */
export function notOnline(node: string): Reason {
  return { code: 'node-not-online', node };
}

/** Whether the cluster has, or may have, a node of this name. */
export function isMember({ nodes, online, nodesComplete }: InventoryObservation, node: string): boolean {
  return !nodesComplete || online.has(node) || nodes.some(one => one.id === node);
}

/** Why the guests of a node that does not answer cannot be seen: it is off, or it has left. */
export function outOfReach(inventory: InventoryObservation, node: string): Reason {
  return isMember(inventory, node) ? notOnline(node) : { code: 'node-not-member', node };
}

/** Why nothing is concluded from what a node tells of others, or of what it thinks it has got. */
export function cutOff({ quorate }: InventoryObservation): Reason {
  return { code: quorate === false ? 'no-quorum' : 'quorum-unknown' };
}

/** Whether the row hides how the guest is, as those of a node that does not report do. */
export function isSilent(row: GuestObservation): boolean {
  return row.status === undefined && !row.passing;
}

/** Both are sorted. */
function sameTags(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((tag, n) => tag === b[n]);
}

/**
 * Whether something that ran before and runs now was restarted in between: its boot is later than it was. Boot times
 * are now minus uptime; when a clock was set since (`clockSteady` false), or where the former one cannot be compared
 * (null), only an uptime that shrank proves anything.
 */
export function restarted(
  known: { bootAt: number | null; uptime: number | null },
  seen: { bootAt: number | undefined; uptime: number | undefined },
  clockSteady: boolean,
): boolean {
  if (seen.bootAt === undefined) return false;
  if (clockSteady && known.bootAt !== null) return seen.bootAt - known.bootAt > BOOT_TOLERANCE_MS;
  return known.uptime !== null && seen.uptime !== undefined && seen.uptime < known.uptime;
}

/** Reads each guest live. A guest that cannot be read is unconfirmed, with the reason. */
export async function confirmGuests(
  api: Api,
  guests: {
    type: GuestEntity['type'];
    id: number;
    node: string;
    known: GuestEntity | null;
    hadSnapshots: boolean;
  }[],
  now: () => number,
): Promise<Map<string, Confirmation>> {
  const heard = await Promise.all(
    guests.map(async ({ known, ...guest }): Promise<[string, Confirmation]> => {
      try {
        return [
          guestKey(guest),
          await readGuest(api, { ...guest, live: true, identity: known?.identity ?? null }, now),
        ];
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        return [guestKey(guest), { reason: unreadReason(error) }];
      }
    }),
  );
  return new Map(heard);
}

/**
 * Asks for each missing guest twice. The node it stood on says whether it is still there: rights are checked before
 * existence, so lost sight answers 403. Where it is not, or the node is gone, the cluster's register of VMIDs has the
 * last word, since the guest may have moved; on a node that is cut off that register is out of date.
 */
export async function findMissing(
  api: Api,
  missing: GuestEntity[],
  inventory: InventoryObservation,
): Promise<Map<string, Absence>> {
  const found = new Map<string, Absence>();
  let listingIsShort = false;
  const probe = async (guest: GuestEntity): Promise<Absence> => {
    if (listingIsShort) return { verdict: 'left out', reason: { code: 'listing-short' } };
    const online = inventory.online.has(guest.nodeId);
    try {
      if (online && (await stands(api, guest))) {
        listingIsShort = true;
        return { verdict: 'left out', reason: { code: 'listing-short-of', what: 'guest' } };
      }
      if (!inventory.ofMajority) return { verdict: 'unseen', reason: cutOff(inventory) };
      const reused = inventory.guests.some(row => row.id === guest.id);
      if (reused || !(await isTaken(api, guest.id))) return { verdict: 'deleted' };
      return {
        verdict: 'unseen',
        reason: online ? { code: 'moved-unlisted' } : notOnline(guest.nodeId),
      };
    } catch (error) {
      if (!(error instanceof ProxmoxError)) throw error;
      return { verdict: 'unseen', reason: lostSight(error) };
    }
  };
  // The first few alone: if they still exist the listing was short, and nobody else needs to be asked.
  const first = missing.slice(0, 3);
  const rest = missing.slice(3, MISSING_PROBES_AT_MOST);
  for (const group of [first, rest]) {
    const absences = await Promise.all(group.map(probe));
    for (const [index, guest] of group.entries()) found.set(guestKey(guest), absences[index]!);
  }
  for (const guest of missing.slice(MISSING_PROBES_AT_MOST)) {
    found.set(guestKey(guest), {
      verdict: 'unseen',
      reason: { code: 'not-asked-yet' },
    });
  }
  if (listingIsShort) {
    // A listing caught lying once proves no deletion in this run.
    for (const [key, absence] of found) {
      if (absence.verdict === 'deleted')
        found.set(key, { verdict: 'left out', reason: { code: 'listing-short' } });
    }
  }
  return found;
}

/** Whether the guest is still on the node it was last seen on. @throws ProxmoxError where nobody can or may say. */
async function stands(api: Api, guest: GuestEntity): Promise<boolean> {
  const family = guestPath(guest.type) === 'qemu' ? endpoints.qemu : endpoints.lxc;
  try {
    await api.get(family.config, { node: guest.nodeId, vmid: guest.id });
    return true;
  } catch (error) {
    if (error instanceof ProxmoxError && error.kind === 'not-found') return false;
    throw error;
  }
}

/** Whether any guest of the cluster has this VMID: PVE tells everybody, whatever they may see. */
async function isTaken(api: Api, vmid: number): Promise<boolean> {
  try {
    await api.get(endpoints.cluster.nextId, {}, { vmid });
    return false;
  } catch (error) {
    if (error instanceof ProxmoxError && error.kind === 'taken') return true;
    throw error;
  }
}

/** Former pools the listing no longer shows though the token may audit them: there, a missing pool is a removal. */
export async function auditedPools(api: Api, pools: Set<string>): Promise<Set<string>> {
  const audited = await Promise.all(
    [...pools].map(async pool => {
      const path = `/pool/${pool}`;
      try {
        const held = await api.get(endpoints.access.permissions, {}, { path });
        return 'Pool.Audit' in (held[path] ?? {}) ? [pool] : [];
      } catch (error) {
        if (!(error instanceof ProxmoxError) || error.isOutage) throw error;
        return [];
      }
    }),
  );
  return new Set(audited.flat());
}

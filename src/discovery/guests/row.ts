import type { GuestEntity } from '../../model/entity.ts';
import { LASTING_LOCKS } from '../../model/fields.ts';
import type { GuestObservation, GuestReading, InventoryObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';

/** How far a boot time may drift (rows lag, seconds are rounded) before it means a restart (ms). */
export const BOOT_TOLERANCE_MS = 60_000;
/** ... and this far from one look to the next: rows lag, and a clock that is set by less goes unnoticed (ms). */
export const BOOT_NOISE_MS = 30_000;

/** Why a guest could not be confirmed this time. */
export interface Unconfirmed {
  reason: Reason;
}
/** The guest's own answer, or why there is none. */
export type Confirmation = GuestReading | Unconfirmed;
/** Whether the guest could be read. */
export function isReading(confirmation: Confirmation | undefined): confirmation is GuestReading {
  return confirmation !== undefined && 'readAt' in confirmation;
}

/** Whether a row says anything new about the guest's state. */
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

/** The reason why guests of an offline node cannot be seen. */
function notOnline(node: string): Reason {
  return { code: 'node-not-online', node };
}

/** Whether the cluster has, or may have, a node of this name. */
export function isMember({ nodes, online, nodesComplete }: InventoryObservation, node: string): boolean {
  return !nodesComplete || online.has(node) || nodes.some(one => one.id === node);
}

/** The reason why guests of a node that does not answer cannot be seen: the node is off, or has left the cluster. */
export function outOfReach(inventory: InventoryObservation, node: string): Reason {
  return isMember(inventory, node) ? notOnline(node) : { code: 'node-not-member', node };
}

/** The reason why nothing is concluded from what a node without the majority reports. */
export function cutOff({ quorate }: InventoryObservation): Reason {
  return { code: quorate === false ? 'no-quorum' : 'quorum-unknown' };
}

/** Whether the row does not show the guest's status, like those of a node that does not report. */
export function isSilent(row: GuestObservation): boolean {
  return row.status === undefined && !row.passing;
}

/** Both are sorted. */
function sameTags(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((tag, n) => tag === b[n]);
}

/**
 * Whether something that ran before and runs now was restarted in between: its boot is later than before. Boot times are computed
 * as now minus uptime; where a clock was set since (`clockSteady` false), or the earlier boot cannot be compared (null), only a
 * shorter uptime proves a restart.
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

import type { Row } from '../../mcp/define/output.ts';
import { clusterText } from '../format/text.ts';
import { unconfirmedRow } from '../format/unconfirmed.ts';
import { fractionPercent, gib, percent } from '../format/units.ts';
import { type OutOfSight, unseenFields } from '../in-sight.ts';
import type { GuestFact } from './fact.ts';

const TAGS_AT_MOST = 20;

/**
 * A guest's row in a list; `full` adds usage. If it is out of sight, its status is unknown and the last one is in a column of its
 * own.
 */
export function guestRow(
  guest: GuestFact,
  { full = false, timeZone }: { full?: boolean; timeZone: string },
): Row {
  return {
    vmid: guest.vmid,
    name: guest.name === null ? null : clusterText(guest.name, 80),
    node: guest.node,
    ...statusFields(guest.lastStatus, guest.out, timeZone),
    cpus: guest.cpus,
    memory_gib: gib(guest.memoryBytes),
    boot_disk_gib: gib(guest.bootDiskBytes),
    tags: guest.tags.length > 0 ? guest.tags.slice(0, TAGS_AT_MOST).map(tag => clusterText(tag, 60)) : null,
    template: guest.template || null,
    pool: guest.pool,
    lock: guest.lock,
    ha: guest.ha,
    unconfirmed: unconfirmedRow(guest.unconfirmed, timeZone),
    ...(full && guestUsage(guest)),
  };
}

/** The status columns of a guest: its last known status is never shown as the present one. */
export function statusFields(shown: string, out: OutOfSight | null, timeZone: string): Row {
  return out === null
    ? { status: shown }
    : { status: 'unknown', last_status: shown, ...unseenFields(out, timeZone) };
}

/** A page of up to this many rows is kept within this many bytes. */
const SLIM_ROWS = 40;
const SLIM_BYTES = 4_600;

/**
 * The rows of a concise page. Columns that would exceed the bytes of a page this size are left out, tags first, since a filter
 * finds them better than a reader; what was asked for (`shown`) is kept. Returns what was left out.
 */
export function slimRows(
  rows: Row[],
  shown: readonly { name: string }[] = [],
): { rows: Row[]; left: string[] } {
  const left: string[] = [];
  let slim = rows;
  for (const field of ['tags', 'pool']) {
    // Asked for by name.
    if (shown.some(({ name }) => name === field)) continue;
    if (rows.length > SLIM_ROWS || Buffer.byteLength(JSON.stringify(withoutNulls(slim))) <= SLIM_BYTES) break;
    slim = slim.map(({ [field]: _, ...row }) => row);
    left.push(field);
  }
  return { rows: slim, left };
}

function withoutNulls(rows: Row[]): Row[] {
  return rows.map(row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
}

/** What a guest uses; empty if it has no process or is out of sight. */
export function guestUsage({ usage, memoryBytes, uptimeSeconds }: GuestFact): Row {
  if (usage === null) return {};
  return {
    cpu_percent: fractionPercent(usage.cpuFraction),
    memory_percent: percent(usage.memoryBytes, memoryBytes),
    uptime_seconds: uptimeSeconds,
    network_in_gib: gib(usage.networkInBytes),
    network_out_gib: gib(usage.networkOutBytes),
    disk_used_gib: gib(usage.diskBytes),
  };
}

import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { Version } from '../../model/change.ts';
import type { GuestEntity } from '../../model/entity.ts';
import type { GuestState } from '../../model/state.ts';
import { hasProcess, shownStatus } from '../../model/status.ts';
import { clusterText } from '../format/text.ts';
import { fractionPercent, gib, percent } from '../format/units.ts';
import { guestOutOfSight, type NodeSights, type OutOfSight, unseenFields } from '../in-sight.ts';
import { bootDiskBytes, configuredCpus, configuredMemoryBytes } from './sizes.ts';

const TAGS_AT_MOST = 20;

/** A guest's row in a list; `full` adds usage. Out of sight its status is unknown, the last one named apart. */
export function guestRow(
  guest: GuestEntity,
  { nodes, full, timeZone }: { nodes: NodeSights; full: boolean; timeZone: string },
): Row {
  const out = guestOutOfSight(guest, nodes);
  return {
    vmid: guest.id,
    name: guest.name === null ? null : clusterText(guest.name, 80),
    node: guest.nodeId,
    ...statusFields(shownStatus(guest.status, guest.lockStatus), out, timeZone),
    cpus: guest.cpuCores,
    memory_gib: gib(guest.memoryBytes),
    boot_disk_gib: gib(guest.diskSize),
    tags: guest.tags.length > 0 ? tagsOf(guest.tags) : null,
    template: guest.template || null,
    pool: guest.pool,
    lock: guest.lockStatus,
    ha: guest.haState,
    unconfirmed: out === null ? unconfirmedOf(guest, timeZone) : null,
    ...(full && out === null && guestUsage(guest)),
  };
}

/** What a row shows but the last look did not tell, as the pool to a token that may see it no longer: when it last did. */
function unconfirmedOf({ unconfirmed, pool, haState, ...guest }: GuestEntity, timeZone: string): Row | null {
  const shown: Row = { pool, ha: haState, status: guest.status, lock: guest.lockStatus, name: guest.name };
  const open = Object.entries(unconfirmed ?? {}).filter(([fact]) => (shown[fact] ?? null) !== null);
  if (open.length === 0) return null;
  return Object.fromEntries(
    open.map(([fact, at]) => [fact, at === null ? 'never' : formatTime(at, timeZone)]),
  );
}

/** The status columns of a guest: what it was when last seen is never shown as what it is. */
export function statusFields(shown: string, out: OutOfSight | null, timeZone: string): Row {
  return out === null
    ? { status: shown }
    : { status: 'unknown', last_status: shown, ...unseenFields(out, timeZone) };
}

/** A page of up to so many rows stays within so many bytes. */
const SLIM_ROWS = 40;
const SLIM_BYTES = 4_600;

/**
 * Rows of a concise page as they are shown: what would burst the bytes a page of this size may have is left out, tags
 * first, since a filter finds them better than a reader does. Says what was left out.
 */
export function slimRows(rows: Row[]): { rows: Row[]; left: string[] } {
  const left: string[] = [];
  let slim = rows;
  for (const field of ['tags', 'pool']) {
    if (rows.length > SLIM_ROWS || Buffer.byteLength(JSON.stringify(withoutNulls(slim))) <= SLIM_BYTES) break;
    slim = slim.map(({ [field]: _, ...row }) => row);
    left.push(field);
  }
  return { rows: slim, left };
}

function withoutNulls(rows: Row[]): Row[] {
  return rows.map(row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
}

/** What a guest uses; nothing of one without a process. */
export function guestUsage(guest: GuestEntity): Row {
  if (!hasProcess(guest.status)) return {};
  return {
    cpu_percent: fractionPercent(guest.cpuUsage),
    memory_percent: percent(guest.memoryUsage, guest.memoryBytes),
    uptime_seconds: guest.uptime,
    network_in_gib: gib(guest.networkIn),
    network_out_gib: gib(guest.networkOut),
    disk_used_gib: gib(guest.diskUsage),
  };
}

/** The same row as it was at a moment: from the version's state, so without usage. `out`: it was out of sight then. */
export function pastGuestRow(version: Version, out: OutOfSight | null, timeZone: string): Row {
  const state = version.state as unknown as GuestState;
  return {
    vmid: Number(version.resourceId),
    name: version.name === null ? null : clusterText(version.name, 80),
    node: state.node,
    ...statusFields(shownStatus(state.status, state.lock), out, timeZone),
    cpus: configuredCpus(state.config),
    memory_gib: gib(configuredMemoryBytes(state.config)),
    boot_disk_gib: gib(bootDiskBytes(state.config)),
    tags: state.tags.length > 0 ? tagsOf(state.tags) : null,
    template: state.template || null,
    pool: state.pool ?? null,
    lock: state.lock ?? null,
    ha: state.ha ?? null,
  };
}

/** Tags as answers show them: a guest with hundreds shows the first. */
function tagsOf(tags: string[]): string[] {
  return tags.slice(0, TAGS_AT_MOST).map(tag => clusterText(tag, 60));
}

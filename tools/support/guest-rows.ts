import type { Row } from '../../src/mcp/define-output.ts';
import type { Version } from '../../src/model/change.ts';
import type { GuestEntity } from '../../src/model/entity.ts';
import type { GuestState } from '../../src/model/state.ts';
import { clusterText } from './text.ts';
import { fractionPercent, gib, percent, round } from './units.ts';

/** A guest's row in a list; `full` adds usage. On a node that is not online the status is unknown, the last one named apart. */
export function guestRow(guest: GuestEntity, offlineNodes: ReadonlySet<string>, full: boolean): Row {
  const lost = offlineNodes.has(guest.nodeId);
  return {
    vmid: guest.id,
    name: guest.name === null ? null : clusterText(guest.name, 80),
    node: guest.nodeId,
    status: lost ? 'unknown' : (guest.status ?? 'unknown'),
    last_status: lost ? guest.status : null,
    cpus: guest.cpuCores,
    memory_gib: gib(guest.memoryBytes),
    boot_disk_gib: gib(guest.diskSize),
    tags: guest.tags.length > 0 ? guest.tags.map(tag => clusterText(tag, 60)) : null,
    template: guest.template || null,
    pool: guest.pool,
    lock: guest.lockStatus,
    ha: guest.haState,
    ...(full && guestUsage(guest)),
  };
}

function guestUsage(guest: GuestEntity): Row {
  if (guest.status !== 'running') return {};
  return {
    cpu_percent: fractionPercent(guest.cpuUsage),
    memory_percent: percent(guest.memoryUsage, guest.memoryBytes),
    uptime_seconds: guest.uptime,
    network_in_gib: gib(guest.networkIn),
    network_out_gib: gib(guest.networkOut),
    disk_used_gib: gib(guest.diskUsage),
  };
}

/** The same row as it was at a moment: from the version's state, so without usage. */
export function formerGuestRow(version: Version): Row {
  const state = version.state as unknown as GuestState;
  const config = state.config ?? {};
  const number = (key: string) => (typeof config[key] === 'number' ? config[key] : null);
  const memory = number('memory') ?? nestedNumber(config['memory'], 'current');
  const cores = number('cores') ?? (state.config === undefined ? null : 1);
  return {
    vmid: Number(version.resourceId),
    name: version.name === null ? null : clusterText(version.name, 80),
    node: state.node,
    status: state.status ?? 'unknown',
    cpus: cores === null ? null : cores * (number('sockets') ?? 1),
    memory_gib: memory === null ? null : round(memory / 1024, 2),
    tags: state.tags.length > 0 ? state.tags.map(tag => clusterText(tag, 60)) : null,
    template: state.template || null,
    pool: state.pool ?? null,
    lock: state.lock ?? null,
    ha: state.ha ?? null,
  };
}

function nestedNumber(value: unknown, key: string): number | null {
  const inner =
    value !== null && typeof value === 'object' ? (value as { [key: string]: unknown })[key] : null;
  return typeof inner === 'number' ? inner : null;
}

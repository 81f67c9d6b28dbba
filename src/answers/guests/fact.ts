import type { StandingVersion } from '../../model/change.ts';
import type { GuestEntity, Unconfirmed } from '../../model/entity.ts';
import { type GuestType, guestKey } from '../../model/resource.ts';
import type { GuestState } from '../../model/state.ts';
import { hasProcess, shownStatus } from '../../model/status.ts';
import { guestOutOfSight, type NodeSights, type OutOfSight, versionOutOfSight } from '../in-sight.ts';
import { bootDiskBytes, configuredCpus, configuredMemoryBytes } from './sizes.ts';

/** What a guest with a process uses: fractions of what it has, bytes, seconds. Network traffic since its start. */
export interface GuestUsage {
  cpuFraction: number | null;
  memoryBytes: number | null;
  networkInBytes: number | null;
  networkOutBytes: number | null;
  diskBytes: number | null;
}

/** The facts of a guest's row, at present or at a moment. Absent facts are null. */
export interface GuestFact {
  type: GuestType;
  vmid: number;
  name: string | null;
  node: string;
  /** The word that people are shown; `unknown` if it is out of sight. */
  status: string;
  /** The same, as last seen. */
  lastStatus: string;
  /** Why this is not its present state; null if it is. */
  out: OutOfSight | null;
  template: boolean;
  tags: readonly string[];
  pool: string | null;
  lock: string | null;
  ha: string | null;
  cpus: number | null;
  memoryBytes: number | null;
  bootDiskBytes: number | null;
  /** When it started (ms); null if it has no process or is out of sight. */
  startedAt: number | null;
  /** It is in sight and has a process. */
  isUp: boolean;
  /** Seconds since it started, as Proxmox reports it; 0 or null if it does not run, null if out of sight. */
  uptimeSeconds: number | null;
  /** Null if it has no process or is out of sight, and for past moments, for which usage is not kept. */
  usage: GuestUsage | null;
  /** Facts that the last look did not confirm: when each last was (ms), null if never. */
  unconfirmed: Unconfirmed | null;
}

/** A guest as it is. */
export function guestFact(guest: GuestEntity, nodes: NodeSights): GuestFact {
  const out = guestOutOfSight(guest, nodes);
  const lastStatus = shownStatus(guest.status, guest.lockStatus);
  const isUp = out === null && hasProcess(guest.status);
  return {
    type: guest.type,
    vmid: guest.id,
    name: guest.name,
    node: guest.nodeId,
    status: out === null ? lastStatus : 'unknown',
    lastStatus,
    out,
    template: guest.template,
    tags: guest.tags,
    pool: guest.pool,
    lock: guest.lockStatus,
    ha: guest.haState,
    cpus: guest.cpuCores,
    memoryBytes: guest.memoryBytes,
    bootDiskBytes: guest.diskSize,
    startedAt: isUp ? guest.startedAt : null,
    isUp,
    uptimeSeconds: out === null ? guest.uptime : null,
    usage: isUp ? usageOf(guest) : null,
    unconfirmed: out === null ? openFacts(guest, nodes) : null,
  };
}

function usageOf(guest: GuestEntity): GuestUsage {
  return {
    cpuFraction: guest.cpuUsage,
    memoryBytes: guest.memoryUsage,
    networkInBytes: guest.networkIn,
    networkOutBytes: guest.networkOut,
    diskBytes: guest.diskUsage,
  };
}

/**
 * What is shown of a guest although the last look did not confirm it, such as the pool if the token may no longer see it, or the
 * whole configuration if it could not be read.
 */
function openFacts(guest: GuestEntity, { unreadConfigs }: NodeSights): Unconfirmed | null {
  const { unconfirmed } = guest;
  const isUnread = unreadConfigs.size > 0 && unreadConfigs.has(guestKey(guest));
  if (unconfirmed === null && !isUnread) return null;
  const shown: { [fact: string]: string | null } = {
    pool: guest.pool,
    ha: guest.haState,
    status: guest.status,
    lock: guest.lockStatus,
    name: guest.name,
    // Where there never was a value, the column itself is missing.
    ...(hasProcess(guest.status) && { cpu_percent: '', memory_percent: '' }),
  };
  const open = Object.entries(unconfirmed ?? {}).filter(([fact]) => (shown[fact] ?? null) !== null);
  if (isUnread) open.push(['config', guest.configSeen]);
  return open.length === 0 ? null : Object.fromEntries(open);
}

/** A guest as history knows it at a moment (`at`, ms). Its sizes come from its configuration then. */
export function pastGuestFact(version: StandingVersion, nodes: NodeSights, at: number): GuestFact {
  const state = version.state as GuestState;
  const out = versionOutOfSight(version, nodes);
  const lastStatus = shownStatus(state.status, state.lock);
  const isUp = out === null && hasProcess(state.status);
  const startedAt = isUp ? (state.started_at ?? null) : null;
  return {
    type: version.type as GuestType,
    vmid: Number(version.resourceId),
    name: version.name,
    node: state.node,
    status: out === null ? lastStatus : 'unknown',
    lastStatus,
    out,
    template: state.template,
    tags: state.tags,
    pool: state.pool ?? null,
    lock: state.lock ?? null,
    ha: state.ha ?? null,
    cpus: configuredCpus(state.config),
    memoryBytes: configuredMemoryBytes(state.config),
    bootDiskBytes: bootDiskBytes(state.config),
    startedAt,
    isUp,
    uptimeSeconds: startedAt === null ? null : Math.round((at - startedAt) / 1000),
    usage: null,
    unconfirmed: null,
  };
}

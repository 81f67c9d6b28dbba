import type { GuestReading } from '../model/observation.ts';
import type { GuestType } from '../model/resource.ts';
import type { JsonObject } from '../model/state.ts';
import { PENDING_DELETION } from '../model/state.ts';
import { endpoints, type PendingRow } from '../proxmox/endpoints/index.ts';
import { normaliseConfig, normaliseTags, normaliseValue } from '../state/normalise.ts';
import type { Api } from './api.ts';
import { isOtherLife, lifeOf } from './identity.ts';
import { seenStatus } from './seen-status.ts';

/** Which guest to read, and how much of it. */
export interface GuestTarget {
  type: GuestType;
  id: number;
  node: string;
  /** Also ask for the live status: for a guest whose row moved. */
  live: boolean;
  /** Snapshots it had: their list is read again even when the configuration names none. */
  hadSnapshots: boolean;
  /** The identity known so far: another one may be another guest, whose live status is then needed too. */
  identity: string | null;
}

/**
 * A guest's own answer: running and pending configuration in one request, plus status and snapshots where needed.
 * @throws ProxmoxError as the API refuses; `not-found` means the guest is not (any more) on that node.
 */
export async function readGuest(api: Api, target: GuestTarget, now: () => number): Promise<GuestReading> {
  const family = target.type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const path = { node: target.node, vmid: target.id };
  const readAt = now();
  const rows = await api.get(family.pending, path);
  const raw: { [key: string]: unknown } = {};
  for (const row of rows) if (row.value !== undefined) raw[row.key] = row.value;
  const identity = target.type === 'vm' ? lifeOf(raw) : null;
  const reading: GuestReading = {
    type: target.type,
    id: target.id,
    node: target.node,
    readAt,
    name: text(target.type === 'vm' ? raw['name'] : raw['hostname']),
    tags: normaliseTags(text(raw['tags'])),
    template: Number(raw['template'] ?? 0) === 1,
    identity,
    createdAt: creationTime(raw['meta']),
    config: normaliseConfig(raw),
    pending: pendingOf(rows),
    snapshots: raw['parent'] === undefined && !target.hadSnapshots ? {} : await readSnapshots(api, target),
  };
  if (target.live || isOtherLife(target.identity, identity, true))
    reading.live = await readLive(api, target, now);
  return reading;
}

async function readLive(api: Api, target: GuestTarget, now: () => number): Promise<GuestReading['live']> {
  const family = target.type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const at = now();
  const row = await api.get(family.status, { node: target.node, vmid: target.id });
  // The cluster listing carries qmpstatus where there is one (paused, suspended, prelaunch), so it is the status.
  const shown = row.qmpstatus ?? row.status;
  // vzdump starts a stopped VM for its backup. Only QEMU itself knows that it was not set going.
  const hidden = target.type === 'vm' && shown === 'running' && row.lock === 'backup' && !row['running-qemu'];
  const status = hidden ? undefined : seenStatus(shown, row.lock);
  const runs = status === 'running' || status === undefined;
  return {
    status,
    lock: row.lock ?? null,
    bootAt: runs && row.uptime ? at - row.uptime * 1000 : undefined,
    uptime: runs ? row.uptime : undefined,
  };
}

async function readSnapshots(api: Api, target: GuestTarget): Promise<{ [name: string]: number }> {
  const family = target.type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const rows = await api.get(family.snapshots, { node: target.node, vmid: target.id });
  return Object.fromEntries(
    rows.flatMap(row => (row.name === 'current' ? [] : [[row.name, (row.snaptime ?? 0) * 1000] as const])),
  );
}

function pendingOf(rows: PendingRow[]): JsonObject {
  const pending: JsonObject = {};
  for (const row of rows) {
    if (row.delete) pending[row.key] = PENDING_DELETION;
    else if (row.pending !== undefined) pending[row.key] = normaliseValue(row.key, row.pending);
  }
  return pending;
}

function text(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : String(value);
}

/** `creation-qemu=10.0.13,ctime=1795221526`: seconds. */
function creationTime(meta: unknown): number | null {
  const ctime = /(?:^|,)ctime=(\d+)/.exec(String(meta ?? ''))?.[1];
  return ctime === undefined ? null : Number(ctime) * 1000;
}

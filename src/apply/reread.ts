import {
  endpoints,
  hasUnread,
  isUnread,
  isWhole,
  ProxmoxError,
  type ProxmoxReader,
} from '../proxmox/index.ts';
import type { GuestAddress } from '../proxmox/operations/index.ts';
import { snapshotKey } from './compose-task.ts';
import type { Reading } from './standing.ts';

/** Distinguishes the guest that was meant from another one that has its VMID now. */
export interface GuestIdentity {
  /** For a VM, the uuid in its `smbios1`. A container has none, so only its type is compared. */
  uuid: string | null;
}

/** Raw lines of a container's configuration: lists in some answers, and never written. */
const RAW_LINES = 'lxc';

/** Whether every row came, and could be read: what is missing from another list is not absent. */
function isReadable(rows: readonly { key: string }[]): boolean {
  return isWhole(rows) && rows.every(row => row.key === RAW_LINES || !hasUnread(row));
}

/**
 * Reads a guest for writing and for determining outcomes: the values in force, the pending ones, and the digest, in one request.
 * Undefined where it, or any part of it, could not be read, which says nothing about it.
 * @throws any error but Proxmox's
 */
export async function readGuest(
  reader: ProxmoxReader,
  guest: GuestAddress,
  identity: GuestIdentity,
  facts: { now: number; busy: boolean },
): Promise<Reading | undefined> {
  const of = guest.type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const about = { at: facts.now, busy: facts.busy };
  try {
    const rows = await reader.get(of.pending, { node: guest.node, vmid: guest.vmid });
    if (!isReadable(rows)) return undefined;
    const values: { [key: string]: string } = {};
    const waiting: { [key: string]: string | null } = {};
    for (const { key, value, pending, delete: removed } of rows) {
      if (value !== undefined) values[key] = String(value);
      if (removed) waiting[key] = null;
      else if (pending !== undefined) waiting[key] = String(pending);
    }
    const { digest = '', ...config } = values;
    return { ...about, sameGuest: isSame(identity, config), digest, values: config, waiting };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    if (error.kind !== 'not-found') return undefined;
    return { ...about, sameGuest: false, digest: '', values: {}, waiting: {} };
  }
}

function isSame({ uuid }: GuestIdentity, config: Reading['values']): boolean {
  return uuid === null || uuidOf(config) === uuid;
}

/** The uuid in a VM's `smbios1`; null without one, as for containers. */
export function uuidOf({ smbios1 }: Reading['values']): string | null {
  return /(?:^|,)uuid=([^,]+)/.exec(smbios1 ?? '')?.[1] ?? null;
}

/**
 * Reads the parts of a guest outside its configuration that these fields (`status`, `node`, `snapshots`, or `snapshot:` and a
 * name) need: its status or its snapshots, and its node (the first of those given that has it). Undefined where it could not be
 * read; where none of the nodes has it, `sameGuest` is false.
 * @throws any error but Proxmox's
 */
export async function readFacts(
  reader: ProxmoxReader,
  guest: GuestAddress,
  nodes: readonly string[],
  facts: { now: number; busy: boolean; fields: readonly string[] },
): Promise<Reading | undefined> {
  const of = guest.type === 'vm' ? endpoints.qemu : endpoints.lxc;
  const isSnapshot = (field: string) => field.startsWith('snapshot');
  const listed = facts.fields.some(isSnapshot);
  const asked = !facts.fields.every(isSnapshot);
  const about = { at: facts.now, digest: '', waiting: {} };
  let unread = false;
  for (const node of nodes) {
    const at = { node, vmid: guest.vmid };
    try {
      const status = asked ? (await reader.get(of.status, at)).status : undefined;
      const rows = listed ? await reader.get(of.snapshots, at) : [];
      const known = isWhole(rows) && rows.every(row => !isUnread(row, 'snapstate'));
      if ((asked && status === undefined) || !known) return undefined;
      const snapshots = rows.filter(({ name, snapstate }) => name !== 'current' && snapstate === undefined);
      const taken = snapshots.map(({ name }) => [snapshotKey(name), name]);
      const values = { ...(status !== undefined && { status }), node, ...Object.fromEntries(taken) };
      const making = rows.some(({ snapstate }) => snapstate !== undefined);
      return { ...about, busy: facts.busy || making, sameGuest: true, values };
    } catch (error) {
      if (!(error instanceof ProxmoxError)) throw error;
      unread ||= error.kind !== 'not-found';
    }
  }
  return unread ? undefined : { ...about, busy: facts.busy, sameGuest: false, values: {} };
}

/** Whether a task started by this user or token is, or may be, running on the guest. @throws ProxmoxError where that cannot be read. */
export async function isBusy(reader: ProxmoxReader, guest: GuestAddress, identity: string): Promise<boolean> {
  const rows = await reader.get(
    endpoints.tasks.ofNode,
    { node: guest.node },
    { source: 'active', vmid: guest.vmid },
  );
  if (!isWhole(rows) || rows.some(row => isUnread(row, 'user') || isUnread(row, 'tokenid'))) return true;
  // A running task shows user and token together, an ended one separately.
  return rows.some(({ user, tokenid }) => user === identity || `${user}!${tokenid}` === identity);
}

import { endpoints, ProxmoxError, type ProxmoxReader } from '../proxmox/index.ts';
import type { GuestAddress } from '../proxmox/operations/index.ts';
import { snapshotKey } from './compose-task.ts';
import type { Reading } from './standing.ts';

/** What tells the guest that was meant from another one that has its VMID by now. */
export interface GuestIdentity {
  /** Of a VM: the uuid in its `smbios1`. A container has none; there its type must do. */
  uuid: string | null;
}

/**
 * Reads a guest for judging and for writing: what is in force, what waits, and the digest, in one request. Undefined where it
 * could not be read, which says nothing about it.
 * @throws what is no error of Proxmox's
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

function isSame({ uuid }: GuestIdentity, { smbios1 }: { [key: string]: string }): boolean {
  return uuid === null || /(?:^|,)uuid=([^,]+)/.exec(smbios1 ?? '')?.[1] === uuid;
}

/**
 * Reads what of a guest is no configuration, and only what these fields (`status`, `node`, `snapshots`, or `snapshot:` and a name)
 * are about: its status, or its snapshots, and with either the node it is on (of those given, the first that has it). Undefined where it could not be read; where none of the nodes has it, it is not the same guest.
 * @throws what is no error of Proxmox's
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
      const status = asked ? ((await reader.get(of.status, at)).status ?? '') : undefined;
      const rows = listed ? await reader.get(of.snapshots, at) : [];
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

/** Whether a task that this user or token started runs on the guest. @throws ProxmoxError where that cannot be read. */
export async function isBusy(reader: ProxmoxReader, guest: GuestAddress, identity: string): Promise<boolean> {
  const rows = await reader.get(
    endpoints.tasks.ofNode,
    { node: guest.node },
    { source: 'active', vmid: guest.vmid },
  );
  // A running task shows user and token in one, an ended one apart.
  return rows.some(({ user, tokenid }) => user === identity || `${user}!${tokenid}` === identity);
}

import type { AddressFacts, GuestInterface } from '../../model/detail.ts';
import type { GuestEntity } from '../../model/entity.ts';
import type { OurTime } from '../../model/time.ts';
import { endpoints, type GuestInterface as InterfaceRow } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { refusalReason } from '../common/failure-reason.ts';

const INTERFACES_AT_MOST = 32;
const ADDRESSES_AT_MOST = 64;

/**
 * Returns the addresses of a running guest: a VM's from its agent, a container's from its node. An agent that does not answer is
 * no error: what the guest reported before stands, with its age.
 * @throws ProxmoxError where the node fails.
 */
export async function readAddresses(
  api: Api,
  { type, id, nodeId }: Pick<GuestEntity, 'type' | 'id' | 'nodeId'>,
  former: AddressFacts | null,
  now: () => OurTime,
): Promise<AddressFacts> {
  const path = { node: nodeId, vmid: id };
  try {
    const rows =
      type === 'vm'
        ? await api.get(endpoints.qemu.interfaces, path)
        : await api.get(endpoints.lxc.interfaces, path);
    const known = new Map(former?.interfaces.map(one => [one.name, one]));
    const reported = new Set(rows.map(row => row.name));
    const lost = isWhole(rows) ? [] : [...known.values()].filter(one => !reported.has(one.name));
    return {
      interfaces: [...rows.map(row => interfaceOf(row, known.get(row.name))), ...lost]
        .filter(one => one.ips.length > 0)
        .slice(0, INTERFACES_AT_MOST),
      reportedAt: now(),
      silent: null,
    };
  } catch (error) {
    if (!(error instanceof ProxmoxError) || !isSilence(error)) throw error;
    return {
      interfaces: former?.interfaces ?? [],
      reportedAt: former?.reportedAt ?? null,
      silent: refusalReason(error),
    };
  }
}

/** The guest itself did not answer, or a right is missing. A node that fails says nothing about its guests. */
function isSilence(error: ProxmoxError): boolean {
  return error.kind === 'forbidden' || error.kind === 'server';
}

/**
 * Older containers report addresses with the prefix included, in separate fields. A part that could not be read keeps its known
 * value.
 */
function interfaceOf(row: InterfaceRow, known: GuestInterface | undefined): GuestInterface {
  const listed = (row['ip-addresses'] ?? []).flatMap(({ 'ip-address': ip, prefix }) =>
    ip ? [prefix === undefined || prefix === null || ip.includes('/') ? ip : `${ip}/${prefix}`] : [],
  );
  const plain = [row.inet, row.inet6].flatMap(text => (text ?? '').split(/[\s,;]+/).filter(ip => ip !== ''));
  const ips = (listed.length > 0 ? listed : plain).filter(ip => !isLocal(ip));
  const mac = (row['hardware-address'] ?? row.hwaddr)?.toUpperCase();
  const lost = (...fields: string[]) => fields.some(field => isUnread(row, field));
  return {
    name: row.name,
    mac: mac ?? (lost('hardware-address', 'hwaddr') ? known?.mac : null) ?? null,
    ips:
      ips.length === 0 && lost('ip-addresses', 'inet', 'inet6')
        ? (known?.ips ?? [])
        : ips.slice(0, ADDRESSES_AT_MOST),
  };
}

/** Loopback and link-local addresses exist on every guest and identify none. */
function isLocal(ip: string): boolean {
  return /^(?:127\.|169\.254\.|::1(?:\/|$)|fe80:)/i.test(ip);
}

import type { ConfigValue, Guest, Node, PublishedFacts } from './types.ts';

const units: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** The name a person gave the guest, or undefined. */
export function givenName(guest: Guest): string | undefined {
  const value = guest.config[guest.type === 'qemu' ? 'name' : 'hostname'];
  return value === undefined ? undefined : String(value);
}

/** The name PVE shows: its placeholder `VM 104` or `CT201` if the guest has none. */
export function shownName(guest: Guest): string {
  return givenName(guest) ?? (guest.type === 'qemu' ? `VM ${guest.vmid}` : `CT${guest.vmid}`);
}

/** Tags as a sorted list. */
export function tagsOf(guest: Guest): string[] {
  return String(guest.config.tags ?? '')
    .split(/[;, ]/)
    .filter(tag => tag !== '')
    .sort();
}

/** Whether the guest is a template. */
export function isTemplate(guest: Guest): boolean {
  return Number(guest.config.template ?? 0) === 1;
}

/** Bytes of a size such as `32G`. */
function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text);
  return match === null ? 0 : Number(match[1]) * units[match[2]!]!;
}

/** Config keys with a disk on a storage, with the volume id and the size in bytes. */
export function disksOf(guest: Guest): { key: string; volid: string; size: number }[] {
  const disks = [];
  for (const [key, value] of Object.entries(guest.config)) {
    if (!/^(scsi|virtio|sata|ide|efidisk|tpmstate|rootfs|mp|unused)\d*$/.test(key)) continue;
    const text = String(value);
    const volid = text.split(',')[0]!;
    if (!volid.includes(':')) continue;
    disks.push({ key, volid, size: parseSize(/(?:^|,)size=([^,]+)/.exec(text)?.[1] ?? '') });
  }
  return disks;
}

/** Size in bytes of what list rows call `maxdisk`: a VM's first boot disk, a container's root. */
export function bootDiskBytes(guest: Guest): number {
  const key = guest.type === 'lxc' ? 'rootfs' : /order=([^;,]+)/.exec(String(guest.config.boot ?? ''))?.[1];
  const size = /(?:^|,)size=([^,]+)/.exec(String(guest.config[key ?? 'scsi0'] ?? ''))?.[1];
  const bytes = parseSize(size ?? '');
  // A running container shows the size of its file system, a stopped one that in its config.
  return guest.type === 'lxc' && guest.status === 'running' ? Math.floor(bytes * 0.978) : bytes;
}

/** Memory in bytes; PVE's default is 512 MiB. */
export function memoryBytes(guest: Guest): number {
  return Number(guest.config.memory ?? 512) * 2 ** 20;
}

/** CPUs as list rows count them: never more than the host has. */
function cpuCount(guest: Guest, hostCpus: number): number {
  const cores = Number(guest.config.cores ?? (guest.type === 'lxc' ? hostCpus : 1));
  return Math.min(hostCpus, cores * Number(guest.config.sockets ?? 1));
}

/** What QEMU's monitor reports unless it is `running`. */
function qmpStatus(guest: Guest): PublishedFacts['qmpstatus'] {
  if (guest.qemuSilent) return undefined;
  return guest.passing ?? (guest.startedForBackup ? 'prelaunch' : guest.paused ? 'paused' : undefined);
}

/** What the node would publish about the guest now. */
export function currentFacts(state: { nodes: ReadonlyMap<string, Node> }, guest: Guest): PublishedFacts {
  return {
    name: shownName(guest),
    status: guest.startedForBackup ? 'running' : guest.status,
    qmpstatus: qmpStatus(guest),
    startedAt: guest.cameAt ?? guest.startedAt,
    maxmem: memoryBytes(guest),
    maxcpu: cpuCount(guest, state.nodes.get(guest.node)?.cpus ?? 1),
    maxdisk: bootDiskBytes(guest),
  };
}

/** The config value as an answer may show it: PVE masks this single secret. */
export function masked(key: string, value: ConfigValue): ConfigValue {
  return key === 'cipassword' ? '**********' : value;
}

/** The uuid of a VM, which never changes; containers have none. */
export function smbiosUuid(guest: Guest): string | undefined {
  return /uuid=([^,]+)/.exec(String(guest.config.smbios1 ?? ''))?.[1];
}

import type { ClusterState } from '../state.ts';
import { day, second } from '../timing.ts';
import type { ConfigValue, Guest, GuestType } from '../types.ts';
import { containerKinds, type ServerKind, vlans, vmKinds } from './names.ts';

/** What a new guest's config is made from. */
export interface GuestPlan {
  vmid: number;
  node: string;
  name: string | undefined;
  kind: ServerKind;
}

/**
 * Adds guests: three quarters VMs from 100 on, containers from 200 (or after the VMs, where there are more than a
 * hundred of those). About one in forty VMs is a template; three quarters of the rest run.
 */
export function buildGuests(state: ClusterState, count: number): void {
  const { random } = state;
  const nodes = [...state.nodes.keys()];
  const vms = Math.ceil(count * 0.75);
  const firstContainer = vms <= 100 ? 200 : 100 + Math.ceil(vms / 100) * 100;
  const counters = new Map<string, number>();
  const nextName = (kind: ServerKind, prefix: string): string => {
    const number = (counters.get(kind.stem) ?? 0) + 1;
    counters.set(kind.stem, number);
    return `${prefix}${kind.stem}${String(number).padStart(2, '0')}`;
  };
  for (let i = 0; i < count; i++) {
    const type: GuestType = i < vms ? 'qemu' : 'lxc';
    // The first VMs are always of the same kinds, so that small clusters contain something of everything.
    const kinds = type === 'qemu' ? vmKinds : containerKinds;
    const kind = i < 4 || i === vms ? kinds[i === vms ? 0 : i]! : random.pick(kinds);
    const vmid = type === 'qemu' ? 100 + i : firstContainer + i - vms;
    const plan = { vmid, node: random.pick(nodes), name: nextName(kind, type === 'lxc' ? 'ct-' : ''), kind };
    const guest = type === 'qemu' ? makeVm(state, plan) : makeContainer(state, plan);
    if (random.chance(0.6)) guest.pool = random.pick(['prod', 'prod', 'staging', 'dev']);
    if (type === 'qemu' && i > 6 && random.chance(0.025)) {
      guest.config.template = 1;
      guest.config.name = `tpl-${guest.config.name}`;
      guest.config.scsi0 = String(guest.config.scsi0).replace(':vm-', ':base-');
    } else if (i === 0 || i === 1 || i === 4 || i === vms || random.chance(0.75)) {
      guest.status = 'running';
      guest.startedAt = state.clock.now() - random.int(60_000, 38 * day);
    }
    state.guests.set(vmid, guest);
  }
}

/** A stopped VM with the config that PVE's own wizard would have written. */
export function makeVm(state: ClusterState, { vmid, node, name, kind }: GuestPlan): Guest {
  const { random } = state;
  const windows = kind.ostype !== undefined;
  const config: Record<string, ConfigValue> = {
    agent: '1',
    boot: 'order=scsi0;ide2;net0',
    cores: kind.cores,
    cpu: 'x86-64-v2-AES',
    ide2: 'none,media=cdrom',
    memory: String(kind.memory),
    meta: `creation-qemu=10.0.13,ctime=${state.clock.seconds() - (random.int(1, 400) * day) / second}`,
    net0: `virtio=${random.mac()},bridge=vmbr0,firewall=1,tag=${random.pick(vlans)}`,
    numa: 0,
    ostype: kind.ostype ?? 'l26',
    scsi0: `local-zfs:vm-${vmid}-disk-0,iothread=1,size=${kind.diskGib}G`,
    scsihw: 'virtio-scsi-single',
    smbios1: `uuid=${random.uuid()}`,
    sockets: 1,
    vmgenid: random.uuid(),
  };
  if (name !== undefined) config.name = name;
  if (kind.tags.length > 0) config.tags = [...kind.tags].sort().join(';');
  if (kind.note !== undefined) config.description = kind.note;
  if (windows) {
    config.bios = 'ovmf';
    config.machine = 'pc-q35-10.0';
    config.efidisk0 = `local-zfs:vm-${vmid}-disk-1,efitype=4m,pre-enrolled-keys=1,size=1M`;
    config.tpmstate0 = `local-zfs:vm-${vmid}-disk-2,size=4M,version=v2.0`;
  }
  if (random.chance(0.5)) config.onboot = 1;
  if (random.chance(0.1)) config.protection = 1;
  if (random.chance(0.3)) config.balloon = kind.memory / 2;
  return { ...blank(state, vmid, node), type: 'qemu', config, agentAnswers: !windows || random.chance(0.5) };
}

/** A stopped container. */
export function makeContainer(state: ClusterState, { vmid, node, name, kind }: GuestPlan): Guest {
  const { random } = state;
  const octets = `10.${vlans[0]}.${Math.floor(vmid / 250) % 250}.${(vmid % 250) + 1}`;
  const config: Record<string, ConfigValue> = {
    arch: 'amd64',
    cores: kind.cores,
    features: 'nesting=1',
    memory: kind.memory,
    net0: `name=eth0,bridge=vmbr0,firewall=1,gw=10.10.0.1,hwaddr=${random.mac()},ip=${octets}/16,type=veth`,
    ostype: 'debian',
    rootfs: `local-zfs:subvol-${vmid}-disk-0,size=${kind.diskGib}G`,
    swap: 512,
    unprivileged: 1,
  };
  if (name !== undefined) config.hostname = name;
  if (kind.tags.length > 0) config.tags = [...kind.tags].sort().join(';');
  if (kind.note !== undefined) config.description = kind.note;
  if (random.chance(0.5)) config.onboot = 1;
  return { ...blank(state, vmid, node), type: 'lxc', config, agentAnswers: false };
}

function blank(
  state: ClusterState,
  vmid: number,
  node: string,
): Omit<Guest, 'type' | 'config' | 'agentAnswers'> {
  return {
    vmid,
    node,
    status: 'stopped',
    startedAt: undefined,
    pending: new Map(),
    snapshots: [],
    salt: state.random.int(1, 1_000_000_000),
  };
}

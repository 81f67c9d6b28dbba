import { isRunning } from '../capacity.ts';
import type { Check } from '../check.ts';
import { type Device, devicesOf, hasAgent, mainPart } from '../devices.ts';
import type { GuestHealth } from '../facts.ts';
import { shortList } from '../words.ts';

/** QEMU's major version at the start of each Proxmox VE release: machine versions from before are old. */
const QEMU_OF_RELEASE: { [release: string]: number } = { 7: 6, 8: 8, 9: 10 };

function* eachWith(
  guests: readonly GuestHealth[],
  fits: (device: Device) => boolean,
): Generator<{ guest: GuestHealth; devices: Device[] }> {
  for (const guest of guests) {
    const devices = devicesOf(guest.config ?? {}).filter(fits);
    if (devices.length > 0) yield { guest, devices };
  }
}

/** A volume that a guest keeps without using it. */
export const diskUnused: Check = {
  name: 'disk-unused',
  severity: 'info',
  reason: 'A disk that was detached still takes its room, and may hold data that somebody misses.',
  evidence: 'The unused volumes in its configuration.',
  next: 'attach it again, or remove it for good',
  reads: 'configs',
  *find({ guests }) {
    for (const { guest, devices } of eachWith(guests, one => one.kind === 'unused'))
      yield {
        resource: guest.key,
        what: `unused: ${shortList(devices.map(one => one.volume))}`,
        evidence: { volumes: devices.map(one => `${one.key} ${one.volume}`) },
        since: { field: `config.${devices[0]!.key}.volume` },
      };
  },
};

/** A CD that nobody took out. */
export const cdromAttached: Check = {
  name: 'cdrom-attached',
  severity: 'info',
  reason:
    'A CD-ROM image on a storage of one node keeps a guest from being migrated, and one that is deleted keeps it from starting.',
  evidence: 'The images in the drives of a running guest.',
  next: 'empty the drive when the installation is done',
  reads: 'configs',
  *find({ guests }) {
    for (const { guest, devices } of eachWith(guests.filter(isRunning), one => one.kind === 'cdrom'))
      yield {
        resource: guest.key,
        what: `${shortList(devices.map(one => `${one.key} holds ${one.volume}`))}`,
        evidence: { images: devices.map(one => one.volume) },
        since: { field: `config.${devices[0]!.key}.volume` },
      };
  },
};

/** Emulated IDE is slow and has few features. */
export const ideDisk: Check = {
  name: 'ide-disk',
  severity: 'info',
  reason: 'An emulated IDE disk is several times slower than VirtIO and knows neither discard nor hot-plug.',
  evidence: 'The disks on the IDE bus; CD-ROM drives are none.',
  next: 'install VirtIO drivers, then attach it as scsi or virtio',
  reads: 'configs',
  *find({ guests }) {
    for (const { guest, devices } of eachWith(guests, one => one.kind === 'disk' && one.bus === 'ide'))
      yield {
        resource: guest.key,
        what: `${shortList(devices.map(one => one.key))} on IDE`,
        evidence: { disks: devices.map(one => `${one.key} ${one.volume}`) },
      };
  },
};

/** Without its agent a guest cannot be asked anything. */
export const agentMissing: Check = {
  name: 'agent-missing',
  severity: 'info',
  reason:
    'Without the guest agent backups do not freeze file systems, shutdowns rely on ACPI, and its addresses are not known.',
  evidence: 'The agent option of a running VM.',
  next: 'install qemu-guest-agent in it, then set agent=1',
  reads: 'configs',
  *find({ guests }) {
    for (const guest of guests) {
      if (guest.type !== 'vm' || guest.template || guest.config === null || !isRunning(guest)) continue;
      if (hasAgent(guest.config)) continue;
      yield { resource: guest.key, what: 'no guest agent', evidence: { agent: 0 } };
    }
  },
};

/** A machine version of an old QEMU, which will be dropped one day. */
export const machinePinned: Check = {
  name: 'machine-pinned',
  severity: 'info',
  reason: 'QEMU drops machine types after six years, and an old one misses what was mended since.',
  evidence: 'The machine version it is pinned to, and the QEMU with which the release of its node began.',
  next: 'choose the latest version at a planned restart; Windows may see new hardware',
  reads: 'configs',
  *find({ guests, nodes }) {
    const releases = new Map(nodes.map(node => [node.id, node.version?.split('.')[0]]));
    for (const guest of guests) {
      const machine = mainPart(guest.config?.['machine'], 'type');
      const [, pinned, major] = /-((\d+)\.\d+)/.exec(String(machine ?? '')) ?? [];
      const now = QEMU_OF_RELEASE[releases.get(guest.node) ?? ''];
      if (guest.template || pinned === undefined || now === undefined || Number(major) >= now) continue;
      yield {
        resource: guest.key,
        what: `pinned to the machine of QEMU ${pinned}`,
        evidence: { machine: String(machine), qemu_of_release: now },
      };
    }
  },
};

/** In a privileged container, root is root on the node. */
export const containerPrivileged: Check = {
  name: 'container-privileged',
  severity: 'info',
  reason: 'Root of a privileged container is root of the node if it breaks out.',
  evidence: 'The option unprivileged, which is off unless it is set.',
  next: 'back it up and restore it as unprivileged, where it does not need the rights',
  reads: 'configs',
  *find({ guests }) {
    for (const guest of guests) {
      if (guest.type !== 'container' || guest.template || guest.config === null) continue;
      if (guest.config['unprivileged'] === 1) continue;
      yield { resource: guest.key, what: 'privileged', evidence: { unprivileged: 0 } };
    }
  },
};

/** A container that AppArmor does not confine. */
export const containerUnconfined: Check = {
  name: 'container-unconfined',
  severity: 'warning',
  reason: 'Without its AppArmor profile nothing but the kernel keeps a container from the node.',
  evidence: 'The raw line lxc.apparmor.profile of its configuration.',
  next: 'remove the line, or say by features what it needs',
  reads: 'configs',
  *find({ guests }) {
    for (const guest of guests) {
      if (guest.apparmor !== 'unconfined') continue;
      const privileged = guest.config !== null && guest.config['unprivileged'] !== 1;
      yield {
        resource: guest.key,
        what: `unconfined by AppArmor${privileged ? ', and privileged' : ''}`,
        evidence: { apparmor_profile: 'unconfined', unprivileged: privileged ? 0 : 1 },
      };
    }
  },
};

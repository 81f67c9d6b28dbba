import type { ViewName } from '../../model/query.ts';
import { flag, integer, real, resource, type SqlView, text, time } from '../view.ts';

/** What belongs to guests, a view for each kind of part. */
export const guestParts: Pick<
  Record<ViewName, SqlView>,
  'guest_tags' | 'config' | 'pending' | 'disks' | 'nics' | 'addresses' | 'snapshots'
> = {
  guest_tags: {
    about: 'A row for each tag of each guest.',
    facets: ['inventory'],
    columns: { resource, tag: text('The tag.') },
  },
  config: {
    about:
      'A row for each key of each configuration as it runs, without defaults, and one for each part of a key that has parts: net0, and net0.bridge, net0.tag ...',
    facets: ['inventory', 'config'],
    columns: {
      resource,
      key: text('Key such as memory or net0, or key and part such as net0.bridge, cpu.cputype.'),
      value: text(
        'Value as text, such as virtio=BC:24:11:03:DA:DE,bridge=vmbr0, or that of the part. Secrets read (secret).',
      ),
    },
  },
  pending: {
    about: 'A row for each key that changes with the next restart.',
    facets: ['inventory', 'config'],
    columns: {
      resource,
      key: text('Key such as memory or net0.'),
      running: text('Current value; NULL where it is not set.'),
      after_restart: text('Value after a restart; NULL where it will be removed.'),
    },
  },
  disks: {
    about:
      'A row for each disk, mount point, CD-ROM and cloud-init drive. Detached volumes are not among them: config has them as unused0.',
    beside: {
      unless: ['cdrom'],
      caution: 'disks includes CD-ROM and cloud-init drives: where cdrom = 0 leaves them out.',
    },
    facets: ['inventory', 'config'],
    columns: {
      resource,
      device: text('scsi0, rootfs, mp1 ...'),
      bus: text('ide, sata, scsi, virtio, efidisk, tpmstate, rootfs, mp.'),
      storage: text('Its storage; NULL for a device or directory of the node.'),
      volume: text('Volume such as local-zfs:vm-101-disk-0; none for an empty CD-ROM.'),
      size_gib: real('Size, GiB.'),
      cdrom: flag('CD-ROM or cloud-init drive.'),
    },
  },
  nics: {
    about: 'A row for each network card.',
    facets: ['inventory', 'config'],
    columns: {
      resource,
      device: text('net0 ...'),
      model: text('virtio, e1000 ...; veth for containers.'),
      mac: text('MAC address.'),
      bridge: text('Bridge or VNet.'),
      vlan: integer('VLAN tag.'),
      firewall: flag('Its firewall is on.'),
      link_down: flag('Its link is disconnected.'),
    },
  },
  addresses: {
    about:
      'A row for each IP address that a running guest reported (VMs by the guest agent) or its configuration sets.',
    facets: ['inventory', 'config', 'addresses'],
    columns: {
      resource,
      device: text('Interface in the guest such as eth0, or the key that sets it: net0, ipconfig0.'),
      address: text('Address without its prefix length.'),
    },
  },
  snapshots: {
    about: 'A row for each Proxmox snapshot.',
    facets: ['inventory', 'config'],
    columns: { resource, name: text('Its name.'), created_at: time('When it was taken.') },
  },
};

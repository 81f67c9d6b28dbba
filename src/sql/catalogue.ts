import type { Facet } from '../model/facet.ts';
import type { ViewName } from '../model/query.ts';

/** The form of a column's values: `time` is ISO 8601 text in UTC, `flag` 1 or 0. */
export type ColumnType = 'text' | 'integer' | 'real' | 'flag' | 'time';

/** A column: its type, and what it holds, with the unit. */
export interface SqlColumn {
  type: ColumnType;
  meaning: string;
  /** A facet that must also be fresh when this column is read. */
  facet?: Facet;
}

/** A view: what one row is, the facets that must be fresh, and the columns in order. */
export interface SqlView {
  about: string;
  /** Rows that a sum rarely means to include; the caution is given unless the statement names one of these columns. */
  beside?: { unless: readonly string[]; caution: string };
  facets: readonly Facet[];
  columns: Readonly<Record<string, SqlColumn>>;
}

const of =
  (type: ColumnType) =>
  (meaning: string, facet?: Facet): SqlColumn => ({ type, meaning, ...(facet && { facet }) });
const text = of('text');
const integer = of('integer');
const real = of('real');
const flag = of('flag');
const time = of('time');

const resource = text('vm/101 or container/200.');
const unseenReason = text('Why it cannot be seen now; NULL if it can.');
const seenAt = time('When it was last seen.');

const guests: SqlView = {
  about: 'A row for each VM and container that exists, templates included.',
  beside: {
    unless: ['template', 'status'],
    caution: 'guests includes templates: where template = 0 leaves them out.',
  },
  facets: ['inventory'],
  columns: {
    resource,
    type: text('vm or container.'),
    vmid: integer('VMID.'),
    name: text('Name of a VM, hostname of a container.'),
    node: text('The node it is on.'),
    status: text(
      'running, stopped, paused, suspended ...; unknown where it cannot be seen now, whatever it was.',
    ),
    template: flag('It is a template.'),
    cpus: real('Cores, all sockets together.'),
    memory_mib: integer('Assigned memory, MiB.'),
    boot_disk_gib: real('Size of the disk it boots from, GiB.'),
    pool: text('Its pool.'),
    ostype: text('OS type such as l26, win11, debian. Of a VM without the key: other.', 'config'),
    agent: flag('The guest agent is enabled. VMs only; 0 is the default.', 'config'),
    onboot: flag('Starts with its node. 0 is the default.', 'config'),
    startup: text('Start order, such as order=2,up=30.', 'config'),
    machine: text(
      'Machine type such as q35, pc-i440fx-9.0. VMs only; pc, the newest i440fx, is the default.',
      'config',
    ),
    cpu_type: text('CPU type such as host. VMs only; kvm64 is the default.', 'config'),
    bios: text('seabios, the default, or ovmf. VMs only.', 'config'),
    protection: flag('Protected from removal. 0 is the default.', 'config'),
    lock: text('Lock such as backup, migrate, suspended.'),
    ha_state: text('High availability state of a managed guest.'),
    unprivileged: flag('Unprivileged container. Containers only; 0 is the default.', 'config'),
    created_at: time(
      'When it was created, as far as known: seen here, or as the configuration of a VM says (a clone may have the time of its original).',
    ),
    started_at: time('When it was last started, while it runs.'),
    last_backup_at: time(
      'Newest backup of this guest; those of an earlier guest with its VMID do not count.',
      'backups',
    ),
    seen_at: seenAt,
    unseen_reason: unseenReason,
  },
};

const ofGuests: Pick<
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

const ofCluster: Pick<Record<ViewName, SqlView>, 'nodes' | 'storage' | 'backups' | 'backup_jobs'> = {
  nodes: {
    about: 'A row for each node.',
    facets: ['inventory', 'details'],
    columns: {
      resource: text('node/pve1.'),
      node: text('Its name.'),
      status: text('online, offline or unknown.'),
      cpus: integer('Threads.'),
      cpu_percent: real('Load; NULL unless online.'),
      memory_gib: real('Memory, GiB.'),
      memory_used_gib: real('Memory in use, GiB; NULL unless online.'),
      uptime_seconds: integer('Seconds since it booted; NULL unless online.'),
      version: text('Proxmox VE version.'),
      started_at: time('When it booted.'),
      seen_at: seenAt,
      unseen_reason: unseenReason,
    },
  },
  storage: {
    about: 'A row for each shared storage, and one for each node of a local one.',
    facets: ['inventory', 'storage'],
    columns: {
      storage: text('Its name.'),
      node: text('The node of a local storage; NULL for a shared one.'),
      type: text('dir, zfspool, nfs, rbd ...'),
      status: text('available, unreachable, unreachable from pve2, disabled, unknown.'),
      enabled: flag('It is not disabled.'),
      shared: flag('All nodes share it.'),
      total_gib: real('Size, GiB; NULL while unknown.'),
      used_gib: real('In use, GiB; NULL while unknown.'),
      content: text('What it may hold, with commas: backup,images.'),
      unseen_reason: unseenReason,
    },
  },
  backups: {
    about: 'A row for each backup that can be seen.',
    beside: {
      unless: ['of_predecessor'],
      caution:
        'backups includes those of earlier guests with the same VMID: where of_predecessor = 0 leaves them out.',
    },
    facets: ['inventory', 'storage', 'backups'],
    columns: {
      resource: text('The guest with the VMID it carries: vm/101; it may be gone.'),
      storage: text('Its storage.'),
      node: text('The node of a local storage; NULL for a shared one.'),
      volume: text('Its volume.'),
      created_at: time('When it was made.'),
      size_gib: real('Size, GiB.'),
      of_predecessor: flag('It belongs to an earlier guest with the same VMID; NULL while that is unknown.'),
    },
  },
  backup_jobs: {
    about: 'A row for each backup job.',
    facets: ['datacenter'],
    columns: {
      id: text('Its id.'),
      enabled: flag('It runs.'),
      schedule: text('Calendar event such as sat 03:00.'),
      storage: text('Its target storage.'),
      mode: text('snapshot, suspend or stop.'),
      selection: text('all; all but 100,101; 100,101; pool prod. On one node: ... on pve1.'),
      next_run_at: time('When it runs next; NULL where it is disabled or not known.'),
    },
  },
};

const ofTime: Pick<Record<ViewName, SqlView>, 'tasks' | 'changes' | 'change_fields'> = {
  tasks: {
    about: 'A row for each task.',
    facets: ['tasks'],
    columns: {
      upid: text('UPID.'),
      node: text('The node it ran on.'),
      type: text('qmstart, vzdump ...'),
      resource: text('What it was done to: vm/101; NULL where that is the node.'),
      user: text('Who started it; a token follows an exclamation mark.'),
      status: text(
        'OK, WARNINGS: 2, running, or the error in the words of Proxmox; unknown if it cannot be seen whether it still runs.',
      ),
      result: text('ok, warning, error, running or unknown.'),
      started_at: time('Start.'),
      ended_at: time('End.'),
    },
  },
  changes: {
    about:
      'A row for each recorded change of a resource, in the order of seq; what existed at first sight is discovered.',
    beside: {
      unless: ['change'],
      caution: "changes includes what existed at first sight: where change <> 'discovered' leaves it out.",
    },
    facets: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
    columns: {
      seq: integer(
        'Order of history. One seq may change several resources: join change_fields by seq and resource.',
      ),
      at: time('When it was recorded.'),
      resource: text(
        'vm/101, container/200, node/pve1, storage/local, backup-job/ID, pool/prod, ha/vm:101 or cluster; may be gone now.',
      ),
      name: text('Its name then.'),
      change: text('created, updated, deleted or discovered.'),
      after_at: time('It happened after this; NULL at first sight.'),
      before_at: time('It happened no later than this.'),
      user: text(
        'Who did it, where tasks or the log of the cluster explain every field of it; several with commas. NULL where that is not recorded or just in part: show_history tells why.',
      ),
    },
  },
  change_fields: {
    about: 'A row for each field of a change.',
    facets: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
    columns: {
      seq: integer('As in changes.'),
      resource: text('As in changes.'),
      path: text('status, node, config.memory, config.net0.tag, snapshots.name ...'),
      from_value: text('Before; NULL where it was absent. Objects and lists are JSON.'),
      to_value: text('After; NULL where it is absent.'),
    },
  },
};

/** Every view of query_sql, the same on both engines. The source of `proxmox://schema` and docs/sql-views.md. */
export const VIEWS: Readonly<Record<ViewName, SqlView>> = { guests, ...ofGuests, ...ofCluster, ...ofTime };

/** The views with a column of this name. */
export function viewsWith(column: string): ViewName[] {
  return (Object.keys(VIEWS) as ViewName[]).filter(view => Object.hasOwn(VIEWS[view].columns, column));
}

/** The types that columns of this name have in the given views. */
export function columnTypes(column: string, views: Iterable<ViewName>): ColumnType[] {
  return [...views].flatMap(view => {
    const { columns } = VIEWS[view];
    return Object.hasOwn(columns, column) ? [columns[column]!.type] : [];
  });
}

import type { Facet } from '../model/facet.ts';
import type { ViewName } from '../model/query.ts';

/** How a column's values look: `time` is ISO 8601 text in UTC, `flag` 1 or 0. */
export type ColumnType = 'text' | 'integer' | 'real' | 'flag' | 'time';

/** One column: its type, and what it holds with its unit. */
export interface SqlColumn {
  type: ColumnType;
  meaning: string;
  /** What else must be young where it is read. */
  facet?: Facet;
}

/** One view: a row of it, what has to be young for it, and its columns in their order. */
export interface SqlView {
  about: string;
  /** What a sum over all rows counts that is seldom meant, unless the statement names one of these columns. */
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
const unseenReason = text('Why it cannot be seen at present; NULL where it can.');
const seenAt = time('When it was last really seen.');

const guests: SqlView = {
  about: 'A row for each VM and container that exists, templates included.',
  beside: {
    unless: ['template', 'status'],
    caution: 'guests has templates, too: where template = 0 leaves them out.',
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
    memory_mib: integer('Memory it is given, MiB.'),
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
    ha_state: text('State of high availability, where it is managed.'),
    unprivileged: flag('Unprivileged container. Containers only; 0 is the default.', 'config'),
    created_at: time(
      'When it was created, as far as known: seen here, or as the configuration of a VM says (a clone may bear the time of its original).',
    ),
    started_at: time('When it was last started, while it runs.'),
    last_backup_at: time(
      'Newest backup of this guest; those of a guest that had its VMID before do not count.',
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
        'Value as text, such as virtio=BC:24:11:03:DA:DE,bridge=vmbr0; of a part just that. Secrets are (secret).',
      ),
    },
  },
  pending: {
    about: 'A row for each key that changes with the next restart.',
    facets: ['inventory', 'config'],
    columns: {
      resource,
      key: text('Key such as memory or net0.'),
      running: text('What runs; NULL where it is not set.'),
      after_restart: text('What will be; NULL where it will be removed.'),
    },
  },
  disks: {
    about:
      'A row for each disk, mount point, CD-ROM and cloud-init drive. What is attached to nothing is none: config has it as unused0.',
    beside: {
      unless: ['cdrom'],
      caution: 'disks has CD-ROM and cloud-init drives, too: where cdrom = 0 leaves them out.',
    },
    facets: ['inventory', 'config'],
    columns: {
      resource,
      device: text('scsi0, rootfs, mp1 ...'),
      bus: text('ide, sata, scsi, virtio, efidisk, tpmstate, rootfs, mp.'),
      storage: text('Its storage; NULL of a device or folder of the node.'),
      volume: text('Volume such as local-zfs:vm-101-disk-0; none of an empty CD-ROM.'),
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
      model: text('virtio, e1000 ...; veth of containers.'),
      mac: text('MAC address.'),
      bridge: text('Bridge or VNet.'),
      vlan: integer('VLAN tag.'),
      firewall: flag('Its firewall is on.'),
      link_down: flag('Its link is cut.'),
    },
  },
  addresses: {
    about:
      'A row for each IP address that a running guest told (VMs by the guest agent), or that its configuration sets.',
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
      status: text('online, offline; unknown where nobody can judge it.'),
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
      node: text('The node of a local storage; NULL of a shared one.'),
      type: text('dir, zfspool, nfs, rbd ...'),
      status: text('available, unreachable, unreachable from pve2, disabled, unknown.'),
      enabled: flag('It is not disabled.'),
      shared: flag('All nodes share it.'),
      total_gib: real('Size, GiB; NULL where it cannot be told at present.'),
      used_gib: real('In use, GiB; NULL where it cannot be told at present.'),
      content: text('What it may hold, with commas: backup,images.'),
      unseen_reason: unseenReason,
    },
  },
  backups: {
    about: 'A row for each backup that can be seen.',
    beside: {
      unless: ['of_predecessor'],
      caution:
        'backups has those of guests that had a VMID before, too: where of_predecessor = 0 leaves them out.',
    },
    facets: ['inventory', 'storage', 'backups'],
    columns: {
      resource: text('Whose VMID it bears: vm/101; the guest may be gone.'),
      storage: text('The storage it lies on.'),
      node: text('The node of a local storage; NULL of a shared one.'),
      volume: text('Its volume.'),
      created_at: time('When it was made.'),
      size_gib: real('Size, GiB.'),
      of_predecessor: flag(
        'It is of a guest that had the VMID before the one that has it now; NULL while that is not known.',
      ),
    },
  },
  backup_jobs: {
    about: 'A row for each backup job.',
    facets: ['datacenter'],
    columns: {
      id: text('Its id.'),
      enabled: flag('It runs.'),
      schedule: text('Calendar event such as sat 03:00.'),
      storage: text('Where it stores.'),
      mode: text('snapshot, suspend or stop.'),
      selection: text('all; all but 100,101; 100,101; pool prod. On one node: ... on pve1.'),
      next_run_at: time('When it runs next; NULL where it is disabled or not told.'),
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
      user: text('Who started it, the token behind an exclamation mark where it was one.'),
      status: text(
        'OK, WARNINGS: 2, running, or the error in the words of Proxmox; unknown where nobody can tell whether it still runs.',
      ),
      result: text('ok, warning, error, running or unknown.'),
      started_at: time('Start.'),
      ended_at: time('End.'),
    },
  },
  changes: {
    about:
      'A row for each recorded change of a resource, in the order of seq; what was there at first sight is discovered.',
    beside: {
      unless: ['change'],
      caution: "changes has what was there at first sight, too: where change <> 'discovered' leaves it out.",
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
      before_at: time('... and not later than this.'),
      user: text(
        'Who did it, where tasks or the log of the cluster explain every field of it; several with commas. NULL where that is not recorded or just in part: show_history tells why.',
      ),
    },
  },
  change_fields: {
    about: 'A row for each field that a change moved.',
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

/** Every view that query_sql reads, the same on both engines. `proxmox://schema` and docs/sql-views.md are made from it. */
export const VIEWS: Readonly<Record<ViewName, SqlView>> = { guests, ...ofGuests, ...ofCluster, ...ofTime };

/** The views that have a column of this name. */
export function viewsWith(column: string): ViewName[] {
  return (Object.keys(VIEWS) as ViewName[]).filter(view => Object.hasOwn(VIEWS[view].columns, column));
}

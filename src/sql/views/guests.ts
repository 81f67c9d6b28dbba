import { flag, integer, real, resource, type SqlView, seenAt, text, time, unseenReason } from '../view.ts';

/** The view that most statements begin with. */
export const guests: SqlView = {
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

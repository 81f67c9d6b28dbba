import type { ViewName } from '../../model/query.ts';
import { flag, integer, real, type SqlView, seenAt, text, time, unseenReason } from '../view.ts';

/** Nodes, storages, and what is backed up. */
export const clusterViews: Pick<
  Record<ViewName, SqlView>,
  'nodes' | 'storage' | 'backups' | 'backup_jobs'
> = {
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

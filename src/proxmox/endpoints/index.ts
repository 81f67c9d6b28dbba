import { access } from './access.ts';
import { cluster } from './cluster.ts';
import { lxc, qemu } from './guests.ts';
import { nodes } from './nodes.ts';
import { storage } from './storage.ts';
import { tasks } from './tasks.ts';
import { usage } from './usage.ts';

/** Every endpoint the product asks, by topic: `endpoints.cluster.resources`. */
export const endpoints = { access, cluster, nodes, tasks, storage, qemu, lxc, usage };

export type {
  BackupJobRow,
  ClusterLogLine,
  ClusterResource,
  ClusterStatusRow,
  HaGroupRow,
  HaResourceRow,
  HaRuleRow,
} from './cluster.ts';
export type { GuestInterface, ListedGuest, PendingRow } from './guests.ts';
export type { NodeStatus } from './nodes.ts';
export type { StorageDefinition, Volume } from './storage.ts';
export type { TaskRow } from './tasks.ts';
export type { UsageRow } from './usage.ts';

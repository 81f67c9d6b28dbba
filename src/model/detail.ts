import type { Unconfirmed } from './entity.ts';
import type { Reason } from './reason.ts';
import type { ClusterState } from './state.ts';
import type { OurTime } from './time.ts';
import type { UsageFacts } from './usage.ts';

/*
 * Details: facts that are only kept current, each with its age. They make no history, because they change by themselves
 * (leases, replication, backups) or belong to no resource (jobs, options).
 */

/** A network interface inside a guest, as reported by the guest agent or by the container's node. */
export interface GuestInterface {
  name: string;
  mac: string | null;
  /** Addresses with their prefix, such as `10.0.3.17/24`, without loopback and link-local ones. */
  ips: string[];
}

/** The addresses of a running guest. */
export interface AddressFacts {
  interfaces: GuestInterface[];
  /** When the guest reported them (ms); null where it never did. */
  reportedAt: number | null;
  /** Why it reported nothing when last asked, such as `QEMU guest agent is not running`; null when it did. */
  silent: Reason | null;
}

/** A guest under HA. */
export interface HaFacts {
  /** The requested state: `started`, `stopped`, `disabled`, `ignored`. */
  requested: string | null;
  /** The state that the HA manager reports now, possibly a passing one such as `migrate`. */
  state: string | null;
  group: string | null;
  maxRestart: number | null;
  maxRelocate: number | null;
  comment: string | null;
}

/** One storage replication job of a guest. */
export interface ReplicationFacts {
  /** For example `101-0`. */
  job: string;
  target: string | null;
  schedule: string | null;
  lastSyncAt: number | null;
  failures: number;
  error: string | null;
}

/** Backups of one guest on one storage. */
export interface BackupFacts {
  count: number;
  /** When the newest one was made (ms). */
  newestAt: number | null;
  bytes: number;
  /** Each backup; absent where an older version read them. */
  volumes?: readonly BackupVolume[];
}

/** One backup: its volume, when it was made (ms; null where that could not be read), and its bytes. */
export interface BackupVolume {
  volume: string;
  at: number | null;
  bytes: number;
}

/** What a node reports about itself beyond the listing. */
export interface NodeFacts {
  kernel: string | null;
  cpuModel: string | null;
  cpuSockets: number | null;
  /** Load averages over 1, 5 and 15 minutes. */
  load: number[];
  rootTotalBytes: number | null;
  rootUsedBytes: number | null;
  swapTotalBytes: number | null;
  swapUsedBytes: number | null;
  /** What could not be read when it last reported, by its column in an answer; absent where all could. */
  unconfirmed?: Unconfirmed;
  /** How far its clock was ahead of the cluster's (ms), 0 within measuring precision; absent where it was never asked. */
  clockAheadMs?: number | null;
  /** Its certificates and when each expires (ms); absent where they were never read. */
  certificates?: { file: string; expiresAt: number }[] | null;
  /** When they were read (ms). */
  certificatesReadAt?: number | null;
}

/** A scheduled backup job. */
export interface BackupJobFacts {
  enabled: boolean;
  schedule: string | null;
  storage: string | null;
  mode: string | null;
  /** Every guest except `exclude`. */
  all: boolean;
  vmids: number[];
  exclude: number[];
  pool: string | null;
  /** Only guests on this node. */
  node: string | null;
  comment: string | null;
  /** When Proxmox plans to run it next (ms), even if it is disabled; null where that is not known. */
  nextRunAt?: number | null;
}

/** A pool's own facts; which guests are in it is part of the guests' state. */
export interface PoolFacts {
  comment: string | null;
}

/** The cluster's options, and the state of its HA. */
export interface ClusterFacts {
  options: { [name: string]: string };
  /** `OK`, or why HA has no quorum; null where it may not be read. */
  haQuorum: string | null;
  haMaster: string | null;
  /** Nodes in HA maintenance mode; absent where that was never read. */
  maintenance?: string[] | null;
  /** Votes of the QDevice (0 without one), and whether it is connected; absent where that was never read. */
  qdevice?: { votes: number; connected: boolean } | null;
}

/** An HA rule, which binds guests to nodes, keeps guests together, or keeps them apart. */
export interface HaRuleFacts {
  /** `node-affinity` or `resource-affinity`. */
  type: string;
  /** The guests it applies to (`vm/101`). */
  guests: string[];
  /** The nodes of a node affinity. */
  nodes: string[];
  /** The guests may not run anywhere else. */
  strict: boolean;
  /** `positive`: together; `negative`: apart; null for a node affinity. */
  affinity: string | null;
  enabled: boolean;
}

/**
 * When a list of the datacenter's settings, by its topic (`options` for the datacenter's options), was last read in full. There
 * is no row before that.
 */
export interface ListLookFacts {
  /** The last look was complete. */
  whole: boolean;
}

/** How a container is confined, according to the raw lines of its configuration. */
export interface ConfinementFacts {
  /** `lxc.apparmor.profile`; null without such a line, where Proxmox generates a profile. */
  apparmor: string | null;
}

/** How full a storage was at several moments, oldest first; `source` is the node for a local storage. */
export interface StorageFillFacts {
  samples: { at: number; totalBytes: number; usedBytes: number }[];
}

/** Why a node (`source`) cannot reach a storage, in Proxmox's words. */
export interface StorageReasonFacts {
  /** Null where it gave no reason. */
  text: string | null;
}

/** The cluster as history knows it, with the data its votes are counted from. */
export interface QuorumFacts {
  name: string | null;
  state: ClusterState;
  /** The number of the corosync configuration, and each node's votes in it; null where they could not be read. */
  configVersion: number | null;
  nodeVotes: { [node: string]: number } | null;
  /** When votes were last counted (ms), if the last look could not count them. */
  votesSeen?: OurTime;
}

/**
 * Every topic with the shape of its facts. Subjects are `vm/101` for guests, and plain names for nodes, jobs, rules, storages and
 * pools.
 */
export interface Details {
  addresses: AddressFacts;
  ha: HaFacts;
  replication: ReplicationFacts[];
  backups: BackupFacts;
  /** Backups of guests that had the VMID before the present one. */
  former_backups: BackupFacts;
  node: NodeFacts;
  backup_job: BackupJobFacts;
  pool: PoolFacts;
  cluster: ClusterFacts;
  quorum: QuorumFacts;
  ha_rule: HaRuleFacts;
  storage_fill: StorageFillFacts;
  confinement: ConfinementFacts;
  /** By time frame as `source`: `month`, or `month@pve1` where each node has its own. Written by any process, outside commits. */
  usage: UsageFacts;
  list_look: ListLookFacts;
  storage_reason: StorageReasonFacts;
}
/** The topics of facts outside history. */
export const DETAIL_TOPICS = [
  'addresses',
  'ha',
  'replication',
  'backups',
  'former_backups',
  'node',
  'backup_job',
  'pool',
  'cluster',
  'quorum',
  'ha_rule',
  'storage_fill',
  'confinement',
  'usage',
  'list_look',
  'storage_reason',
] as const satisfies readonly (keyof Details)[];
/** One of `DETAIL_TOPICS`. */
export type DetailTopic = (typeof DETAIL_TOPICS)[number];

/** One fact and its source. */
export interface Detail<T extends DetailTopic = DetailTopic> {
  topic: T;
  subject: string;
  /** The node or storage that reported it, where several report on one subject, such as `local@pve1`; otherwise empty. */
  source: string;
  data: Details[T];
  observedAt: OurTime;
}

/** The topics that end with a guest. Its backups outlive it. */
export const GUEST_TOPICS: readonly DetailTopic[] = [
  'addresses',
  'ha',
  'replication',
  'confinement',
  'usage',
];

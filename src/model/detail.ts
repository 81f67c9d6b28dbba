import type { Reason } from './reason.ts';
import type { ClusterState } from './state.ts';
import type { OurTime } from './time.ts';
import type { UsageFacts } from './usage.ts';

/*
 * Details: facts that are kept current only, each with its age. They make no history, for they move by themselves
 * (leases, replication, backups) or belong to no resource (jobs, options).
 */

/** A network interface inside a guest, as the guest agent or the container itself tells. */
export interface GuestInterface {
  name: string;
  mac: string | null;
  /** Addresses with their prefix, such as `10.0.3.17/24`; loopback and link-local ones are left out. */
  ips: string[];
}

/** The addresses of a guest that runs. */
export interface AddressFacts {
  interfaces: GuestInterface[];
  /** When the guest reported them (ms); null where it never did. */
  toldAt: number | null;
  /** Why it reported nothing when it was last asked, such as `QEMU guest agent is not running`; null when it did. */
  silent: Reason | null;
}

/** What high availability was asked to do with a guest. */
export interface HaFacts {
  /** `started`, `stopped`, `disabled`, `ignored`. */
  requested: string | null;
  /** What its manager says at the moment: may be passing, such as `migrate`. */
  state: string | null;
  group: string | null;
  maxRestart: number | null;
  maxRelocate: number | null;
  comment: string | null;
}

/** One storage replication job of a guest. */
export interface ReplicationFacts {
  /** Such as `101-0`. */
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
  /** One by one; absent where an older version read them. */
  volumes?: readonly BackupVolume[];
}

/** One backup: its volume, when it was made (ms; null where that could not be read), and its bytes. */
export interface BackupVolume {
  volume: string;
  at: number | null;
  bytes: number;
}

/** What a node says of itself beyond the listing. */
export interface NodeFacts {
  kernel: string | null;
  cpuModel: string | null;
  cpuSockets: number | null;
  /** Over 1, 5 and 15 minutes. */
  load: number[];
  rootTotalBytes: number | null;
  rootUsedBytes: number | null;
  swapTotalBytes: number | null;
  swapUsedBytes: number | null;
  /** How far its clock was ahead of the cluster's (ms), 0 within the precision of measuring; absent where it never was asked. */
  clockAheadMs?: number | null;
  /** Its certificates and when each ends (ms); absent where they never were read. */
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
  /** Every guest but `exclude`. */
  all: boolean;
  vmids: number[];
  exclude: number[];
  pool: string | null;
  /** Only guests on this node. */
  node: string | null;
  comment: string | null;
  /** When Proxmox means to run it next (ms), also where it is disabled; null where that is not known. */
  nextRunAt?: number | null;
}

/** A pool's own facts; its members carry its name. */
export interface PoolFacts {
  comment: string | null;
}

/** What is set for the whole cluster, and how its high availability stands. */
export interface ClusterFacts {
  options: { [name: string]: string };
  /** `OK`, or why high availability has no quorum; null where it may not be read. */
  haQuorum: string | null;
  haMaster: string | null;
  /** Nodes that high availability has put into maintenance; absent where that never was read. */
  maintenance?: string[] | null;
  /** Votes of the QDevice, 0 where there is none, and whether it is there; absent where that never was read. */
  qdevice?: { votes: number; connected: boolean } | null;
}

/** A rule of high availability: what binds guests to nodes, to each other, or keeps them apart. */
export interface HaRuleFacts {
  /** `node-affinity` or `resource-affinity`. */
  type: string;
  /** Guests it is about (`vm/101`). */
  guests: string[];
  /** The nodes it names, of an affinity to nodes. */
  nodes: string[];
  /** They may run nowhere else. */
  strict: boolean;
  /** `positive`: together; `negative`: apart; null of an affinity to nodes. */
  affinity: string | null;
  enabled: boolean;
}

/**
 * How a list of the datacenter was read, by its topic (`options`: those of the datacenter). Its row tells when it was last read
 * whole; there is none before that.
 */
export interface ListLookFacts {
  /** The last look showed all there are. */
  whole: boolean;
}

/** What keeps a container from its node, by the raw lines of its configuration. */
export interface ConfinementFacts {
  /** `lxc.apparmor.profile`; null where no line says so, and Proxmox makes one. */
  apparmor: string | null;
}

/** How full a storage was at some moments, oldest first; `source` is the node it is local to. */
export interface StorageFillFacts {
  samples: { at: number; totalBytes: number; usedBytes: number }[];
}

/** What Proxmox says of a storage that a node (`source`) cannot reach. */
export interface StorageReasonFacts {
  /** Null where it said nothing when it was asked. */
  text: string | null;
}

/** The cluster as history knows it, with what its votes are counted from. */
export interface QuorumFacts {
  name: string | null;
  state: ClusterState;
  /** The corosync configuration's number, and each node's votes in it; null where they could not be read. */
  configVersion: number | null;
  nodeVotes: { [node: string]: number } | null;
  /** When votes were last counted (ms), where the last look could not count them. */
  votesSeen?: OurTime;
}

/**
 * Every topic with the shape of its facts. Guests are subjects as `vm/101`, nodes, jobs, rules, storages and pools by their
 * name.
 */
export interface Details {
  addresses: AddressFacts;
  ha: HaFacts;
  replication: ReplicationFacts[];
  backups: BackupFacts;
  /** Of guests that had the VMID before the one that has it now. */
  former_backups: BackupFacts;
  node: NodeFacts;
  backup_job: BackupJobFacts;
  pool: PoolFacts;
  cluster: ClusterFacts;
  quorum: QuorumFacts;
  ha_rule: HaRuleFacts;
  storage_fill: StorageFillFacts;
  confinement: ConfinementFacts;
  /** By time frame as `source`: `month`, or `month@pve1` of what each node has its own of. Any process writes it, beside commits. */
  usage: UsageFacts;
  list_look: ListLookFacts;
  storage_reason: StorageReasonFacts;
}
/** What facts outside history are about. */
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

/** One fact and where it came from. */
export interface Detail<T extends DetailTopic = DetailTopic> {
  topic: T;
  subject: string;
  /** The node or storage it was read from where several report one subject, such as `local@pve1`; empty otherwise. */
  source: string;
  data: Details[T];
  observedAt: OurTime;
}

/** The topics that die with a guest. Its backups outlive it. */
export const GUEST_TOPICS: readonly DetailTopic[] = [
  'addresses',
  'ha',
  'replication',
  'confinement',
  'usage',
];

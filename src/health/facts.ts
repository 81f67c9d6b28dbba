import type { BackupJobFacts } from '../model/detail.ts';
import type { Reason } from '../model/reason.ts';
import type { GuestType } from '../model/resource.ts';
import type { GuestConfig, JsonObject } from '../model/state.ts';

/*
 * What the checks judge: the present as the store has it, read once. Times are milliseconds of the cluster's clock, sizes
 * bytes. Null always means "not known", never "none": a check that needs the value then judges nothing.
 */

/** Everything that the checks may look at. */
export interface HealthFacts {
  now: number;
  /** The time zone for moments in texts (an IANA name). */
  timeZone: string;
  cluster: ClusterHealth;
  nodes: readonly NodeHealth[];
  /** `guests` has only guests in trouble or on a node that is not online. */
  isGlance: boolean;
  guests: readonly GuestHealth[];
  storages: readonly StorageHealth[];
  /** The backup jobs; null if they could not be read. */
  jobs: readonly JobHealth[] | null;
  backups: BackupsHealth;
  replications: readonly ReplicationHealth[];
  /** Where high availability may run its guests; null if the rules could not be read. */
  haRules: readonly HaRule[] | null;
  tasks: TasksHealth;
  /** Differences from the declaration. */
  drift: readonly Drift[];
  /** Differences that somebody accepted for a while: counted, but no findings. */
  accepted: readonly AcceptedDrift[];
}

/** Why something is not seen at present, and since when. */
export interface OutOfView {
  since: number | null;
  reason: Reason;
}

/** The cluster as a whole. */
export interface ClusterHealth {
  quorate: boolean | null;
  /** In the manager's words; `OK` if it has quorum. */
  haQuorum: string | null;
  votes: number | null;
  expectedVotes: number | null;
  /** The QDevice's votes, 0 if there is none, and whether it is connected. */
  qdevice: { votes: number; connected: boolean } | null;
}

/** One node. */
export interface NodeHealth {
  id: string;
  /** `unknown` if it cannot be judged. */
  status: string;
  /** Its status when last seen. */
  lastStatus: string;
  out: OutOfView | null;
  /** It is listed as online but does not answer for itself. */
  silent: OutOfView | null;
  /** It left the cluster, but guests are still listed on it. */
  left: boolean;
  memoryBytes: number | null;
  memoryUsedBytes: number | null;
  version: string | null;
  cpuModel: string | null;
  rootBytes: number | null;
  rootUsedBytes: number | null;
  /** How far its clock is ahead of the cluster's (ms). */
  clockAheadMs: number | null;
  certificates: readonly { file: string; expiresAt: number }[] | null;
  /** High availability has put it into maintenance. */
  maintenance: boolean | null;
  votes: number | null;
}

/** One guest. */
export interface GuestHealth {
  /** `vm/101`. */
  key: string;
  type: GuestType;
  id: number;
  name: string | null;
  node: string;
  /** As last seen; `out` tells whether that is the present. */
  status: string | null;
  out: OutOfView | null;
  template: boolean;
  lock: string | null;
  /** When the lock was seen (ms). */
  seenAt: number | null;
  pool: string | null;
  /** The most memory it may use. */
  memoryBytes: number | null;
  /** Its state in high availability; null if it is not managed. */
  ha: string | null;
  /** What was requested of high availability: `started`, `stopped`, `disabled`, `ignored`. */
  haRequested: string | null;
  /** The AppArmor profile in a container's raw lines; null if there is none, or if they were not read. */
  apparmor: string | null;
  /** Null if it was never read. */
  config: GuestConfig | null;
  pending: JsonObject | null;
  /** PVE snapshots with their creation times. */
  snapshots: { readonly [name: string]: number } | null;
  /** When it was created, if that was seen; null if it was there before. */
  createdAt: number | null;
}

/** How full one storage is in one place. */
export interface Fill {
  /** The node of a local storage; null if it is shared. */
  node: string | null;
  totalBytes: number | null;
  usedBytes: number | null;
  /** Whether these are the present sizes. */
  isCurrent: boolean;
  /** Earlier sizes, oldest first. */
  past: readonly { at: number; totalBytes: number; usedBytes: number }[];
}

/** One storage. */
export interface StorageHealth {
  id: string;
  type: string;
  content: readonly string[];
  shared: boolean;
  enabled: boolean;
  /** The nodes it is defined for; empty means all. */
  nodes: readonly string[];
  /** It cannot be seen at present. */
  out: OutOfView | null;
  /** Whether each node reaches it; null if that is not seen at present. */
  reach: readonly {
    node: string;
    active: boolean | null;
    /** Why not, in the words of Proxmox; null if it gave no reason. */
    reason?: string | null;
  }[];
  fills: readonly Fill[];
}

/** A backup job with its id. */
export interface JobHealth extends BackupJobFacts {
  id: string;
}

/** What is known about the guests' backups. */
export interface BackupsHealth {
  /** Every backup could be seen: a guest without a known one has none. */
  complete: boolean;
  /** When backups were last read. */
  readAt: number | null;
  /** The newest backup of each guest that has one. */
  newest: ReadonlyMap<string, number>;
  /** Guests whose only known backups are of the guest that had the VMID before. */
  ofPredecessor: ReadonlySet<string>;
  /** Guests created since backups were read: whose the backups under their VMIDs are is not decided yet. */
  unjudged: ReadonlySet<string>;
}

/** One replication job. */
export interface ReplicationHealth {
  job: string;
  guest: string;
  target: string | null;
  failures: number;
  error: string | null;
  lastSyncAt: number | null;
}

/** One rule of high availability. */
export interface HaRule {
  rule: string;
  type: string;
  /** Guests it binds (`vm/101`). */
  guests: readonly string[];
  /** The nodes it names. */
  nodes: readonly string[];
  /** They may not run anywhere else. */
  strict: boolean;
}

/** Something that failed, with what came after. */
export interface Failure {
  type: string;
  /** What it was about: a guest, or the node if it was about none. */
  resource: string;
  node: string;
  user: string;
  times: number;
  firstAt: number;
  lastAt: number;
  /** PVE's own words for the last failure. */
  exitStatus: string;
  upid: string;
  /** The same has succeeded since. */
  mended: boolean;
}

/** A running task. */
export interface RunningTask {
  upid: string;
  type: string;
  resource: string | null;
  node: string;
  user: string;
  startedAt: number;
}

/** A task that ended recently. */
export interface EndedTask {
  type: string;
  resource: string | null;
  node: string;
  endedAt: number;
}

/** What is known about tasks. */
export interface TasksHealth {
  /** When they were read (ms). */
  readAt: number | null;
  /** Only those of the token's own user can be seen. */
  ownOnly: boolean;
  /** Nodes whose tasks were read. */
  nodes: readonly string[];
  running: readonly RunningTask[];
  /** Tasks that ended in the last minutes before they were read. */
  ended: readonly EndedTask[];
  /** From the last seven days, newest first. */
  failures: readonly Failure[];
}

/** A field that is not as declared. Values are safe to show. */
export interface Drift {
  resource: string;
  /** Null for a declared resource that does not exist. */
  path: string | null;
  declared: unknown;
  actual: unknown;
  rule: string;
  /** Another rule of the same rank that wants another value, so that neither counts. */
  against?: string;
}

/** A difference covered by an exception. */
export interface AcceptedDrift {
  resource: string;
  path: string;
  owner: string;
  /** The last moment of the exception (ms). */
  until: number;
  why: string | null;
}

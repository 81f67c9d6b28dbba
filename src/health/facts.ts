import type { BackupJobFacts } from '../model/detail.ts';
import type { Reason } from '../model/reason.ts';
import type { GuestType } from '../model/resource.ts';
import type { GuestConfig, JsonObject } from '../model/state.ts';

/*
 * What the checks judge: the present as the store has it, read once. Times are milliseconds of the cluster's clock, sizes
 * bytes. Null is always "not known", never "none": a check that needs it judges nothing then.
 */

/** Everything that the checks may look at. */
export interface HealthFacts {
  now: number;
  /** In which moments are written (an IANA name). */
  timeZone: string;
  cluster: ClusterHealth;
  nodes: readonly NodeHealth[];
  /** Only guests in trouble, or on a node that is not online, are among `guests`. */
  isGlance: boolean;
  guests: readonly GuestHealth[];
  storages: readonly StorageHealth[];
  /** The backup jobs; null where they could not be read. */
  jobs: readonly JobHealth[] | null;
  backups: BackupsHealth;
  replications: readonly ReplicationHealth[];
  /** Where high availability may run its guests; null where the rules could not be read. */
  haRules: readonly HaRule[] | null;
  tasks: TasksHealth;
  /** Differences from what was declared. */
  drift: readonly Drift[];
  /** Those that somebody accepted for a while: no findings, but counted. */
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
  /** In the manager's words; `OK` where it has quorum. */
  haQuorum: string | null;
  votes: number | null;
  expectedVotes: number | null;
  /** Votes of the QDevice, 0 where there is none, and whether it is there. */
  qdevice: { votes: number; connected: boolean } | null;
}

/** One node. */
export interface NodeHealth {
  id: string;
  /** `unknown` where nobody can judge it. */
  status: string;
  /** What it was when last seen. */
  lastStatus: string;
  out: OutOfView | null;
  /** It is listed as online, but does not answer for itself. */
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
  /** As last seen; whether that is the present, `out` tells. */
  status: string | null;
  out: OutOfView | null;
  template: boolean;
  lock: string | null;
  /** When the lock was seen (ms). */
  seenAt: number | null;
  pool: string | null;
  /** The most memory it may take. */
  memoryBytes: number | null;
  /** High availability's state of it; null where it is not under it. */
  ha: string | null;
  /** What was asked of high availability: `started`, `stopped`, `disabled`, `ignored`. */
  haRequested: string | null;
  /** The AppArmor profile that a container's raw lines name; null where none does, or where they were not read. */
  apparmor: string | null;
  /** Null where it was never read. */
  config: GuestConfig | null;
  pending: JsonObject | null;
  /** PVE snapshots with their creation. */
  snapshots: { readonly [name: string]: number } | null;
  /** When it was created, where that was seen; null where it was there before. */
  createdAt: number | null;
}

/** How full one storage is in one place. */
export interface Fill {
  /** The node it is local to; null where all share it. */
  node: string | null;
  totalBytes: number | null;
  usedBytes: number | null;
  /** Whether these are the sizes of the present. */
  isCurrent: boolean;
  /** What it was before, oldest first. */
  past: readonly { at: number; totalBytes: number; usedBytes: number }[];
}

/** One storage. */
export interface StorageHealth {
  id: string;
  type: string;
  content: readonly string[];
  shared: boolean;
  enabled: boolean;
  /** The nodes it is meant for; empty: all. */
  nodes: readonly string[];
  /** Nobody can see it at present. */
  out: OutOfView | null;
  /** Whether each node reaches it; null where that is not seen at present. */
  reach: readonly {
    node: string;
    active: boolean | null;
    /** Why it does not, in the words of Proxmox; null where it gave none. */
    reason?: string | null;
  }[];
  fills: readonly Fill[];
}

/** A backup job by its name. */
export interface JobHealth extends BackupJobFacts {
  id: string;
}

/** What is known of the guests' backups. */
export interface BackupsHealth {
  /** Every backup could be seen: a guest of which none is known has none. */
  complete: boolean;
  /** When they were looked for. */
  readAt: number | null;
  /** Newest backup of each guest that has one. */
  newest: ReadonlyMap<string, number>;
  /** Guests with backups of which only the guest that had the VMID before is told. */
  ofPredecessor: ReadonlySet<string>;
  /** Guests that came since backups were looked for: whose those are is not judged yet. */
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
  /** They may run nowhere else. */
  strict: boolean;
}

/** What was attempted and failed, with what came after. */
export interface Failure {
  type: string;
  /** What it was about: a guest, or the node where it is about none. */
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

/** A task that runs. */
export interface RunningTask {
  upid: string;
  type: string;
  resource: string | null;
  node: string;
  user: string;
  startedAt: number;
}

/** A task that ended a moment ago. */
export interface EndedTask {
  type: string;
  resource: string | null;
  node: string;
  endedAt: number;
}

/** What is known of tasks. */
export interface TasksHealth {
  /** When they were read (ms). */
  readAt: number | null;
  /** Only those of the token's own user can be seen. */
  ownOnly: boolean;
  /** Nodes whose tasks were read. */
  nodes: readonly string[];
  running: readonly RunningTask[];
  /** Those that ended in the last minutes before they were read. */
  ended: readonly EndedTask[];
  /** Of the last seven days, newest first. */
  failures: readonly Failure[];
}

/** A field that is not as it was declared. Values are safe to show. */
export interface Drift {
  resource: string;
  /** Null of a resource that is declared and not there. */
  path: string | null;
  declared: unknown;
  actual: unknown;
  rule: string;
  /** Another rule of the same rank that wants another value: neither counts. */
  against?: string;
}

/** A difference that an exception covers. */
export interface AcceptedDrift {
  resource: string;
  path: string;
  owner: string;
  /** Its last moment (ms). */
  until: number;
  why: string | null;
}

import type { Facet } from './facet.ts';
import type { Reason } from './reason.ts';
import type { GuestType, ResourceType } from './resource.ts';
import type { GuestConfig, JsonObject } from './state.ts';
import type { ClusterTime, NodeTime, OurTime } from './time.ts';
import type { Unseen } from './unseen.ts';

/*
 * The rows of the store as the rest of the product sees them. Bytes are safe integers, times milliseconds since 1970,
 * absent facts are null. Usage fields are the last ones seen; state fields equal the newest version's.
 */

/** What every resource's row has in common. Beside it each has `createdAt`, when it was first seen. */
export interface Observed {
  incarnation: number;
  /** When the inventory (for storages: the storage facet) last really saw it. */
  lastSeen: OurTime | null;
  /** Why the last run that looked could not see it; null when it did. */
  unseenReason: Reason | null;
  updatedAt: number;
}

/** A node. Usage as /cluster/resources has it: `cpuUsage` a fraction of the `cpuMax` cores, `uptime` in seconds. */
export interface NodeEntity extends Observed {
  createdAt: OurTime;
  id: string;
  status: string;
  cpuUsage: number | null;
  cpuMax: number | null;
  memoryUsage: number | null;
  memoryMax: number | null;
  uptime: number | null;
  pveVersion: string | null;
  startedAt: number | null;
  /** now - uptime when last seen online: what a reboot is judged by. Not history. Null where it cannot be compared. */
  bootAt: OurTime | null;
  /** Left the cluster: the row stays so that its tasks keep their node. */
  removed: boolean;
}

/**
 * Facts that the last look at a guest could not tell, by their path in its state: when each was last confirmed (ms), null
 * where it never was.
 */
export type Unconfirmed = { [path: string]: OurTime | null };

/**
 * A VM or container. Usage as /cluster/resources has it: `cpuUsage` a fraction of the `cpuCores` cores, `uptime` in
 * seconds, network in bytes since the start.
 */
export interface GuestEntity extends Observed {
  /** In the cluster's time, which outlives a change of our clock. */
  createdAt: ClusterTime;
  type: GuestType;
  id: number;
  nodeId: string;
  name: string | null;
  status: string | null;
  template: boolean;
  tags: string[];
  pool: string | null;
  cpuCores: number | null;
  cpuUsage: number | null;
  memoryBytes: number | null;
  memoryUsage: number | null;
  diskSize: number | null;
  diskUsage: number | null;
  networkIn: number | null;
  networkOut: number | null;
  uptime: number | null;
  /** HA state where managed. */
  haState: string | null;
  /** The lock as it stands, passing ones included; history keeps only lasting ones. */
  lockStatus: string | null;
  /** History's start time: moves when the guest starts or restarts. */
  startedAt: ClusterTime | null;
  /** now - uptime when last seen running: what a restart is judged by. Not history. */
  bootAt: OurTime | null;
  /** smbios uuid, vmgenid and creation time; null for containers and until the config was read. */
  identity: string | null;
  /** When its config was last read. */
  configSeen: OurTime | null;
  /** What of it the last look could not confirm; null where it confirmed all. */
  unconfirmed: Unconfirmed | null;
}

/** What moves from one look at a guest to the next while its state stands. */
export const SIGHTING_FIELDS = [
  'cpuUsage',
  'memoryUsage',
  'diskUsage',
  'networkIn',
  'networkOut',
  'uptime',
  'bootAt',
] as const satisfies (keyof GuestEntity)[];

/** A look at a guest whose state stands as it was. */
export type GuestSighting = Pick<GuestEntity, 'id' | (typeof SIGHTING_FIELDS)[number]>;

/** What a guest's configuration tells of the guest itself, and when it was read. */
export const REPORTED_BY_CONFIG = [
  'name',
  'tags',
  'template',
  'identity',
  'configSeen',
  'unconfirmed',
] as const satisfies (keyof GuestEntity)[];

/** A guest as its configuration tells of it. */
export type ReportedByConfig = Pick<GuestEntity, 'id' | (typeof REPORTED_BY_CONFIG)[number]>;

/** A guest's configuration in comparable form (`normaliseConfig`), as last read. */
export interface GuestConfigEntity {
  type: GuestType;
  id: number;
  config: GuestConfig;
  /** What waits for a restart; null while that was never read. */
  pending: JsonObject | null;
  /** PVE snapshot name -> creation in ms. */
  snapshots: { [name: string]: NodeTime };
  observedAt: OurTime;
}

/** Some keys of a guest's configuration, and where that was asked for all that waits; null while that was never read. */
export interface ConfigValues {
  id: number;
  config: GuestConfig;
  pending?: JsonObject | null;
}

/** A storage as the cluster defines it. Sizes are a shared storage's; of a local one each node has its own. */
export interface StorageEntity extends Observed {
  createdAt: OurTime;
  id: string;
  type: string;
  contentTypes: string[];
  enabled: boolean;
  shared: boolean;
  nodes: string[];
  path: string | null;
  options: JsonObject;
  totalBytes: number | null;
  usedBytes: number | null;
  availableBytes: number | null;
}

/** How one storage looks from one node. */
export interface NodeStorageEntity {
  nodeId: string;
  storageId: string;
  /** The node reaches it; null where never asked. */
  active: boolean | null;
  totalBytes: number | null;
  usedBytes: number | null;
  availableBytes: number | null;
  lastSeen: OurTime | null;
}

/** A worker task of a node. Times are the cluster's, to the second. */
export interface TaskEntity {
  upid: string;
  nodeId: string;
  type: string;
  /** `running`, `ok`, `warning`, `error`; `unknown` where it ran when it went out of sight, which then is its `endTime`. */
  status: string;
  resourceType: ResourceType | null;
  resourceId: string | null;
  /** `root@pam`; the token's name apart. */
  user: string;
  tokenId: string | null;
  startTime: ClusterTime;
  endTime: ClusterTime | null;
  /** PVE's own words: `OK`, `WARNINGS: 2`, an error text. Null while it is not known how it ended. */
  exitStatus: string | null;
  /** Of a clone the lines of its log that name what it makes; null of other tasks, and while these may still come. */
  logEntries: string[] | null;
}

/** A line of /cluster/log that names a guest: who edited what, for edits that leave no task. Secrets are redacted. */
export interface LogLineEntity {
  /** `uid:node:time`. */
  id: string;
  at: ClusterTime;
  nodeId: string;
  user: string;
  vmid: number;
  message: string;
  /** The process that wrote it: that of the task whose line it is. Null in what earlier versions kept. */
  pid: number | null;
}

/** Resources by what a run recorded of them; a first reading of a known one counts as unchanged. */
export interface RunCounts {
  discovered: number;
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
}

/** One discovery by one process, which may have died in it: then it stays `running`. */
export interface RunEntity {
  id: number;
  startedAt: number;
  finishedAt: number | null;
  status: 'running' | 'completed' | 'failed';
  facets: Facet[];
  apiCalls: number;
  counts: RunCounts;
  unseen: Unseen[];
  warnings: string[];
  error: string | null;
}

/** One facet written in one transaction: what one moment of history is. */
export interface CommitEntity {
  seq: number;
  runId: number;
  facet: Facet;
  /** When it was written; never earlier than the commit before it. */
  at: ClusterTime;
  /** When the facts were read from the API: the age of what it knows. */
  observedAt: OurTime;
  /** Whether the facet was covered whole, so that what it lacks is really absent. */
  complete: boolean;
  changes: number;
}

/** The one cluster a store belongs to; another one is refused. */
export interface ClusterEntity {
  name: string;
  /** SHA-256 of the cluster's root certificate, null where it could not be read. */
  rootFingerprint: string | null;
  firstSeen: number;
  quorate: boolean | null;
}

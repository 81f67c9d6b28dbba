import type { Facet } from './facet.ts';
import type { Reason } from './reason.ts';
import type { GuestType, ResourceType } from './resource.ts';
import type { GuestConfig, JsonObject } from './state.ts';
import type { ClusterTime, NodeTime, OurTime } from './time.ts';
import type { Unseen } from './unseen.ts';

/*
 * The rows of the store as the rest of the product sees them. Bytes are safe integers, times milliseconds since 1970,
 * absent facts null. Usage fields are the last ones seen; state fields equal those of the newest version.
 */

/** What all resources' rows share. Each also has `createdAt`, when it was first seen. */
export interface Observed {
  incarnation: number;
  /** When the inventory (for storages, the storage facet) last really saw it. */
  lastSeen: OurTime | null;
  /** Why the last run that looked could not see it; null when it did. */
  unseenReason: Reason | null;
  updatedAt: number;
}

/**
 * Facts that the last look at a resource could not tell, by their path in its state or the column of a list: when each was last
 * confirmed (ms), or null where it never was.
 */
export type Unconfirmed = { [path: string]: OurTime | null };

/** A node. Usage as in /cluster/resources: `cpuUsage` is a fraction of the `cpuMax` cores, `uptime` in seconds. */
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
  /** Now minus uptime when last seen online, to detect reboots. Not history. Null where it cannot be compared. */
  bootAt: OurTime | null;
  /** It left the cluster: the row stays because its tasks refer to it. */
  removed: boolean;
  /** What the last look could not tell; null where it told everything. */
  unconfirmed: Unconfirmed | null;
}

/**
 * A VM or container. Usage as in /cluster/resources: `cpuUsage` is a fraction of the `cpuCores` cores, `uptime` in seconds,
 * network in bytes since the start.
 */
export interface GuestEntity extends Observed {
  /** In the cluster's time, which is unaffected when our clock is set. */
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
  /** The HA state, if managed by HA. */
  haState: string | null;
  /** The present lock, including passing ones; history only records lasting ones. */
  lockStatus: string | null;
  /** The start time recorded in history: changes when the guest starts or restarts. */
  startedAt: ClusterTime | null;
  /** Now minus uptime when last seen running, to detect restarts. Not history. */
  bootAt: OurTime | null;
  /** smbios uuid, vmgenid and creation time; null for containers, and until the configuration is read. */
  identity: string | null;
  /** When its configuration was last read. */
  configSeen: OurTime | null;
  /** What the last look could not confirm; null where it confirmed everything. */
  unconfirmed: Unconfirmed | null;
}

/** Fields that change from one look at a guest to the next while its state stays the same. */
export const SIGHTING_FIELDS = [
  'cpuUsage',
  'memoryUsage',
  'diskUsage',
  'networkIn',
  'networkOut',
  'uptime',
  'bootAt',
] as const satisfies (keyof GuestEntity)[];

/** A look at a guest whose state is unchanged. */
export type GuestSighting = Pick<GuestEntity, 'id' | (typeof SIGHTING_FIELDS)[number]>;

/** Fields of a guest that come from its configuration, and when that was read. */
export const REPORTED_BY_CONFIG = [
  'name',
  'tags',
  'template',
  'identity',
  'configSeen',
  'unconfirmed',
] as const satisfies (keyof GuestEntity)[];

/** A guest's fields from its configuration. */
export type ReportedByConfig = Pick<GuestEntity, 'id' | (typeof REPORTED_BY_CONFIG)[number]>;

/** A guest's configuration in comparable form (`normaliseConfig`), as last read. */
export interface GuestConfigEntity {
  type: GuestType;
  id: number;
  config: GuestConfig;
  /** Pending changes; null until they have been read. */
  pending: JsonObject | null;
  /** PVE snapshots by name, with their creation in ms. */
  snapshots: { [name: string]: NodeTime };
  observedAt: OurTime;
}

/** Some keys of a guest's configuration and, if requested, all pending changes (null until they have been read). */
export interface ConfigValues {
  id: number;
  config: GuestConfig;
  pending?: JsonObject | null;
}

/** A storage as the cluster defines it. Sizes are those of a shared storage; of a local one each node has its own. */
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

/** One storage as one node sees it. */
export interface NodeStorageEntity {
  nodeId: string;
  storageId: string;
  /** The node reaches it; null where it was never asked. */
  active: boolean | null;
  totalBytes: number | null;
  usedBytes: number | null;
  availableBytes: number | null;
  lastSeen: OurTime | null;
  /** The sizes that the last look could not tell; null where it told them all. */
  unconfirmed: Unconfirmed | null;
}

/** A worker task of a node. Times are in the cluster's time, to the second. */
export interface TaskEntity {
  upid: string;
  nodeId: string;
  type: string;
  /** `running`, `ok`, `warning`, `error`; `unknown` if it was running when it went out of sight, at its `endTime`. */
  status: string;
  resourceType: ResourceType | null;
  resourceId: string | null;
  /** `root@pam`, without the token's name. */
  user: string;
  tokenId: string | null;
  startTime: ClusterTime;
  endTime: ClusterTime | null;
  /** PVE's own words: `OK`, `WARNINGS: 2`, an error text. Null while its end is not known. */
  exitStatus: string | null;
  /** For a clone, the lines of its log that name the new guest; null for other tasks, and while such lines may still come. */
  logEntries: string[] | null;
}

/** A line of /cluster/log that names a guest: who edited what, for edits that leave no task. Secrets are masked. */
export interface LogLineEntity {
  /** `uid:node:time`. */
  id: string;
  at: ClusterTime;
  nodeId: string;
  user: string;
  vmid: number;
  message: string;
  /** The process that wrote it, which is that of its task. Null in rows of earlier versions. */
  pid: number | null;
}

/** Resources by what a run recorded about them; the first reading of a known one counts as unchanged. */
export interface RunCounts {
  discovered: number;
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
}

/** One discovery by one process; it stays `running` if the process died. */
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

/** One facet written in one transaction: one moment of history. */
export interface CommitEntity {
  seq: number;
  runId: number;
  facet: Facet;
  /** When it was written; never earlier than the commit before it. */
  at: ClusterTime;
  /** When the facts were read from the API. */
  observedAt: OurTime;
  /** Whether the facet was read in full, so that what it lacks is really absent. */
  complete: boolean;
  changes: number;
}

/** The cluster that a store belongs to; any other is refused. */
export interface ClusterEntity {
  name: string;
  /** SHA-256 of the cluster's root certificate, null where it could not be read. */
  rootFingerprint: string | null;
  firstSeen: number;
  quorate: boolean | null;
}

import type { Reason } from './reason.ts';
import type { GuestType } from './resource.ts';
import type { GuestConfig, JsonObject } from './state.ts';
import type { NodeTime, OurTime } from './time.ts';

/*
 * What a run really saw, in our words. `undefined` means not seen this time, `null` means seen to be absent:
 * a missing field is not a change.
 */

/**
 * A node's row in a listing, confirmed by /cluster/status where that is readable. `cpuUsage` is a fraction, `uptime`
 * seconds.
 */
export interface NodeObservation {
  id: string;
  /** `online` or `offline`; undefined when the sources disagree or cannot know (no quorum, status `unknown`). */
  status: string | undefined;
  usage: { cpuUsage?: number; cpuMax?: number; memoryUsage?: number; memoryMax?: number; uptime?: number };
  bootAt: OurTime | undefined;
}

/** Fields of a guest's row that make history. */
export const ROW_FIELDS = ['status', 'name', 'template', 'tags', 'pool', 'lock', 'hastate'] as const;
/** One of `ROW_FIELDS`. */
export type RowField = (typeof ROW_FIELDS)[number];

/** A guest's row in a listing: fresh within 12 s for status and name, immediate for node, tags, lock and pool. */
export interface GuestObservation {
  type: GuestType;
  id: number;
  node: string;
  status: string | undefined;
  /** It was seen in a status that passes by itself: `status` is undefined, and stands as it was. */
  passing: boolean;
  /** The cluster's row was empty and the node's own list has this: of a VM just whether it has a process. */
  fromNode: boolean;
  name: string | null | undefined;
  template: boolean | undefined;
  tags: string[] | undefined;
  pool: string | null | undefined;
  lock: string | null | undefined;
  /** HA state where it is a lasting one; transients are undefined. */
  ha: string | null | undefined;
  /** The HA manager was about something: `ha` is undefined, but it does manage the guest. */
  haPassing?: boolean;
  bootAt: OurTime | undefined;
  /** Fields that could not be read: they stand as they were, or are not known yet. */
  unread?: readonly RowField[] | undefined;
  usage: {
    cpuCores?: number;
    cpuUsage?: number;
    memoryBytes?: number;
    memoryUsage?: number;
    diskSize?: number;
    diskUsage?: number;
    networkIn?: number;
    networkOut?: number;
    uptime?: number;
  };
}

/** What of a guest's configuration could not be read: it stands as it was known. */
export interface UnreadParts {
  /** Keys whose value, present or pending, could not be read. */
  keys: ReadonlySet<string>;
  /** Whether rows of the configuration, or of the list of snapshots, are missing: then no absent one was removed. */
  shortConfig: boolean;
  shortSnapshots: boolean;
}

/** A guest's own answer: its configuration, read live. */
export interface GuestReading {
  type: GuestType;
  id: number;
  node: string;
  readAt: OurTime;
  /** Like the two after it, undefined where it could not be read. */
  name: string | null | undefined;
  tags: string[] | undefined;
  template: boolean | undefined;
  /** What tells one vm from another under the same VMID; null for containers, and where it could not be read. */
  identity: string | null;
  /** When the vm was created (config `meta`), in ms. */
  createdAt: NodeTime | null;
  config: GuestConfig;
  /** Snapshots that the present state descends from. */
  lineage: string[];
  /** Undefined where it was refused, or where what waits is not reported. */
  pending: JsonObject | undefined;
  /** Undefined where they were refused; one is where it is there, but its time could not be read. */
  snapshots: { [name: string]: NodeTime | undefined } | undefined;
  /** What of the rest could not be read. */
  unread: UnreadParts;
  /** Parts that could not be read and so stand as they were, with the reason. */
  refused: { [part in 'pending' | 'snapshots']?: Reason };
  /** The live status, where it was asked for. */
  live?: {
    /** Undefined while it passes through one. */
    status: string | undefined;
    lock: string | null | undefined;
    bootAt: OurTime | undefined;
    uptime: number | undefined;
  };
}

/** The cluster's own row in /cluster/status and what its node rows tell. */
export interface ClusterObservation {
  name: string | null;
  /** Undefined where the row does not tell. */
  quorate: boolean | undefined;
  /** Nodes that the answering node sees; undefined where the list is known to be short. */
  seesNodes: string[] | undefined;
  /** How many nodes it has, off or not, as its own row counts them. */
  nodes: number;
  /** The corosync configuration's number; another one may give nodes other votes. */
  configVersion: number | null;
}

/** All that two requests tell of nodes and guests (/cluster/resources, /cluster/status). */
export interface InventoryObservation {
  /** Just before the first request left (ms): nothing in it is older. */
  observedAt: OurTime;
  clusterName: string | null;
  quorate: boolean | null;
  /** Null where the token may not read it, and on a node that never joined a cluster. */
  cluster: ClusterObservation | null;
  /** The majority answered, as far as is known: from a node that is cut off the cluster looks as it was then. */
  ofMajority: boolean;
  nodes: NodeObservation[];
  guests: GuestObservation[];
  /** The same by `vm/101`. */
  listed: ReadonlyMap<string, GuestObservation>;
  /** Guests (`vm/101`) whose rows do not tell where they are, in a way that can be read. */
  unreadable: ReadonlySet<string>;
  /** Pools the token can see: a guest's missing pool means something only where its former pool is still listed. */
  pools: Set<string>;
  /** Nodes that answered as online. */
  online: Set<string>;
  /** The listing has every node that /cluster/status names, where the token may read that: neither was cut short. */
  consistent: boolean;
  /** ... and the cluster has quorum: a node missing from both has left. */
  nodesComplete: boolean;
  /** Why /cluster/status was not seen though the token may read it; null where it was. */
  statusUnread: Reason | null;
}

/** A row of /storage: lists sorted, what has no field of its own in `options`; undefined is what could not be read. */
export interface StorageObservation {
  id: string;
  type: string | undefined;
  content: string[] | undefined;
  shared: boolean | undefined;
  enabled: boolean | undefined;
  nodes: string[] | undefined;
  options: JsonObject;
  /** Options that could not be read. */
  unreadOptions: readonly string[];
}

/**
 * A row of /nodes/{node}/storage in bytes; null where PVE says 0, as of a storage that is not active. `active` is undefined
 * where it could not be read.
 */
export interface NodeStorageObservation {
  nodeId: string;
  storageId: string;
  active: boolean | undefined;
  totalBytes: number | null;
  usedBytes: number | null;
  availableBytes: number | null;
}

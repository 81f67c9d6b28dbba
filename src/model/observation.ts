import type { Reason } from './reason.ts';
import type { GuestType } from './resource.ts';
import type { GuestConfig, JsonObject } from './state.ts';
import type { NodeTime, OurTime } from './time.ts';

/*
 * What a run really saw, in our words. `undefined` means not seen this time, `null` means seen to be absent: a missing field
 * is not a change.
 */

/**
 * A node's row in a listing, confirmed by /cluster/status where that is readable. `cpuUsage` is a fraction, `uptime` in seconds.
 */
export interface NodeObservation {
  id: string;
  /** `online` or `offline`; undefined when the sources disagree or cannot know (no quorum, status `unknown`). */
  status: string | undefined;
  usage: { cpuUsage?: number; cpuMax?: number; memoryUsage?: number; memoryMax?: number; uptime?: number };
  /** The numbers that came and could not be read. */
  unread?: (keyof NodeObservation['usage'])[] | undefined;
  bootAt: OurTime | undefined;
}

/** Fields of a guest's row that make history. */
export const ROW_FIELDS = ['status', 'name', 'template', 'tags', 'pool', 'lock', 'hastate'] as const;
/** One of `ROW_FIELDS`. */
export type RowField = (typeof ROW_FIELDS)[number];

/** A guest's row in a listing: up to 12 s old for status and name, current for node, tags, lock and pool. */
export interface GuestObservation {
  type: GuestType;
  id: number;
  node: string;
  status: string | undefined;
  /** It was in a passing status: `status` is undefined, and its known status stands. */
  passing: boolean;
  /** The cluster's row was empty, and this comes from the node's own list, which only knows whether a VM has a process. */
  fromNode: boolean;
  name: string | null | undefined;
  template: boolean | undefined;
  tags: string[] | undefined;
  pool: string | null | undefined;
  lock: string | null | undefined;
  /** The HA state, if it is a lasting one; undefined during a passing one. */
  ha: string | null | undefined;
  /** The HA manager was in a passing state: `ha` is undefined, but the guest is managed by HA. */
  haPassing?: boolean;
  bootAt: OurTime | undefined;
  /** Fields that could not be read: they keep their values, or are not known yet. */
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

/** The parts of a guest's configuration that could not be read and keep their known values. */
export interface UnreadParts {
  /** Keys whose present or pending value could not be read. */
  keys: ReadonlySet<string>;
  /** Whether rows of the configuration, or of the list of snapshots, are missing: then absence does not mean removal. */
  shortConfig: boolean;
  shortSnapshots: boolean;
}

/** A guest's own answer: its configuration, read live. */
export interface GuestReading {
  type: GuestType;
  id: number;
  node: string;
  readAt: OurTime;
  /** Like the next two, undefined where it could not be read. */
  name: string | null | undefined;
  tags: string[] | undefined;
  template: boolean | undefined;
  /** What distinguishes a VM from others with its VMID; null for containers, and where it could not be read. */
  identity: string | null;
  /** When the VM was created (`meta` in its configuration), in ms. */
  createdAt: NodeTime | null;
  config: GuestConfig;
  /** The snapshots that the present state descends from. */
  lineage: string[];
  /** Undefined where it was refused, or pending changes are not reported. */
  pending: JsonObject | undefined;
  /** Undefined where they were refused; a single one is undefined where its time could not be read. */
  snapshots: { [name: string]: NodeTime | undefined } | undefined;
  /** What else could not be read. */
  unread: UnreadParts;
  /** Parts that were refused and so keep their values, with the reason. */
  refused: { [part in 'pending' | 'snapshots']?: Reason };
  /** The live status, if it was asked for. */
  live?: {
    /** Undefined while in a passing status. */
    status: string | undefined;
    lock: string | null | undefined;
    bootAt: OurTime | undefined;
    uptime: number | undefined;
  };
}

/** The cluster's own row in /cluster/status, and what its node rows show. */
export interface ClusterObservation {
  name: string | null;
  /** Undefined where the row does not say. */
  quorate: boolean | undefined;
  /** The nodes that the answering node sees; undefined where the list is known to be short. */
  seesNodes: string[] | undefined;
  /** How many nodes it has, online or not, according to its own row. */
  nodes: number;
  /** The number of the corosync configuration; another one may give nodes other votes. */
  configVersion: number | null;
}

/** What two requests (/cluster/resources, /cluster/status) show of nodes and guests. */
export interface InventoryObservation {
  /** Just before the first request was sent (ms): nothing in the answers is older. */
  observedAt: OurTime;
  clusterName: string | null;
  quorate: boolean | null;
  /** Null where the token may not read it, and on a node that never joined a cluster. */
  cluster: ClusterObservation | null;
  /** The majority answered, as far as is known: a node that is cut off shows the cluster as it was before. */
  ofMajority: boolean;
  nodes: NodeObservation[];
  guests: GuestObservation[];
  /** The guests by `vm/101`. */
  listed: ReadonlyMap<string, GuestObservation>;
  /** Guests (`vm/101`) whose rows do not say readably where they are. */
  unreadable: ReadonlySet<string>;
  /** Pools that the token can see: a guest's missing pool means something only if its former pool is still listed. */
  pools: Set<string>;
  /** Online nodes. */
  online: Set<string>;
  /** The listing contains every node that /cluster/status names, if the token may read that: neither was cut short. */
  consistent: boolean;
  /** It is consistent and the cluster has quorum: a node missing from both lists has left. */
  nodesComplete: boolean;
  /** Why /cluster/status was not read although the token may; null where it was. */
  statusUnread: Reason | null;
}

/** A row of /storage: lists are sorted, `options` holds everything without a field of its own, and undefined means unread. */
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
 * A row of /nodes/{node}/storage in bytes; null where PVE says 0, as for an inactive storage. `active` is undefined where it
 * could not be read.
 */
export interface NodeStorageObservation {
  nodeId: string;
  storageId: string;
  active: boolean | undefined;
  totalBytes: number | null;
  usedBytes: number | null;
  availableBytes: number | null;
  /** The sizes that came and could not be read. */
  unread?: StorageSize[] | undefined;
}

/** A size of a storage, as its row keeps it. */
export type StorageSize = 'totalBytes' | 'usedBytes' | 'availableBytes';

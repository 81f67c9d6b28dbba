/** Values that JSON represents. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
/** An object that JSON represents. */
export type JsonObject = { [key: string]: JsonValue };

interface IsObject {
  (value: JsonValue | undefined): value is JsonObject;
  (value: unknown): value is { [key: string]: unknown };
}

/** Whether a value is an object, and not a list. */
export const isObject: IsObject = (value: unknown): value is never =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A guest's normalised configuration: property strings are objects, numbers are numbers, flags are 0 or 1. `name`, `hostname`,
 * `tags` and `template` are fields of the guest, and absent here.
 */
export type GuestConfig = JsonObject;

/** Marks a key that the next restart will remove. */
export const PENDING_DELETION = '(deleted)';

/*
 * States are types and not interfaces, so that each is known to be JSON: it is kept as such.
 */

/**
 * The part of a guest that makes history. `config`, `pending` and `snapshots` are absent until the config facet has been read.
 */
export type GuestState = {
  name?: string;
  status?: string;
  node: string;
  tags: string[];
  pool?: string;
  template: boolean;
  lock?: string;
  ha?: string;
  /** The last known start, in milliseconds since 1970. */
  started_at?: number;
  config?: GuestConfig;
  /** Pending values; `PENDING_DELETION` marks a key that will be removed. */
  pending?: JsonObject;
  /** PVE snapshots by name, with their creation in milliseconds since 1970. */
  snapshots?: { [name: string]: number };
};

/** The part of a node that makes history. */
export type NodeState = {
  status: string;
  version?: string;
  started_at?: number;
};

/** The part of the cluster that makes history. What was never read is absent. */
export type ClusterState = {
  quorate?: boolean;
  /** The votes of the nodes that the answering node sees, and of all nodes. A QDevice's vote is in neither. */
  votes?: number;
  expected_votes?: number;
  /** The Proxmox VE versions of its nodes, sorted. */
  versions?: string[];
  /** Options of the datacenter. */
  options?: JsonObject;
};

/** The part of a storage that makes history. */
export type StorageState = {
  type: string;
  content: string[];
  shared: boolean;
  enabled: boolean;
  /** The nodes that the definition names; empty means all. */
  nodes: string[];
  /** The nodes that should reach it and report that they cannot, sorted. */
  unreachable: string[];
  /** The reasons by node, in Proxmox's words; absent where it gave none. */
  unreachable_reasons?: { [node: string]: string };
  /** The rest of the definition: path, export, pool ... */
  options: JsonObject;
};

/** Values that survive a trip through JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
/** An object that survives a trip through JSON. */
export type JsonObject = { [key: string]: JsonValue };

interface IsObject {
  (value: JsonValue | undefined): value is JsonObject;
  (value: unknown): value is { [key: string]: unknown };
}

/** Whether a value has parts by name: an object, and no list. */
export const isObject: IsObject = (value: unknown): value is never =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A guest's configuration, normalised: property strings are objects of subfields, numbers are numbers, flags 0 or 1.
 * `name`, `hostname`, `tags` and `template` are promoted and absent here.
 */
export type GuestConfig = JsonObject;

/** Stands for a key that the next restart will remove. */
export const PENDING_DELETION = '(deleted)';

/** What makes a guest's history. `config`, `pending` and `snapshots` are absent until the config facet has been read. */
export interface GuestState {
  name?: string;
  status?: string;
  node: string;
  tags: string[];
  pool?: string;
  template: boolean;
  lock?: string;
  ha?: string;
  /** Milliseconds since 1970 of the last start seen. */
  started_at?: number;
  config?: GuestConfig;
  /** Values that wait for a restart; `PENDING_DELETION` marks a key that will go. */
  pending?: JsonObject;
  /** PVE snapshots by name: milliseconds since 1970 of their creation. */
  snapshots?: { [name: string]: number };
}

/** What makes a node's history. */
export interface NodeState {
  status: string;
  version?: string;
  started_at?: number;
}

/** What makes the cluster's history. What was never read is absent. */
export interface ClusterState {
  quorate?: boolean;
  /** Votes of the nodes that the answering node sees, and of all nodes. A QDevice's vote is in neither. */
  votes?: number;
  expected_votes?: number;
  /** Proxmox VE versions that its nodes run, sorted. */
  versions?: string[];
  /** Options of the datacenter. */
  options?: JsonObject;
}

/** What makes a storage's history. */
export interface StorageState {
  type: string;
  content: string[];
  shared: boolean;
  enabled: boolean;
  /** Nodes the definition names; empty means all. */
  nodes: string[];
  /** Nodes that should reach it and say they cannot, sorted. */
  unreachable: string[];
  /** Why, by node, in the words of Proxmox; absent where it gave none. */
  unreachable_reasons?: { [node: string]: string };
  /** The rest of the definition: path, export, pool ... */
  options: JsonObject;
}

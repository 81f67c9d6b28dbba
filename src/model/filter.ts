import type { TaskEntity } from './entity.ts';
import type { ResourceKey, ResourceType } from './resource.ts';

/**
 * Filters of guest lists; several are joined by *and*. `name` is a substring, or a pattern where it holds `*`. Case is
 * ignored.
 */
export interface GuestFilter {
  node?: string | undefined;
  /**
   * As it is at present, in Proxmox's own word or what people call it (`statusesCalled`): `unknown` where a guest is out of
   * sight, whatever it was when last seen.
   */
  status?: string | undefined;
  /** Only those that the last look saw on a node that is online, or only the others. */
  seen?: boolean | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  pool?: string | undefined;
  template?: boolean | undefined;
  /** Only those that are locked, or whose status or HA state needs attention. */
  troubled?: true | undefined;
  /** Only these. */
  ids?: readonly number[] | undefined;
  /** Only those whose configuration was never read. */
  configUnread?: true | undefined;
  /** Only those of which no storage tells a backup. */
  withoutBackup?: true | undefined;
}

/** Guests of one type that stand on one node in one status, counted. */
export interface GuestGroup {
  /** Whether the last look saw them; their node may be off all the same. */
  seen: boolean;
  nodeId: string;
  status: string | null;
  /** `suspended` of those suspended to disk, else null. */
  lock: string | null;
  template: boolean;
  guests: number;
  cpuCores: number;
  memoryBytes: number;
  /** The smallest VMID among them. */
  firstId: number;
}

/** Filters of task lists; several are joined by *and*. */
export interface TaskFilter {
  upids?: readonly string[] | undefined;
  resource?: ResourceKey | undefined;
  /** Tasks on resources of this type. */
  resourceType?: ResourceType | undefined;
  node?: string | undefined;
  /** Only on these nodes. */
  nodes?: readonly string[] | undefined;
  /** `ann@pve` with all its tokens, one token (`ann@pve!ci`), or the name alone, in whatever realm. */
  user?: string | undefined;
  /** PVE task types, any of. */
  types?: string[] | undefined;
  /** A task's `status`, any of. */
  statuses?: TaskEntity['status'][] | undefined;
  /** Tasks that ran at or after / started before these moments (ms). */
  since?: number | undefined;
  until?: number | undefined;
}

/** A time span (ms, inclusive) of one resource. */
export interface ResourceSpan {
  resource: ResourceKey;
  since: number;
  until: number;
}

/** Which rows of a list: at most `limit` of them, after the first `offset`. */
export interface Page {
  limit: number;
  offset?: number;
}

/** A sort key of a list and its direction. The row's id breaks ties, so that an order is total. */
export interface Sort {
  by: string;
  order: 'asc' | 'desc';
}

/** Rows of a list, and how many there are in all. */
export interface Rows<T> {
  rows: T[];
  /** How many match, the page's limit aside. */
  total: number;
}

/** One page of a list. */
export interface PageOf<T> extends Rows<T> {
  /** The newest commit: rows and total show what was committed up to it. */
  seq: number;
}

/** Which versions: those with `after < seq <= to` (a half-open interval), of these resources. */
export interface VersionFilter {
  after?: number | undefined;
  to?: number | undefined;
  /** Only versions recorded in this time span (ms, inclusive). */
  since?: number | undefined;
  until?: number | undefined;
  resource?: ResourceKey | undefined;
  /** Any of these. */
  resources?: readonly ResourceKey[] | undefined;
  type?: ResourceType | undefined;
  /** Only what stood on this node before or after it. */
  node?: string | undefined;
  /** Leave out versions that only gained knowledge (no field changed at first sight of a facet). */
  changesOnly?: boolean | undefined;
}

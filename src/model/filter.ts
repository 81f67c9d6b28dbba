import type { GuestEntity, TaskEntity } from './entity.ts';
import type { ResourceKey, ResourceType } from './resource.ts';

/** Filters of guest lists; all of them must hold. `name` is a substring or, with `*`, a pattern. Case is ignored. */
export interface GuestFilter {
  node?: string | undefined;
  /**
   * The present status, in Proxmox's own word or in what people call it (`statusesCalled`). A guest out of sight is `unknown`,
   * whatever it was when last seen.
   */
  status?: string | undefined;
  /** Only guests that the last look saw on an online node, or only the others. */
  seen?: boolean | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  pool?: string | undefined;
  template?: boolean | undefined;
  /** Only guests that are locked, or whose status or HA state needs attention. */
  troubled?: true | undefined;
  /** Only these VMIDs. */
  ids?: readonly number[] | undefined;
  /** Only guests whose configuration was never read. */
  configUnread?: true | undefined;
  /** Only guests without a known backup on any storage. */
  withoutBackup?: true | undefined;
}

/** The guests of one type on one node with one status, counted. */
export interface GuestGroup {
  /** Whether the last look saw them; their node may be off nevertheless. */
  seen: boolean;
  nodeId: string;
  status: string | null;
  /** `suspended` for guests suspended to disk, otherwise null. */
  lock: string | null;
  template: boolean;
  guests: number;
  cpuCores: number;
  memoryBytes: number;
  /** The smallest VMID among them. */
  firstId: number;
}

/** Filters of task lists; all of them must hold. */
export interface TaskFilter {
  upids?: readonly string[] | undefined;
  resource?: ResourceKey | undefined;
  /** Tasks on resources of this type. */
  resourceType?: ResourceType | undefined;
  node?: string | undefined;
  /** Only on these nodes. */
  nodes?: readonly string[] | undefined;
  /** `ann@pve` with all its tokens, one token (`ann@pve!ci`), or the name alone, in any realm. */
  user?: string | undefined;
  /** Any of these PVE task types. */
  types?: string[] | undefined;
  /** Any of these statuses. */
  statuses?: TaskEntity['status'][] | undefined;
  /** Tasks that ran at or after `since`, and started at or before `until` (ms). */
  since?: number | undefined;
  until?: number | undefined;
}

/** A time span (ms, inclusive) of one resource. */
export interface ResourceSpan {
  resource: ResourceKey;
  since: number;
  until: number;
}

/** A part of a list: at most `limit` rows, after the first `offset`. */
export interface Page {
  limit: number;
  offset?: number;
}

/** A list's sort key and direction. The row's id breaks ties, so that the order is total. */
export interface Sort {
  by: string;
  order: 'asc' | 'desc';
}

/** Rows of a list, and how many there are in all. */
export interface Rows<T> {
  rows: T[];
  /** How many match, regardless of the page's limit. */
  total: number;
}

/** One page of a list. */
export interface PageOf<T> extends Rows<T> {
  /** The newest commit: rows and total include everything up to it. */
  seq: number;
}

/** One page of guests. */
export interface GuestPage extends PageOf<GuestEntity> {
  /** How many of all that match are out of sight: their rows are not the present. */
  unseen: number;
}

/** The versions with `after < seq <= to` (a half-open interval), of these resources. */
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
  /** Only versions of resources that were on this node before or after. */
  node?: string | undefined;
  /** Leave out versions that only added knowledge (the first sight of a facet, without changed fields). */
  changesOnly?: boolean | undefined;
}

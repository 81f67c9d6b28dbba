import type { Facet } from './facet.ts';
import type { Reason } from './reason.ts';
import type { OurTime } from './time.ts';

/**
 * What could not be seen: a code, and the facts that belong to it. It is stored like this (as JSON), and decisions only use its
 * code; `unseenText` puts it into words at the edge. `resource` is a key such as `vm/101`.
 */
export type UnseenPart =
  /** A resource as a whole, or its usage. */
  | { code: 'resource' | 'usage'; resource: string }
  /** A part of one guest, or of several: its configuration, pending changes, or snapshots. */
  | { code: GuestPart; resource: string }
  | { code: GuestPart; count: number }
  /** Several resources, for the same reason. */
  | { code: 'guests'; count: number; node: string }
  | { code: 'new-guests' | 'storages'; count: number }
  | { code: NodePart; node: string }
  /** A storage, or `storage@node` where each node has its own. */
  | { code: 'backups-on'; source: string }
  | { code: PlainPart }
  /** What the asker's token may not see, whatever the store knows about it. */
  | { code: 'hidden'; parts: readonly HiddenPart[] }
  /** Stored by an older version, in words. */
  | { code: 'other'; text: string };

/** Parts that are read from a guest itself. */
export type GuestPart = 'config' | 'pending' | 'snapshots';
/** Parts that are read from each node. */
export type NodePart = 'tasks' | 'version' | 'replication' | 'changed-guests' | 'storage-views';
/** Kinds of things that Proxmox may hide from a token; `cluster` stands for the datacenter's settings. */
export type HiddenPart =
  | 'guests'
  | 'addresses'
  | 'storages'
  | 'backups'
  | 'tasks'
  | 'pools'
  | 'log'
  | 'cluster';
/** Parts that a cluster has only once. */
export type PlainPart =
  | 'quorum'
  | 'votes'
  | 'storage-definitions'
  | 'backups'
  | 'backup-jobs'
  | 'pools'
  | 'ha'
  | 'ha-rules'
  | 'ha-status'
  | 'datacenter-options'
  | 'locks';

/** Something a run could not see. */
export interface Unseen {
  what: UnseenPart;
  since: OurTime | null;
  reason: Reason;
  /** The resources concerned (`vm/101`), as far as they were recorded. */
  resources?: string[];
  /** The facet it belongs to: only answers based on this facet mention it. */
  facet?: Facet;
}

/** The resources that its words name (`node/pve1`): a person who may not see these may not read the words. */
export function resourcesNamed(part: UnseenPart): string[] {
  if ('resource' in part) return [part.resource];
  if ('node' in part) return [`node/${part.node}`];
  if ('text' in part) return [part.text];
  if (!('source' in part)) return [];
  const [storage, node] = part.source.split('@');
  return [`storage/${storage}`, ...(node === undefined ? [] : [`node/${node}`])];
}

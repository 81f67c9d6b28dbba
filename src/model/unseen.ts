import type { Facet } from './facet.ts';
import type { Reason } from './reason.ts';
import type { OurTime } from './time.ts';

/**
 * What could not be seen: a code, and the facts that belong to it. It is stored as it stands here (as JSON) and decided on by
 * its code alone; `unseenText` puts it into words at the way out. `resource` is a key such as `vm/101`.
 */
export type UnseenPart =
  /** A resource as a whole, or how much it used. */
  | { code: 'resource' | 'usage'; resource: string }
  /** Of one guest, or of several, what its configuration tells, what waits for a restart, its snapshots. */
  | { code: GuestPart; resource: string }
  | { code: GuestPart; count: number }
  /** Several at once, for the same reason. */
  | { code: 'guests'; count: number; node: string }
  | { code: 'new-guests' | 'storages'; count: number }
  | { code: NodePart; node: string }
  /** A storage, or `storage@node` where each node has its own. */
  | { code: 'backups-on'; source: string }
  | { code: PlainPart }
  /** What the asker's token may not see, whatever the store knows of it. */
  | { code: 'hidden'; parts: readonly HiddenPart[] }
  /** Written down by an older version in words. */
  | { code: 'other'; text: string };

/** What is read of a guest by itself. */
export type GuestPart = 'config' | 'pending' | 'snapshots';
/** What is read from each node. */
export type NodePart = 'tasks' | 'version' | 'replication' | 'changed-guests' | 'storage-views';
/** Kinds of things of which Proxmox may show a token some or none; `cluster` is what is set for it as a whole. */
export type HiddenPart =
  | 'guests'
  | 'addresses'
  | 'storages'
  | 'backups'
  | 'tasks'
  | 'pools'
  | 'log'
  | 'cluster';
/** What there is one of in a cluster. */
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
  /** Which resources that concerns (`vm/101`), as far as they were written down. */
  resources?: string[];
  /** What was to be read: an answer names it only where it rests on this. */
  facet?: Facet;
}

/** The resources that its words name (`node/pve1`): who may not see these may not read them. */
export function resourcesNamed(part: UnseenPart): string[] {
  if ('resource' in part) return [part.resource];
  if ('node' in part) return [`node/${part.node}`];
  if ('text' in part) return [part.text];
  if (!('source' in part)) return [];
  const [storage, node] = part.source.split('@');
  return [`storage/${storage}`, ...(node === undefined ? [] : [`node/${node}`])];
}

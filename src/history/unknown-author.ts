import type { ChangeType } from '../model/change.ts';
import { isGuestType, type ResourceType } from '../model/resource.ts';
import type { TrailEntry } from '../model/trail.ts';
import { CREATED, configKey, DELETED } from './effects.ts';

/**
 * Why nobody is named for a change. Proxmox keeps no record of it (`untraced-edit`, `container-edit`, `by-itself` for a guest,
 * `node-outage`, `node-left`, `taken-over`, `quorum`, `membership`, `node`, `storage`, `ha-manager`, `upgrade`); its records
 * could not be read (`own-log`, `log-unread`, `log-gap`, `own-tasks`, `tasks-unread`); or neither (`no-record`; `several`: more
 * than one task may have done it).
 */
export type UnknownCode =
  | 'untraced-edit'
  | 'container-edit'
  | 'by-itself'
  | 'node-outage'
  | 'node-left'
  | 'taken-over'
  | 'quorum'
  | 'membership'
  | 'node'
  | 'storage'
  | 'ha-manager'
  | 'upgrade'
  | 'own-log'
  | 'log-unread'
  | 'log-gap'
  | 'own-tasks'
  | 'tasks-unread'
  | 'several'
  | 'no-record';

/** A reason, and the paths of the change that it applies to. */
export interface Unknown {
  code: UnknownCode;
  paths: string[];
  /** The nodes whose tasks could not be read, or that were down or left. */
  nodes?: string[];
}

/** The circumstances of a change. */
export interface Around {
  type: ResourceType;
  change: ChangeType;
  /** Which evidence of who did what could be read; null where that was not recorded. */
  trail: TrailEntry | null;
  /** The guest's nodes within the change's window: its tasks ran there. */
  places: readonly string[];
  /** Those of them that were down within the window, and those that left the cluster. */
  down: ReadonlySet<string>;
  left: ReadonlySet<string>;
  /** One of several tasks did it. */
  ambiguous: boolean;
}

/** Why nobody is named for these paths, one entry per reason. */
export function whyUnknown(paths: readonly string[], around: Around): Unknown[] {
  const reasons = new Map<UnknownCode, Unknown>();
  for (const path of paths) {
    for (const code of codesOf(path, around)) {
      const found = reasons.get(code);
      if (found !== undefined) found.paths.push(path);
      else reasons.set(code, { code, paths: [path], ...nodesOf(code, around) });
    }
  }
  return [...reasons.values()];
}

function nodesOf(code: UnknownCode, around: Around): Pick<Unknown, 'nodes'> {
  if (code === 'tasks-unread') return { nodes: unreadOf(around) };
  if (code === 'node-outage' || code === 'taken-over') return { nodes: [...around.down] };
  return code === 'node-left' ? { nodes: [...around.left] } : {};
}

/** Nodes whose unread tasks may include the responsible one: a guest may be cloned from anywhere. */
function unreadOf({ trail, change, places }: Around): string[] {
  const unread = trail?.unread ?? [];
  return change === 'created' ? unread : unread.filter(node => places.includes(node));
}

function codesOf(path: string, around: Around): UnknownCode[] {
  const { type, change, trail, down, left, ambiguous } = around;
  if (type === 'cluster') return [CLUSTER_CODES[path] ?? 'untraced-edit'];
  if (type === 'node') return [NODE_CODES[path] ?? 'no-record'];
  if (type === 'storage' && path.startsWith('unreachable')) return ['storage'];
  if (!isGuestType(type)) return ['untraced-edit'];
  if (path === 'pool') return ['untraced-edit'];
  if (path === 'ha') return ['ha-manager'];
  if (path === CREATED && ambiguous) return ['several'];
  if (path === DELETED && left.size > 0) return ['node-left'];
  if (path === 'node' && down.size > 0) return ['taken-over'];
  const power = path === 'status' || path === 'started_at' || path === 'lock';
  if (power && down.size > 0) return ['node-outage'];
  const unseen: UnknownCode[] =
    trail?.tasks === 'own' ? ['own-tasks'] : unreadOf(around).length > 0 ? ['tasks-unread'] : [];
  if (configKey(path) !== null && change === 'updated') {
    // Rollbacks, restores and disk moves change configurations as well, and leave tasks.
    if (type === 'container') return ['container-edit', ...unseen];
    if (trail?.log === 'own') return ['own-log'];
    if (trail?.log === 'unread') return ['log-unread'];
    if (trail?.log === 'gap') return ['log-gap'];
  }
  if (unseen.length > 0) return unseen;
  return [power ? 'by-itself' : 'no-record'];
}

const CLUSTER_CODES: { readonly [path: string]: UnknownCode } = {
  quorate: 'quorum',
  votes: 'quorum',
  expected_votes: 'membership',
  versions: 'upgrade',
};
const NODE_CODES: { readonly [path: string]: UnknownCode } = {
  version: 'upgrade',
  status: 'node',
  started_at: 'node',
  [CREATED]: 'membership',
  [DELETED]: 'membership',
};

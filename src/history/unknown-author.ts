import type { ChangeType } from '../model/change.ts';
import { isGuestType, type ResourceType } from '../model/resource.ts';
import type { TrailEntry } from '../model/trail.ts';
import { CREATED, configKey } from './effects.ts';

/**
 * Why nobody is named for a change: what Proxmox keeps no record of (`untraced-edit`, `container-edit`, `by-itself` of a
 * guest, `node-outage`, `node`, `storage`, `ha-manager`, `upgrade`), what could not be read of its records (`own-log`,
 * `log-unread`, `log-gap`, `own-tasks`, `tasks-unread`), or neither (`no-record`; `several`: more than one may have done it).
 */
export type UnknownCode =
  | 'untraced-edit'
  | 'container-edit'
  | 'by-itself'
  | 'node-outage'
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

/** A reason, and the paths of the change it is for. */
export interface Unknown {
  code: UnknownCode;
  paths: string[];
  /** Nodes: those whose tasks could not be read, or the one that was down. */
  nodes?: string[];
}

/** What is known around a change. */
export interface Around {
  type: ResourceType;
  change: ChangeType;
  /** What could be read of who did what; null where that was not noted. */
  trail: TrailEntry | null;
  /** The node of the guest, where it was down within the change's window. */
  downNode: string | null;
  /** More than one task may have made it, and only one did. */
  ambiguous: boolean;
}

/** Why nobody is named for these paths, one entry a reason. */
export function whyUnknown(paths: readonly string[], around: Around): Unknown[] {
  const reasons = new Map<UnknownCode, Unknown>();
  for (const path of paths) {
    const code = codeOf(path, around);
    const found = reasons.get(code);
    if (found !== undefined) found.paths.push(path);
    else reasons.set(code, { code, paths: [path], ...nodesOf(code, around) });
  }
  return [...reasons.values()];
}

function nodesOf(code: UnknownCode, { trail, downNode }: Around): Pick<Unknown, 'nodes'> {
  if (code === 'tasks-unread') return { nodes: trail?.unread ?? [] };
  return code === 'node-outage' && downNode !== null ? { nodes: [downNode] } : {};
}

function codeOf(path: string, { type, change, trail, downNode, ambiguous }: Around): UnknownCode {
  if (type === 'node')
    return path === 'version' ? 'upgrade' : path === 'status' || path === 'started_at' ? 'node' : 'no-record';
  if (type === 'storage' && path === 'unreachable') return 'storage';
  if (!isGuestType(type)) return 'untraced-edit';
  if (path === 'pool') return 'untraced-edit';
  if (path === 'ha') return 'ha-manager';
  if (path === CREATED && ambiguous) return 'several';
  const power = path === 'status' || path === 'started_at' || path === 'node' || path === 'lock';
  if (power && downNode !== null) return 'node-outage';
  if (configKey(path) !== null && change === 'updated') {
    if (type === 'container') return 'container-edit';
    if (trail?.log === 'own') return 'own-log';
    if (trail?.log === 'unread') return 'log-unread';
    if (trail?.log === 'gap') return 'log-gap';
  }
  if (trail?.tasks === 'own') return 'own-tasks';
  if (trail !== null && trail.unread.length > 0) return 'tasks-unread';
  return power && path !== 'node' ? 'by-itself' : 'no-record';
}

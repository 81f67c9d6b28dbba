import type { Row } from '../../mcp/define/output.ts';
import type { Version } from '../../model/change.ts';
import type { GuestEntity } from '../../model/entity.ts';
import type { GuestType } from '../../model/resource.ts';
import type { GuestState } from '../../model/state.ts';
import { hasProcess, shownStatus } from '../../model/status.ts';
import type { StoreReader } from '../../model/store.ts';
import { guestOutOfSight, type NodeSights, nodeSightsAt, versionOutOfSight } from '../in-sight.ts';
import { guestRow, pastGuestRow } from './rows.ts';
import { bootDiskBytes, configuredCpus, configuredMemoryBytes } from './sizes.ts';

/** What guest lists can be sorted by. */
export const GUEST_SORTS = ['vmid', 'name', 'node', 'status', 'cpus', 'memory', 'disk', 'uptime'] as const;
/** One of `GUEST_SORTS`. */
export type GuestSort = (typeof GUEST_SORTS)[number];

/** A guest as a list sees it at some moment: its row, what filters look at, what sorts compare. */
export interface GuestView {
  row: Row;
  /** As filters know it: `unknown` where it is out of sight. */
  status: string;
  seen: boolean;
  node: string;
  name: string | null;
  tags: string[];
  pool: string | null;
  template: boolean;
  sorts: { [sort in GuestSort]: string | number | null };
}

/** A moment: a place in the sequence, and when that was (ms). */
export interface ViewedMoment {
  seq: number;
  at: number;
}

/** Every guest of a type as history knows it at a moment; sizes come from its configuration then. */
export async function pastViews(
  store: StoreReader,
  type: GuestType,
  moment: ViewedMoment,
  timeZone: string,
): Promise<GuestView[]> {
  const nodes = await nodeSightsAt(store, moment.seq);
  const versions = await store.everythingAt(moment.seq, type);
  return versions.map(version => pastView(version, nodes, moment.at, timeZone));
}

/**
 * Every guest as a list of that moment began to show them: as it is now where nothing has changed since, as it was
 * where something has. So later pages keep usage and sizes, and the order of the first.
 */
export async function resumedViews(
  store: StoreReader,
  type: GuestType,
  moment: ViewedMoment,
  shown: { full: boolean; timeZone: string },
): Promise<GuestView[]> {
  const [nodes, current, changed] = await Promise.all([
    nodeSightsAt(store, moment.seq),
    store.guests(type),
    store.changedKeys({ after: moment.seq, type }),
  ]);
  const ids = new Set(changed.map(key => key.id));
  const former = ids.size === 0 ? [] : await store.versionsAt(moment.seq, changed);
  return [
    ...current.rows
      .filter(guest => !ids.has(String(guest.id)))
      .map(guest => currentView(guest, nodes, shown)),
    ...former
      .filter(version => version.change !== 'deleted')
      .map(version => pastView(version, nodes, moment.at, shown.timeZone)),
  ];
}

/** In the order the store's own lists have: absent facts last, the vmid breaking ties in the same direction. */
export function sortViews(views: GuestView[], by: GuestSort, order: 'asc' | 'desc'): GuestView[] {
  const direction = order === 'desc' ? -1 : 1;
  return views.toSorted((a, b) => {
    const [x, y] = [a.sorts[by], b.sorts[by]];
    if (x === y) return (Number(a.sorts.vmid) - Number(b.sorts.vmid)) * direction;
    if (x === null) return 1;
    if (y === null) return -1;
    return (x < y ? -1 : 1) * direction;
  });
}

function currentView(
  guest: GuestEntity,
  nodes: NodeSights,
  shown: { full: boolean; timeZone: string },
): GuestView {
  const seen = guestOutOfSight(guest, nodes) === null;
  const status = seen ? shownStatus(guest.status, guest.lockStatus) : 'unknown';
  return {
    row: guestRow(guest, { nodes, ...shown }),
    status,
    seen,
    node: guest.nodeId,
    name: guest.name,
    tags: guest.tags,
    pool: guest.pool,
    template: guest.template,
    sorts: {
      vmid: guest.id,
      name: guest.name?.toLowerCase() ?? null,
      node: guest.nodeId.toLowerCase(),
      status,
      cpus: guest.cpuCores,
      memory: guest.memoryBytes,
      disk: guest.diskSize,
      uptime: seen ? guest.uptime : null,
    },
  };
}

function pastView(version: Version, nodes: NodeSights, at: number, timeZone: string): GuestView {
  const state = version.state as unknown as GuestState;
  const out = versionOutOfSight(version, nodes);
  const status = out === null ? shownStatus(state.status, state.lock) : 'unknown';
  const started = out === null && hasProcess(state.status) ? state.started_at : undefined;
  return {
    row: pastGuestRow(version, out, timeZone),
    status,
    seen: out === null,
    node: state.node,
    name: version.name,
    tags: state.tags,
    pool: state.pool ?? null,
    template: state.template,
    sorts: {
      vmid: Number(version.resourceId),
      name: version.name?.toLowerCase() ?? null,
      node: state.node.toLowerCase(),
      status,
      cpus: configuredCpus(state.config),
      memory: configuredMemoryBytes(state.config),
      disk: bootDiskBytes(state.config),
      uptime: started === undefined ? null : Math.round((at - started) / 1000),
    },
  };
}

/** Whether these are the tags of a guest that has this one, case ignored, as Proxmox and the store do. */
export function hasTag(tags: readonly string[], tag: string): boolean {
  return tags.some(one => one.toLowerCase() === tag.toLowerCase());
}

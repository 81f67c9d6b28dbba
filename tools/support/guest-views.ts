import type { Row } from '../../src/mcp/define-output.ts';
import type { Version } from '../../src/model/change.ts';
import type { GuestEntity } from '../../src/model/entity.ts';
import type { GuestType } from '../../src/model/resource.ts';
import type { GuestState } from '../../src/model/state.ts';
import { hasProcess, shownStatus } from '../../src/model/status.ts';
import type { StoreReader } from '../../src/model/store.ts';
import { formerGuestRow, guestRow } from './guest-rows.ts';
import { bootDiskBytes, configuredCpus, configuredMemoryBytes } from './guest-sizes.ts';

/** What guest lists can be sorted by. */
export const GUEST_SORTS = ['vmid', 'name', 'node', 'status', 'cpus', 'memory', 'disk', 'uptime'] as const;
/** One of `GUEST_SORTS`. */
export type GuestSort = (typeof GUEST_SORTS)[number];

/** A guest as a list sees it at some moment: its row, what filters look at, what sorts compare. */
export interface GuestView {
  row: Row;
  /** As filters know it: `unknown` where its node is not online. */
  status: string;
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
export async function formerViews(
  store: StoreReader,
  type: GuestType,
  moment: ViewedMoment,
): Promise<GuestView[]> {
  const seen = await seenAt(store, moment.seq);
  const versions = await store.everythingAt(moment.seq, type);
  return versions.map(version => formerView(version, seen, moment.at));
}

/**
 * Every guest as a list of that moment began to show them: as it is now where nothing has changed since, as it was
 * where something has. So later pages keep usage and sizes, and the order of the first.
 */
export async function resumedViews(
  store: StoreReader,
  type: GuestType,
  moment: ViewedMoment,
  full: boolean,
): Promise<GuestView[]> {
  const [seen, current, changed] = await Promise.all([
    seenAt(store, moment.seq),
    store.guests(type),
    store.changedKeys({ after: moment.seq, type }),
  ]);
  const ids = new Set(changed.map(key => key.id));
  const former = ids.size === 0 ? [] : await store.versionsAt(moment.seq, changed);
  return [
    ...current.rows.filter(guest => !ids.has(String(guest.id))).map(guest => currentView(guest, seen, full)),
    ...former
      .filter(version => version.change !== 'deleted')
      .map(version => formerView(version, seen, moment.at)),
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

/** Nodes whose guests could be seen: those that were online. One that had left the cluster is none. */
async function seenAt(store: StoreReader, seq: number): Promise<Set<string>> {
  const nodes = await store.everythingAt(seq, 'node');
  return new Set(nodes.filter(node => node.state['status'] === 'online').map(node => node.resourceId));
}

function currentView(guest: GuestEntity, seen: ReadonlySet<string>, full: boolean): GuestView {
  const lost = !seen.has(guest.nodeId);
  return {
    row: guestRow(guest, lost, full),
    status: lost ? 'unknown' : shownStatus(guest.status, guest.lockStatus),
    node: guest.nodeId,
    name: guest.name,
    tags: guest.tags,
    pool: guest.pool,
    template: guest.template,
    sorts: {
      vmid: guest.id,
      name: guest.name?.toLowerCase() ?? null,
      node: guest.nodeId.toLowerCase(),
      status: guest.status,
      cpus: guest.cpuCores,
      memory: guest.memoryBytes,
      disk: guest.diskSize,
      uptime: guest.uptime,
    },
  };
}

function formerView(version: Version, seen: ReadonlySet<string>, at: number): GuestView {
  const state = version.state as unknown as GuestState;
  const lost = !seen.has(state.node);
  const row = formerGuestRow(version);
  const started = hasProcess(state.status) ? state.started_at : undefined;
  return {
    row: lost ? { ...row, status: 'unknown', last_status: row['status'] } : row,
    status: lost ? 'unknown' : shownStatus(state.status, state.lock),
    node: state.node,
    name: version.name,
    tags: state.tags,
    pool: state.pool ?? null,
    template: state.template,
    sorts: {
      vmid: Number(version.resourceId),
      name: version.name?.toLowerCase() ?? null,
      node: state.node.toLowerCase(),
      status: state.status ?? null,
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

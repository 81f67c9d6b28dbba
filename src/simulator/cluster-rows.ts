import type { ClusterCertificates } from './certificates.ts';
import type { Random } from './prng.ts';
import type { Rights } from './rights.ts';
import { commaList } from './route.ts';
import type { ClusterState } from './state.ts';
import { staleAfterMs } from './timing.ts';
import type { Node, Storage } from './types.ts';
import { nodeUsage, storageUsed } from './usage.ts';

type Row = Record<string, unknown>;

/** The row of a node in `/cluster/resources`. A dead node loses its numbers immediately; without Sys.Audit there are none. */
export function nodeRow(state: ClusterState, node: Node, entry: Node, rights: Rights): Row {
  const status = state.sees(entry, node) ? 'online' : 'offline';
  const row: Row = { id: `node/${node.name}`, node: node.name, type: 'node', status, level: '' };
  if (status === 'offline' || !rights.has(`/nodes/${node.name}`, 'Sys.Audit')) return row;
  const { cpu, mem, disk, uptime } = nodeUsage(node, state.clock.now());
  return Object.assign(row, {
    maxcpu: node.cpus,
    maxmem: node.memory,
    maxdisk: node.rootfs,
    cpu,
    mem,
    disk,
    uptime,
  });
}

/** What `/nodes` adds to that row. */
export function nodeListRow(
  state: ClusterState,
  node: Node,
  entry: Node,
  rights: Rights,
  certificates: ClusterCertificates,
): Row {
  const { fingerprint } = certificates.nodes.get(node.name) ?? {};
  return { ...nodeRow(state, node, entry, rights), ssl_fingerprint: fingerprint };
}

/** Whether a storage is meant to exist on a node. */
export function existsOn(storage: Storage, node: string): boolean {
  return storage.nodes === undefined || storage.nodes.includes(node);
}

/**
 * The row of a storage on a node in `/cluster/resources`. The storage of a dead node, or an unreachable one, stays `available`
 * with its last numbers for five minutes.
 */
export function storageRow(state: ClusterState, storage: Storage, node: Node, order: Random): Row {
  const lostAt = node.downAt ?? storage.unreachable.get(node.name);
  const known = lostAt === undefined || state.clock.now() - lostAt < staleAfterMs;
  const row: Row = {
    id: `storage/${node.name}/${storage.storage}`,
    storage: storage.storage,
    node: node.name,
    type: 'storage',
    status: known ? 'available' : 'unknown',
    content: commaList(order, storage.content),
    plugintype: storage.type,
    shared: storage.shared ? 1 : 0,
  };
  if (known) Object.assign(row, { disk: storageUsed(state, storage, node), maxdisk: storage.total });
  return row;
}

/** The row of a storage in `/nodes/{node}/storage`: zeros if it is disabled, elsewhere or unreachable. */
export function nodeStorageRow(state: ClusterState, storage: Storage, node: Node, order: Random): Row {
  const enabled = !storage.disabled && existsOn(storage, node.name);
  const active = enabled && !storage.unreachable.has(node.name);
  const used = active ? storageUsed(state, storage, node) : 0;
  const total = active ? storage.total : 0;
  const row: Row = {
    storage: storage.storage,
    type: storage.type,
    content: commaList(order, storage.content),
    enabled: enabled ? 1 : 0,
    active: active ? 1 : 0,
    shared: storage.shared ? 1 : 0,
    total,
    used,
    avail: total - used,
  };
  if (active) row.used_fraction = used / total;
  return row;
}

import { normaliseTags, realName } from '../../history/normalise.ts';
import { LASTING_HA_STATES } from '../../model/fields.ts';
import {
  type ClusterObservation,
  type GuestObservation,
  type InventoryObservation,
  type NodeObservation,
  ROW_FIELDS,
} from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import { guestKey } from '../../model/resource.ts';
import { bootTime, type OurTime } from '../../model/time.ts';
import { type ClusterResource, type ClusterStatusRow, endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { pveHost } from '../../proxmox/schema.ts';
import { fieldOf, hasUnread, isCut, isUnread } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { failureReason } from '../common/failure-reason.ts';
import { seenStatus } from '../guests/seen-status.ts';
import { fillSilentRows } from './silent-rows.ts';

/**
 * Reads nodes, guests and pools in two requests, whatever the cluster's size.
 * @throws ProxmoxError when the listing itself fails; a token that may not read /cluster/status only narrows the result.
 */
export async function readInventory(api: Api, now: () => OurTime): Promise<InventoryObservation> {
  const observedAt = now();
  const [listing, { rows: status, unread: statusUnread }] = await Promise.all([
    api.get(endpoints.cluster.resources),
    readStatus(api),
  ]);
  for (const row of listing) nameByPath(row, 'node');
  const { rows, fromNode } = await fillSilentRows(api, listing, status);
  const cluster = status?.find(row => row.type === 'cluster');
  // A node that never joined a cluster has no cluster row, and the number 0.
  const alone =
    cluster === undefined ? status?.find(row => row.type === 'node' && row.nodeid === 0) : undefined;
  const quorate = cluster?.quorate ?? (alone === undefined ? null : true);
  const nodeRows = rows.filter(row => row.type === 'node' && row.node !== undefined);
  // Without the right to read the quorum, nodes can still be counted; a status without the quorum was short.
  const majority = nodeRows.filter(row => row.status === 'online').length * 2 > nodeRows.length;
  const ofMajority = quorate ?? (status === null && majority);
  const nodes = nodeRows.map(row => observeNode(row, status, ofMajority, observedAt));
  const online = new Set(nodes.filter(node => node.status === 'online').map(node => node.id));
  const named = (status ?? []).filter(row => row.type === 'node');
  // Both lists may be cut short at once; the cluster's own row still gives the number of its nodes.
  const counted = cluster?.nodes === undefined || new Set(named.map(row => row.name)).size >= cluster.nodes;
  const consistent =
    !isCut(listing) &&
    (status === null ||
      (quorate !== null && counted && named.every(row => nodes.some(node => node.id === row.name))));
  const readable = named.every(row => !isUnread(row, 'online') && !isUnread(row, 'name'));
  const listed = new Map<string, GuestObservation>();
  const unreadable = new Set<string>();
  for (const row of rows) {
    const guest = observeGuest(row, observedAt);
    if (guest === null) {
      if (isGuest(row) && row.vmid !== undefined)
        unreadable.add(guestKey({ type: typeOf(row), id: row.vmid }));
      continue;
    }
    guest.fromNode = fromNode.has(row);
    const key = guestKey(guest);
    if (!listed.has(key)) listed.set(key, guest);
  }
  return {
    observedAt,
    clusterName: cluster?.name ?? alone?.name ?? null,
    quorate,
    cluster:
      cluster === undefined ? null : observeCluster(cluster, consistent && readable ? named : undefined),
    ofMajority,
    nodes,
    guests: [...listed.values()],
    listed,
    unreadable,
    pools: new Set(
      rows.flatMap(row => (row.type === 'pool' && typeof row['pool'] === 'string' ? [row['pool']] : [])),
    ),
    online,
    consistent,
    nodesComplete: quorate === true && consistent,
    statusUnread,
  };
}

function observeCluster(row: ClusterStatusRow, nodes: ClusterStatusRow[] | undefined): ClusterObservation {
  return {
    name: row.name ?? null,
    quorate: row.quorate,
    // A node that is listed twice has its votes once.
    seesNodes: nodes && [
      ...new Set(nodes.flatMap(node => (node.online && node.name !== undefined ? [node.name] : []))),
    ],
    nodes: row.nodes ?? 0,
    configVersion: row.version ?? null,
  };
}

/** Null where it cannot be read; `unread` says why where that is news, which a right that was never given is not. */
async function readStatus(api: Api): Promise<{ rows: ClusterStatusRow[] | null; unread: Reason | null }> {
  try {
    const rows = await api.get(endpoints.cluster.status);
    for (const row of rows) nameByPath(row, 'name');
    return { rows, unread: null };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    if (error.kind === 'forbidden') return { rows: null, unread: null };
    if (['bad-answer', 'too-large'].includes(error.kind)) return { rows: null, unread: failureReason(error) };
    throw error;
  }
}

function isGuest(row: ClusterResource): boolean {
  return row.type === 'qemu' || row.type === 'lxc';
}

function typeOf(row: ClusterResource): GuestObservation['type'] {
  return row.type === 'qemu' ? 'vm' : 'container';
}

/** A row names its subject twice: where its fields cannot be read, its id (`qemu/101`, `node/pve1`) is used. */
function nameByPath<R extends ClusterResource | ClusterStatusRow>(row: R, ofNode: keyof R): void {
  if (!hasUnread(row)) return;
  const [, type, name] = /^(qemu|lxc|node)\/([^/]+)$/.exec(row.id ?? '') ?? [];
  if (name === undefined) return;
  row.type ??= type;
  // A text that is no valid host name is not used as one.
  if (row.type === 'node') row[ofNode] ??= pveHost.safeParse(name).data as R[keyof R];
  else if ('vmid' in row === false && /^[1-9]\d{0,8}$/.test(name)) Object.assign(row, { vmid: Number(name) });
}

/** A node has a status only where both sources agree; a minority without quorum cannot know which other nodes are up. */
function observeNode(
  row: ClusterResource,
  status: ClusterStatusRow[] | null,
  ofMajority: boolean,
  observedAt: OurTime,
): NodeObservation {
  const id = row.node!;
  const second = status?.find(other => other.type === 'node' && other.name === id);
  const claimed = row.status === 'online' || row.status === 'offline' ? row.status : undefined;
  const contradicted = second?.online !== undefined && second.online !== (claimed === 'online');
  const blind = !ofMajority && claimed === 'offline';
  return {
    id,
    status: contradicted || blind ? undefined : claimed,
    bootAt: claimed === 'online' && row.uptime ? bootTime(observedAt, row.uptime) : undefined,
    usage: {
      ...(row.cpu !== undefined && { cpuUsage: row.cpu }),
      ...(row.maxcpu !== undefined && { cpuMax: Math.round(row.maxcpu) }),
      ...(row.mem !== undefined && { memoryUsage: row.mem }),
      ...(row.maxmem !== undefined && { memoryMax: row.maxmem }),
      ...(row.uptime !== undefined && { uptime: row.uptime }),
    },
    ...(hasUnread(row) && { unread: NODE_USAGE.filter(([, of]) => isUnread(row, of)).map(([name]) => name) }),
  };
}

/** The numbers of a node, by the field of its row. */
const NODE_USAGE = [
  ['cpuUsage', 'cpu'],
  ['cpuMax', 'maxcpu'],
  ['memoryUsage', 'mem'],
  ['memoryMax', 'maxmem'],
  ['uptime', 'uptime'],
] as const;

/** Rows with status `unknown` have lost name, tags and numbers: these fields were not seen, they did not change. */
function observeGuest(row: ClusterResource, observedAt: OurTime): GuestObservation | null {
  if (!isGuest(row) || row.vmid === undefined || row.node === undefined) return null;
  const unread = hasUnread(row) ? ROW_FIELDS.filter(field => isUnread(row, field)) : undefined;
  const known = unread?.includes('status') || (row.status !== undefined && row.status !== 'unknown');
  const status = row.status !== undefined && known ? seenStatus(row.status, row.lock) : undefined;
  const passing = known && status === undefined;
  return {
    type: typeOf(row),
    id: row.vmid,
    node: row.node,
    status,
    passing,
    fromNode: false,
    name: known && row.name !== undefined ? realName(row.name, row.vmid) : undefined,
    template: known ? row.template : undefined,
    tags: known && !isUnread(row, 'tags') ? normaliseTags(row.tags) : undefined,
    pool: fieldOf(row, 'pool'),
    lock: known ? fieldOf(row, 'lock') : undefined,
    ha: isUnread(row, 'hastate') ? undefined : requestedHa(row.hastate),
    haPassing: !isUnread(row, 'hastate') && requestedHa(row.hastate) === undefined,
    unread,
    bootAt:
      (row.status === 'running' || passing) && row.uptime ? bootTime(observedAt, row.uptime) : undefined,
    usage: known ? guestUsage(row) : {},
  };
}

/** The state requested of the HA manager; undefined during an action that does not reveal it. */
function requestedHa(shown: string | undefined): string | null | undefined {
  if (shown === undefined || shown === '') return null;
  // The manager only stops what is to be stopped.
  if (shown === 'request_stop') return 'stopped';
  return LASTING_HA_STATES.has(shown) ? shown : undefined;
}

function guestUsage(row: ClusterResource): GuestObservation['usage'] {
  const usage: GuestObservation['usage'] = {};
  if (row.cpu !== undefined) usage.cpuUsage = row.cpu;
  if (row.maxcpu !== undefined) usage.cpuCores = row.maxcpu;
  if (row.mem !== undefined) usage.memoryUsage = row.mem;
  if (row.maxmem !== undefined) usage.memoryBytes = row.maxmem;
  if (row.maxdisk) usage.diskSize = row.maxdisk;
  if (row.disk !== undefined && row.type === 'lxc') usage.diskUsage = row.disk;
  if (row.netin !== undefined) usage.networkIn = row.netin;
  if (row.netout !== undefined) usage.networkOut = row.netout;
  if (row.uptime !== undefined) usage.uptime = row.uptime;
  return usage;
}

import {
  type ClusterResource,
  type ClusterStatusRow,
  endpoints,
  type ListedGuest,
} from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';

/** The rows of a listing; those without a status were filled from their nodes where possible. */
export interface FilledRows {
  rows: ClusterResource[];
  /** Rows reported by their node, which says `running` about a VM whatever QEMU itself says. */
  fromNode: ReadonlySet<ClusterResource>;
}

/**
 * Fills rows that are `unknown` from their nodes. A node's statistics daemon may hang while everything else works: after five
 * minutes its row and those of its guests have lost everything, though its API still answers.
 */
export async function fillSilentRows(
  api: Api,
  rows: ClusterResource[],
  status: ClusterStatusRow[] | null,
): Promise<FilledRows> {
  const online = new Set<string>();
  await Promise.all(
    rows.filter(isNode).map(async row => {
      const isUp = isSilent(row) && (await isOnline(api, row.node, status));
      if (isUp || row.status === 'online') online.add(row.node);
      if (isUp) row.status = 'online';
    }),
  );
  const silent = rows.filter(row => isGuest(row) && isSilent(row) && online.has(row.node!));
  const kinds = [...new Set(silent.map(row => `${row.node} ${row.type}`))];
  const reported = new Map(
    (await Promise.all(kinds.map(kind => listOf(api, ...(kind.split(' ') as [string, string]))))).flat(),
  );
  const fromNode = new Set<ClusterResource>();
  // In place, because the marks of unread fields belong to the row.
  const filled = rows.map(row => {
    const own =
      isGuest(row) && isSilent(row) ? reported.get(`${row.node} ${row.type} ${row.vmid}`) : undefined;
    if (own?.status === undefined) return row;
    fromNode.add(row);
    const { cpus, template = false, ...facts } = own;
    return Object.assign(row, facts, { template }, cpus !== undefined && { maxcpu: cpus });
  });
  return { rows: filled, fromNode };
}

function isNode(row: ClusterResource): row is ClusterResource & { node: string } {
  return row.type === 'node' && row.node !== undefined;
}

function isGuest(row: ClusterResource): boolean {
  return (row.type === 'qemu' || row.type === 'lxc') && row.node !== undefined;
}

function isSilent({ status }: ClusterResource): boolean {
  return status === undefined || status === 'unknown';
}

/** Whether corosync says that the node is online or, where that may not be read, whether the node answers. */
async function isOnline(api: Api, node: string, status: ClusterStatusRow[] | null): Promise<boolean> {
  if (status !== null) return status.some(row => row.type === 'node' && row.name === node && row.online);
  return (await orNothing(api.get(endpoints.nodes.version, { node }))) !== undefined;
}

/** A node's own list of one type of guest; empty where it does not answer. */
async function listOf(api: Api, node: string, type: string): Promise<[key: string, row: ListedGuest][]> {
  const rows = await orNothing(api.get((type === 'qemu' ? endpoints.qemu : endpoints.lxc).list, { node }));
  return (rows ?? []).map(row => [`${node} ${type} ${row.vmid}`, row]);
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProxmoxError) return undefined;
    throw error;
  }
}

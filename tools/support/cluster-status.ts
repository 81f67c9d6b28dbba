import { UsageError } from '../../src/errors.ts';
import type { Row } from '../../src/mcp/define-output.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import type {
  GuestEntity,
  NodeEntity,
  NodeStorageEntity,
  StorageEntity,
  TaskEntity,
} from '../../src/model/entity.ts';
import { GUEST_TYPES } from '../../src/model/resource.ts';
import { guestStatus, HA_STATES, hasProcess, LOCKS, shownStatus } from '../../src/model/status.ts';
import type { GuestGroup } from '../../src/model/store.ts';
import { userOf } from '../../src/state/acts.ts';
import { formatTime } from '../../src/state/moment.ts';
import { offlineNodes } from './offline-nodes.ts';
import { protectionRows } from './protection.ts';
import { taskSpan } from './task-span.ts';
import { clusterText } from './text.ts';
import { fractionPercent, gib, percent } from './units.ts';

const DAY_MS = 86_400_000;
/** A storage fuller than this needs attention (percent). */
const FULL_PERCENT = 85;
const ATTENTION_AT_MOST = 25;
const UNSEEN =
  'none can be seen: there are none, or the token lacks VM.Audit (proxmox-mpc test-connection tells)';

interface ClusterFacts {
  name: string;
  quorate?: boolean;
  versions?: string[];
  nodes: Row;
  vms: Row;
  containers: Row;
  totals: Row;
  tasks: Row;
  attention: Row[];
}

/** The cluster at a glance; `full` names every guest without a backup. @throws UsageError while the store knows no cluster. */
export async function clusterStatus(
  context: ToolContext,
  { full = false }: { full?: boolean } = {},
): Promise<ClusterFacts> {
  const { store, now } = context;
  const cluster = await store.cluster();
  if (cluster === null)
    throw new UsageError('No cluster has been discovered yet.', {
      hint: 'Run discover, or check the connection with proxmox-mpc test-connection.',
    });
  const [nodes, vms, containers, storages, views, running, failed] = await Promise.all([
    store.nodes(),
    store.guestGroups('vm'),
    store.guestGroups('container'),
    store.storages(),
    store.nodeStorages(),
    store.tasks({ statuses: ['running'] }, undefined, { limit: 1 }),
    store.tasks(
      { statuses: ['error'], ...(await taskSpan(store, { since: now - DAY_MS })) },
      { by: 'startTime', order: 'desc' },
      { limit: 5 },
    ),
  ]);
  const offline = await offlineNodes(store);
  const troubled = await Promise.all(GUEST_TYPES.map(type => store.guests(type, { troubled: true })));
  const versions = [...new Set(nodes.flatMap(node => node.pveVersion ?? []))].sort();
  return {
    name: clusterText(cluster.name, 80),
    ...(cluster.quorate !== null && { quorate: cluster.quorate }),
    ...(versions.length > 0 && { versions }),
    nodes: byStatus(nodes.map(node => [node.status, 1])),
    vms: guestsByStatus(vms, offline),
    containers: guestsByStatus(containers, offline),
    totals: { ...computeTotals(nodes), ...storageTotals(storages, views) },
    tasks: { running: running.total, failed_24h: failed.total },
    attention: [
      ...attention(context, {
        cluster,
        nodes,
        groups: [...vms, ...containers],
        gone: [...offline].filter(id => !nodes.some(node => node.id === id)),
        troubled: troubled.flatMap(list => list.rows),
        storages,
        views,
        failed,
      }),
      ...(await protectionRows(context, { full })),
    ].slice(0, ATTENTION_AT_MOST),
  };
}

function byStatus(statuses: [status: string, count: number][]): Row {
  const counts: { [status: string]: number } = {};
  for (const [status, count] of statuses) counts[status] = (counts[status] ?? 0) + count;
  return { total: sum(statuses.map(([, count]) => count)), ...counts };
}

function guestsByStatus(groups: GuestGroup[], offline: ReadonlySet<string>): Row {
  const living = groups.filter(group => !group.template);
  const templates = sum(groups.map(group => (group.template ? group.guests : 0)));
  return {
    ...byStatus(
      living.map(({ nodeId, status, lock, guests }) => [
        offline.has(nodeId) ? 'unknown' : shownStatus(status, lock),
        guests,
      ]),
    ),
    ...(templates > 0 && { templates }),
  };
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function computeTotals(nodes: NodeEntity[]): Row {
  const online = nodes.filter(node => node.status === 'online');
  const cpus = sum(online.map(node => node.cpuMax ?? 0));
  const busy = sum(online.map(node => (node.cpuUsage ?? 0) * (node.cpuMax ?? 0)));
  const memory = sum(online.map(node => node.memoryMax ?? 0));
  return {
    cpus,
    cpu_percent: cpus === 0 ? null : fractionPercent(busy / cpus),
    memory_gib: gib(memory),
    memory_percent: percent(sum(online.map(node => node.memoryUsage ?? 0)), memory),
  };
}

/** Each shared storage once, each local one once a node. */
function storageTotals(storages: StorageEntity[], views: NodeStorageEntity[]): Row {
  const shared = new Set(storages.filter(storage => storage.shared).map(storage => storage.id));
  const enabled = new Set(storages.filter(storage => storage.enabled).map(storage => storage.id));
  const sizes = [
    ...storages.filter(storage => storage.enabled && storage.shared),
    ...views.filter(view => enabled.has(view.storageId) && !shared.has(view.storageId)),
  ];
  const total = sizes.reduce((sum, size) => sum + (size.totalBytes ?? 0), 0);
  const used = sizes.reduce((sum, size) => sum + (size.usedBytes ?? 0), 0);
  return total === 0 ? {} : { storage_gib: gib(total), storage_percent: percent(used, total) };
}

interface Sights {
  cluster: { quorate: boolean | null };
  nodes: NodeEntity[];
  groups: GuestGroup[];
  /** Nodes that left the cluster, though guests are still listed on them. */
  gone: string[];
  troubled: GuestEntity[];
  storages: StorageEntity[];
  views: NodeStorageEntity[];
  failed: { rows: TaskEntity[]; total: number };
}

function attention(
  { timeZone }: ToolContext,
  { cluster, nodes, groups, gone, troubled, storages, views, failed }: Sights,
): Row[] {
  const rows: Row[] = [];
  if (cluster.quorate === false)
    rows.push({ what: 'cluster', why: 'no quorum: nothing can be started or changed' });
  // A cluster without guests is rarer than a token that may not see them.
  if (groups.length === 0) rows.push({ what: 'guests', why: UNSEEN });
  for (const node of nodes) {
    if (node.status === 'online') continue;
    const running = groups.filter(group => group.nodeId === node.id && hasProcess(group.status));
    const stranded = sum(running.map(group => group.guests));
    rows.push({
      what: `node/${node.id}`,
      why: `${node.status}${stranded > 0 ? `; ${stranded} guests were running there` : ''}`,
    });
  }
  for (const id of gone) {
    const stranded = sum(groups.filter(group => group.nodeId === id).map(group => group.guests));
    rows.push({
      what: `node/${id}`,
      why: `not part of the cluster, but ${stranded} guests are listed on it: how they are is not known`,
      next: 'move their files in /etc/pve/nodes to a node of the cluster, or remove them',
    });
  }
  for (const guest of troubled) {
    const name = `${guest.type}/${guest.id}${guest.name ? ` (${clusterText(guest.name, 60)})` : ''}`;
    const troubles = [
      guestStatus(guest.status ?? '').trouble,
      HA_STATES[guest.haState ?? '']?.trouble,
      LOCKS[guest.lockStatus ?? '']?.trouble,
    ];
    for (const trouble of troubles) if (trouble) rows.push({ what: name, ...trouble });
  }
  for (const storage of storages) {
    if (!storage.enabled) continue;
    const own = views.filter(view => view.storageId === storage.id);
    const cut = own.filter(view => view.active === false).map(view => view.nodeId);
    if (cut.length > 0)
      rows.push({ what: `storage/${storage.id}`, why: `unreachable from ${cut.join(', ')}` });
    for (const size of storage.shared ? [storage] : own) {
      const used = percent(size.usedBytes, size.totalBytes);
      const where = 'nodeId' in size ? ` on ${size.nodeId}` : '';
      if (used !== null && used >= FULL_PERCENT)
        rows.push({ what: `storage/${storage.id}`, why: `${used} % full${where}` });
    }
  }
  for (const task of failed.rows) {
    const subject =
      task.resourceType && task.resourceType !== 'node'
        ? `${task.resourceType}/${task.resourceId}`
        : `node/${task.nodeId}`;
    const when = formatTime(task.startTime, timeZone);
    rows.push({
      what: subject,
      why: `${task.type} failed at ${when} (${userOf(task)}): ${clusterText(task.exitStatus ?? '', 120)}`,
    });
  }
  return rows;
}

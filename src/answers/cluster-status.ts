import { UsageError } from '../errors.ts';
import type { Row } from '../mcp/define/output.ts';
import type { ToolContext } from '../mcp/define/tool.ts';
import { UNNAMED_CLUSTER } from '../model/cluster-name.ts';
import type { NodeEntity, StorageEntity } from '../model/entity.ts';
import { reasonText } from '../model/reason-text.ts';
import { hasProcess, shownStatus } from '../model/status.ts';
import type { GuestGroup } from '../model/store.ts';
import { clusterText } from './format/text.ts';
import { fractionPercent, gib, percent } from './format/units.ts';
import { attentionRows } from './health/attention.ts';
import { backupAttention } from './health/backup-attention.ts';
import { healthFacts } from './health/facts.ts';
import { isGroupInSight, type NodeSights, nodeSights, OWN_TASKS_ONLY, taskSights } from './in-sight.ts';
import { nodeStatus, tellsLoad } from './nodes/rows.ts';
import { type StorageView, storageViews } from './storage/rows.ts';
import { storageSight } from './storage/sight.ts';
import { taskSpan } from './tasks/span.ts';

const DAY_MS = 86_400_000;
const ATTENTION_AT_MOST = 25;
const LEFT_OUT_AT_MOST = 20;
const UNSEEN =
  'none can be seen: there are none, or the token lacks VM.Audit (proxmox-mpc test-connection tells)';

interface ClusterFacts {
  name?: string;
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
  const { store, now, timeZone } = context;
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
    store.tasks({ statuses: ['running'] }),
    store.tasks(
      { statuses: ['error'], ...(await taskSpan(store, { since: now - DAY_MS })) },
      { by: 'startTime', order: 'desc' },
      { limit: 5 },
    ),
  ]);
  const [sights, sight] = await Promise.all([nodeSights(store, nodes), storageSight(store, timeZone)]);
  const stored = storages.flatMap(storage =>
    storageViews(
      storage,
      views.filter(view => view.storageId === storage.id),
      sight,
    ).map(view => ({ storage, view })),
  );
  const tasks = await taskSights(store, sights);
  const lostTasks = running.rows.filter(task => tasks.of(task) !== null).length;
  const versions = [...new Set(nodes.flatMap(node => node.pveVersion ?? []))].sort();
  return {
    ...(cluster.name !== UNNAMED_CLUSTER && { name: clusterText(cluster.name, 80) }),
    ...(cluster.quorate !== null && { quorate: cluster.quorate }),
    ...(versions.length > 0 && { versions }),
    nodes: byStatus(nodes.map(node => [nodeStatus(node, sights), 1])),
    vms: guestsByStatus(vms, sights),
    containers: guestsByStatus(containers, sights),
    totals: totalsOf(nodes, sights, stored),
    tasks: {
      running: running.total - lostTasks,
      ...(lostTasks > 0 && { unknown: lostTasks }),
      failed_24h: failed.total,
      ...(tasks.ownOnly && { own_only: true }),
    },
    attention: [
      ...blindSpots({ cluster, nodes, groups: [...vms, ...containers], sights }),
      ...attentionRows(await healthFacts(context, 'glance')),
      ...(await backupAttention(context, { full })),
      ...unseenStorages(stored, sights),
      ...(tasks.ownOnly ? [{ what: 'tasks', why: OWN_TASKS_ONLY }] : []),
    ].slice(0, ATTENTION_AT_MOST),
  };
}

function byStatus(statuses: [status: string, count: number][]): Row {
  const counts: { [status: string]: number } = {};
  for (const [status, count] of statuses) counts[status] = (counts[status] ?? 0) + count;
  return { total: sum(statuses.map(([, count]) => count)), ...counts };
}

function guestsByStatus(groups: GuestGroup[], nodes: NodeSights): Row {
  const count = (some: GuestGroup[]) => sum(some.map(group => group.guests));
  const templates = groups.filter(group => group.template);
  const unseen = count(templates.filter(group => !isGroupInSight(group, nodes)));
  return {
    ...byStatus(
      groups
        .filter(group => !group.template)
        .map(group => [
          isGroupInSight(group, nodes) ? shownStatus(group.status, group.lock) : 'unknown',
          group.guests,
        ]),
    ),
    ...(templates.length > 0 && { templates: count(templates) - unseen }),
    ...(unseen > 0 && { templates_unknown: unseen }),
  };
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Null where one is not known: the rest is no sum. */
function sumIfAll(numbers: (number | null)[]): number | null {
  const known = numbers.filter(one => one !== null);
  return known.length === numbers.length ? sum(known) : null;
}

/**
 * What there is at present: nodes that are online and tell their numbers, each shared storage once, each local one once a
 * node. What exists but cannot be counted now is named, so that nobody takes the sums for the whole.
 */
function totalsOf(nodes: NodeEntity[], sights: NodeSights, stored: Stored[]): Row {
  const online = nodes.filter(node => nodeStatus(node, sights) === 'online' && node.memoryMax !== null);
  const cpus = sum(online.map(node => node.cpuMax ?? 0));
  const busy = sumIfAll(online.map(node => node.cpuUsage && node.cpuUsage * (node.cpuMax ?? 0)));
  const memory = sum(online.map(node => node.memoryMax ?? 0));
  const memoryUsed = sumIfAll(online.map(node => node.memoryUsage));
  const enabled = stored.filter(({ storage, view }) => storage.enabled || view.out !== null);
  const current = enabled.filter(({ view }) => view.isSizeCurrent);
  const total = sum(current.map(({ view }) => view.totalBytes ?? 0));
  const used = sum(current.map(({ view }) => view.usedBytes ?? 0));
  const left = [
    ...nodes.filter(node => !online.includes(node)).map(node => `node/${node.id}`),
    ...online.filter(node => !tellsLoad(node)).map(node => `load of node/${node.id}`),
    ...enabled
      .filter(({ view }) => !view.isSizeCurrent)
      .map(({ storage, view }) => `storage/${storage.id}${view.node === null ? '' : ` on ${view.node}`}`),
  ];
  return {
    ...(online.length > 0 && {
      cpus,
      cpu_percent: cpus === 0 || busy === null ? null : fractionPercent(busy / cpus),
      memory_gib: gib(memory),
      memory_percent: percent(memoryUsed, memory),
    }),
    ...(total > 0 && { storage_gib: gib(total), storage_percent: percent(used, total) }),
    ...(left.length > 0 && { left_out: shortList(left, LEFT_OUT_AT_MOST) }),
  };
}

/** Storages that cannot be seen, a row a reason; those of a node that is named itself are not said twice. */
function unseenStorages(stored: Stored[], sights: NodeSights): Row[] {
  const lost = stored.flatMap(({ storage, view: { node, out } }) => {
    if (out === null) return [];
    if (node !== null && (sights.unseen.has(node) || !sights.standing.has(node))) return [];
    return [{ name: `storage/${storage.id}`, node, reason: reasonText(out.reason) }];
  });
  return [...Map.groupBy(lost, one => one.reason)].map(([reason, ones]) => {
    const names = [...new Set(ones.map(one => one.name))];
    const [{ node }] = ones as [(typeof ones)[number]];
    const where = node !== null && ones.length === 1 ? ` on ${node}` : '';
    const why = `cannot be seen${where}: ${clusterText(reason, 120)}`;
    return names.length === 1
      ? { what: names[0], why }
      : { what: 'storages', why: `${why} (${shortList(names, LEFT_OUT_AT_MOST).join(', ')})` };
  });
}

/** `1 guest was`, `2 guests were`. */
function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The first of these names, and how many more there are. */
function shortList(names: string[], atMost: number): string[] {
  return names.length <= atMost ? names : [...names.slice(0, atMost), `and ${names.length - atMost} more`];
}

interface Stored {
  storage: StorageEntity;
  view: StorageView;
}

/** What of the cluster nobody can tell at present: what is wrong there is not known. */
function blindSpots({
  cluster,
  nodes,
  groups,
  sights,
}: {
  cluster: { quorate: boolean | null };
  nodes: NodeEntity[];
  groups: GuestGroup[];
  sights: NodeSights;
}): Row[] {
  const rows: Row[] = [];
  if (cluster.quorate === null)
    rows.push({
      what: 'cluster',
      why: 'whether it has quorum could not be read (that needs Sys.Audit on /)',
    });
  // A cluster without guests is rarer than a token that may not see them.
  if (groups.length === 0) rows.push({ what: 'guests', why: UNSEEN });
  for (const node of nodes) {
    // A node that does not answer for itself is a finding.
    const out = node.unseenReason === null ? undefined : sights.unseen.get(node.id);
    if (out === undefined) continue;
    const running = groups.filter(
      group => group.nodeId === node.id && hasProcess(group.status) && !isGroupInSight(group, sights),
    );
    const stranded = sum(running.map(group => group.guests));
    rows.push({
      what: `node/${node.id}`,
      why: `unknown (${clusterText(reasonText(out.reason), 120)}); last known ${node.status}${stranded > 0 ? `; ${counted(stranded, 'guest was', 'guests were')} running there` : ''}`,
    });
  }
  // Beyond those of nodes that are named above: whom the token lost, or the listing lacked.
  const living = groups.filter(group => !group.template);
  const lost = living.filter(
    group => !group.seen && sights.standing.has(group.nodeId) && !sights.unseen.has(group.nodeId),
  );
  if (lost.length > 0)
    rows.push({
      what: 'guests',
      why: `${sum(lost.map(group => group.guests))} of ${sum(living.map(group => group.guests))} cannot be seen now, and are not counted as what they were: unseen says why, list_vms and list_containers with status unknown name them`,
    });
  return rows;
}

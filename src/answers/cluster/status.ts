import { UsageError } from '../../errors.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { UNNAMED_CLUSTER } from '../../model/cluster-name.ts';
import { driftCounts } from '../desired/drift-counts.ts';
import { clusterText } from '../format/text.ts';
import { attentionRows } from '../health/attention.ts';
import { backupAttention } from '../health/backup-attention.ts';
import { backupSummary } from '../health/backup-summary.ts';
import { healthFacts } from '../health/facts.ts';
import { silences } from '../health/silenced.ts';
import { nodeSights, OWN_TASKS_ONLY, taskSights } from '../in-sight.ts';
import { nodeFacts } from '../nodes/load.ts';
import { loadStorages } from '../storage/load.ts';
import { taskSpan } from '../tasks/span.ts';
import { blindSpots, unseenStorages } from './blind-spots.ts';
import { byStatus, guestsByStatus } from './counts.ts';
import { totalsOf } from './totals.ts';

const DAY_MS = 86_400_000;
const ATTENTION_AT_MOST = 25;

/** The cluster at a glance, as get_cluster_status shows it. */
export interface ClusterFacts {
  name?: string;
  quorate?: boolean;
  versions?: string[];
  nodes: Row;
  vms: Row;
  containers: Row;
  totals: Row;
  tasks: Row;
  backups: Row;
  drift?: Row;
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
  const [members, vms, containers, storages, running, failed] = await Promise.all([
    store.nodes(),
    store.guestGroups('vm'),
    store.guestGroups('container'),
    loadStorages(store),
    store.tasks({ statuses: ['running'] }),
    store.tasks({ statuses: ['error'], ...(await taskSpan(store, { since: now - DAY_MS })) }, undefined, {
      limit: 1,
    }),
  ]);
  const sights = await nodeSights(store, members);
  const nodes = nodeFacts(members, [...vms, ...containers], sights);
  const tasks = await taskSights(store, sights);
  const lostTasks = running.rows.filter(task => tasks.of(task) !== null).length;
  const versions = [...new Set(nodes.flatMap(node => node.version ?? []))].sort();
  return {
    ...(cluster.name !== UNNAMED_CLUSTER && { name: clusterText(cluster.name, 80) }),
    ...(cluster.quorate !== null && { quorate: cluster.quorate }),
    ...(versions.length > 0 && { versions }),
    nodes: byStatus(nodes.map(node => [node.status, 1])),
    vms: guestsByStatus(vms, sights),
    containers: guestsByStatus(containers, sights),
    totals: totalsOf(nodes, storages),
    tasks: {
      running: running.total - lostTasks,
      ...(lostTasks > 0 && { unknown: lostTasks }),
      failed_24h: failed.total,
      ...(tasks.ownOnly && { own_only: true }),
    },
    backups: await backupSummary(context),
    ...(await driftCounts(context)),
    attention: [
      ...blindSpots({ quorate: cluster.quorate, nodes, groups: [...vms, ...containers], sights }),
      ...attentionRows(await healthFacts(context, 'glance'), await silences(context)),
      ...(await backupAttention(context, { full })),
      ...unseenStorages(storages, sights),
      ...(tasks.ownOnly ? [{ what: 'tasks', why: OWN_TASKS_ONLY }] : []),
    ].slice(0, ATTENTION_AT_MOST),
  };
}

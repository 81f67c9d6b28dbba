import { diffStates } from '../../history/diff.ts';
import { nodeState } from '../../history/resource-state.ts';
import type { NewVersion } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import type { NodeEntity } from '../../model/entity.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { RunContext } from '../common/context.ts';
import { failureReason } from '../common/failure-reason.ts';
import { insertVersions } from '../common/versions.ts';
import { versionsOfCluster } from '../inventory/cluster.ts';
import { count } from '../inventory/run.ts';
import { type Previous, type Reported, readClusterDetails, readNode, readReplication } from './collect.ts';
import { confinements } from './confinement.ts';

/**
 * Reads what the nodes and the cluster tell beyond the listing and commits it. A node's version is state; the rest
 * is kept current only. What fails keeps what it reported before.
 */
export async function runDetails(context: RunContext): Promise<void> {
  const { api, store, lease, run, inventory, guests } = context;
  const observedAt = context.now();
  const upserts: NodeEntity[] = [];
  const versions: NewVersion[] = [];
  const nodeRows: Detail<'node'>[] = [];
  let complete = true;
  const failed = (what: string, error: unknown, unanswered?: { node: string; since: number | null }) => {
    if (!(error instanceof ProxmoxError)) throw error;
    complete = false;
    // What the token may never read is reported once, by test-connection.
    if (error.kind !== 'forbidden')
      run.unseen.push({
        what,
        since: unanswered?.since ?? null,
        reason: failureReason(error),
        // It is listed as online, but does not answer for itself.
        ...(unanswered &&
          api.silentNodes().has(unanswered.node) && { resources: [`node/${unanswered.node}`] }),
      });
  };
  const guestType = (id: number): GuestType | null =>
    GUEST_TYPES.find(type => guests.has(`${type}/${id}`)) ?? null;
  const online = [...inventory.online].filter(node => context.nodes.has(node));
  const previous = await readPrevious(store);
  const nodeTold = new Map(previous.node.map(row => [row.subject, row]));
  const reported: Reported[] = [];
  const members = [...context.nodes.values()].filter(node => !node.removed).length;
  const [confined] = await Promise.all([
    confinements(context, observedAt),
    context.clocks.read(context),
    ...online.flatMap(node => [
      readNode(api, node, nodeTold.get(node)?.data, observedAt)
        .then(({ version, facts }) => {
          const before = context.nodes.get(node)!;
          const after = { ...before, pveVersion: version };
          upserts.push(after);
          if (before.pveVersion !== version)
            versions.push(nodeVersion(before, after, nodeTold.get(node)?.observedAt, observedAt));
          if (facts !== null)
            nodeRows.push({ topic: 'node', subject: node, source: '', data: facts, observedAt });
        })
        .catch(error =>
          failed(`version of node ${node}`, error, { node, since: nodeTold.get(node)?.observedAt ?? null }),
        ),
      readReplication(api, node, guestType, previous.replication, observedAt)
        .then(one => reported.push(one))
        .catch(error => {
          // Without quorum no node tells of replication: the quorum is the news.
          if (inventory.quorate !== false) failed(`replication of node ${node}`, error);
        }),
    ]),
    readClusterDetails(api, previous, { observedAt, members }, failed).then(all => reported.push(...all)),
  ]);
  reported.push(...replicationLeftBehind(context, previous.replication, reported));
  const cluster = await versionsOfCluster(context, upserts, versions, observedAt);
  versions.push(...cluster.versions);
  await store.commitFacet(lease, { runId: run.id, facet: 'details', observedAt, complete }, async commit => {
    await commit.upsertNodes(upserts);
    const timed = nodeRows.map(row => ({
      ...row,
      data: { ...row.data, clockAheadMs: context.clocks.known(row.subject) },
    }));
    await commit.upsertDetails([...timed, ...cluster.details, ...confined]);
    for (const { topic, source, rows } of reported) await commit.replaceDetails(topic, source, rows);
    await insertVersions(context, commit, versions);
  });
  for (const node of upserts) context.nodes.set(node.id, node);
  count(context, versions);
  context.committed(versions);
}

/** All that was reported before of what is read here. */
async function readPrevious(store: RunContext['store']): Promise<Previous> {
  const [ha, ha_rule, replication, node, backup_job, pool, cluster] = await Promise.all([
    store.details('ha'),
    store.details('ha_rule'),
    store.details('replication'),
    store.details('node'),
    store.details('backup_job'),
    store.details('pool'),
    store.details('cluster'),
  ]);
  return { ha, ha_rule, replication, node, backup_job, pool, cluster };
}

/** A node tells of the replication of its own guests: of those that stand elsewhere by now, what it reported is over. */
function replicationLeftBehind(
  { guests }: RunContext,
  previous: readonly Detail<'replication'>[],
  reported: readonly Reported[],
): Reported[] {
  const reportedNow = new Set(reported.map(one => one.source));
  return [...Map.groupBy(previous, row => row.source)].flatMap(([source, rows]) => {
    const staying = rows.filter(row => guests.get(row.subject)?.nodeId === source);
    const over = !reportedNow.has(source) && staying.length < rows.length;
    return over ? [{ topic: 'replication' as const, source, rows: staying }] : [];
  });
}

/**
 * The first version read is knowledge gained; a later one is an upgrade, since the node last reported of itself. Where the
 * token may not read what it tells, nothing but the version is kept: then it was at any time since the node was first seen.
 */
function nodeVersion(
  before: NodeEntity,
  after: NodeEntity,
  lastTold: number | undefined,
  observedAt: number,
): NewVersion {
  const gained = before.pveVersion === null;
  return {
    type: 'node',
    resourceId: after.id,
    incarnation: after.incarnation,
    change: gained ? 'discovered' : 'updated',
    facet: 'details',
    name: after.id,
    node: after.id,
    fields: gained ? [] : diffStates(nodeState(before), nodeState(after)),
    state: nodeState(after) as unknown as JsonObject,
    windowAfter: Math.max(lastTold ?? 0, before.createdAt),
    windowBefore: observedAt,
  };
}

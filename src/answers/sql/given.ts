import type { ToolContext } from '../../mcp/define/tool.ts';
import type { CheckedQuery, GivenRows, SqlValue } from '../../model/query.ts';
import type { Reason } from '../../model/reason.ts';
import { reasonText } from '../../model/reason-text.ts';
import { GUEST_TYPES, guestKey } from '../../model/resource.ts';
import { clusterText } from '../format/text.ts';
import { fractionPercent, gib } from '../format/units.ts';
import { createdSince } from '../guests/created.ts';
import { guestOutOfSight, nodeSights, taskSights } from '../in-sight.ts';
import { nodeStatus, toldUptime } from '../nodes/fact.ts';
import { loadStorages } from '../storage/load.ts';
import { statusText } from '../storage/rows.ts';

/** Rows of views that are computed rather than stored, as lists compute them; only for views that the query reads. */
export async function givenRows(
  { views }: CheckedQuery,
  context: Pick<ToolContext, 'store'>,
): Promise<GivenRows> {
  return {
    ...(views.has('nodes') && { nodes: await nodeRows(context) }),
    ...(views.has('storage') && { storage: await storageRows(context) }),
    ...(views.has('guests') && { unseen_guests: await unseenGuests(context) }),
    ...((views.has('guests') || views.has('backups')) && { unjudged_backups: await unjudged(context) }),
    ...(views.has('tasks') && {
      seen_task_nodes: (await taskSights(context.store)).nodes.map(node => [node]),
    }),
  };
}

async function unseenGuests({ store }: Pick<ToolContext, 'store'>): Promise<SqlValue[][]> {
  const [nodes, ...lists] = await Promise.all([
    nodeSights(store),
    ...GUEST_TYPES.map(type => store.guests(type, { seen: false })),
  ]);
  return lists.flatMap(({ rows }) =>
    rows.map(guest => [guestKey(guest), words(guestOutOfSight(guest, nodes)?.reason)]),
  );
}

/** Guests created after backups were read: the next reading decides whose the backups under their VMIDs are. */
async function unjudged({ store }: Pick<ToolContext, 'store'>): Promise<SqlValue[][]> {
  const commit = await store.lastCommit('backups');
  if (commit === null) return [];
  return [...(await createdSince(store, commit.seq))].map(key => [key]);
}

async function nodeRows({ store }: Pick<ToolContext, 'store'>): Promise<SqlValue[][]> {
  const nodes = await store.nodes();
  const sights = await nodeSights(store, nodes);
  return nodes.map(node => {
    const status = nodeStatus(node, sights);
    const online = <T>(value: T) => (status === 'online' ? value : null);
    return [
      `node/${node.id}`,
      node.id,
      status,
      node.cpuMax,
      online(fractionPercent(node.cpuUsage)),
      gib(node.memoryMax),
      online(gib(node.memoryUsage)),
      online(toldUptime(node)),
      node.pveVersion,
      isoTime(node.startedAt),
      isoTime(node.lastSeen),
      words(sights.unseen.get(node.id)?.reason),
    ];
  });
}

async function storageRows({ store }: Pick<ToolContext, 'store'>): Promise<SqlValue[][]> {
  return (await loadStorages(store)).map(fact => [
    fact.storage,
    fact.node,
    fact.type,
    statusText(fact.status, fact),
    Number(fact.enabled),
    Number(fact.shared),
    fact.isSizeCurrent ? gib(fact.totalBytes) : null,
    fact.isSizeCurrent ? gib(fact.usedBytes) : null,
    fact.content.join(','),
    words(fact.out?.reason),
  ]);
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function words(reason: Reason | undefined): string | null {
  return reason === undefined ? null : clusterText(reasonText(reason), 200);
}

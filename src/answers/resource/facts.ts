import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { NodeStorageEntity } from '../../model/entity.ts';
import type { Reason } from '../../model/reason.ts';
import { reasonText } from '../../model/reason-text.ts';
import { formatKey, type GuestType, guestKey, isGuestType, type ResourceKey } from '../../model/resource.ts';
import { clusterText, stateValue } from '../format/text.ts';
import { guestFact } from '../guests/fact.ts';
import { configFacts, pendingFacts, snapshotFacts } from '../guests/facts.ts';
import { guestRow, guestUsage } from '../guests/rows.ts';
import { healthFacts } from '../health/facts.ts';
import { impactFacts } from '../health/impact.ts';
import { guestOutOfSight, nodeSights } from '../in-sight.ts';
import { groupOfOne, nodeFact } from '../nodes/fact.ts';
import { withDetails } from '../nodes/load.ts';
import { nodeRow } from '../nodes/rows.ts';
import { storageFacts } from '../storage/fact.ts';
import { storageSight } from '../storage/load.ts';
import { storageRow } from '../storage/rows.ts';
import { guestBelongings, storageBelongings } from './belongings.ts';
import { backupFacts, backupJobs, guestDetails, nodeDetails, storedBackups } from './detail-facts.ts';
import { recentParts, type Wanted, type WantedThen } from './parts.ts';
import { pastFacts } from './past-facts.ts';
import { settingFacts } from './setting-facts.ts';

const NAMES_SHOWN = 50;

/** Everything asked about one resource: as it is, as it was, or as it was when it was deleted. */
export async function resourceFacts(key: ResourceKey, wanted: Wanted, context: ToolContext): Promise<Row> {
  const [facts, recent] = await Promise.all([
    isThen(wanted) ? pastFacts(key, wanted, context) : currentFacts(key, wanted, context),
    recentParts(key, wanted, context),
  ]);
  return { resource: formatKey(key), ...facts, ...recent };
}

function isThen(wanted: Wanted): wanted is WantedThen {
  return wanted.moment !== null;
}

async function currentFacts(key: ResourceKey, wanted: Wanted, context: ToolContext): Promise<Row> {
  const facts = await factsOf(key, wanted, context);
  if (facts !== null) return facts;
  const end = (await context.store.versions({ resource: key }, { limit: 1 }))[0];
  if (end === undefined)
    throw new UsageError(`There is no ${clusterText(formatKey(key), 80)}.`, {
      hint: 'find_resources searches names, addresses, tags and notes.',
    });
  const last = await pastFacts(key, { ...wanted, moment: { seq: end.seq, at: end.at } }, context);
  const backups = isGuestType(key.type) ? await backupFacts(`${key.type}/${key.id}`, context) : null;
  return { ...last, status: 'deleted', deleted_at: formatTime(end.at, context.timeZone), backups };
}

function factsOf({ type, id }: ResourceKey, wanted: Wanted, context: ToolContext): Promise<Row | null> {
  switch (type) {
    case 'vm':
    case 'container':
      return guestFacts(type, Number(id), wanted, context);
    case 'node':
      return nodeParts(id, wanted, context);
    case 'storage':
      return storageParts(id, wanted, context);
    case 'cluster':
      return clusterFacts(context);
    case 'backup-job':
    case 'pool':
    case 'ha':
      return settingFacts({ type, id }, context);
  }
}

async function clusterFacts({ store, timeZone }: ToolContext): Promise<Row | null> {
  const [row] = await store.details('quorum');
  if (row === undefined) return null;
  const { name, state } = row.data;
  return {
    name: name === null ? null : clusterText(name, 80),
    ...state,
    options: state.options === undefined ? null : configFacts(state.options),
    quorum_as_of: time(row.observedAt, timeZone),
  };
}

async function guestFacts(
  type: GuestType,
  id: number,
  { has }: Wanted,
  context: ToolContext,
): Promise<Row | null> {
  const { store, timeZone } = context;
  if (has('config') || has('pending') || has('snapshots'))
    await context.refreshGuests([guestKey({ type, id })]);
  const guest = await store.guest(type, id);
  if (guest === null) return null;
  const [stored] = await store.configs([{ type, id }]);
  const fact = guestFact(guest, await nodeSights(store));
  const { vmid: _, ...row } = guestRow(fact, { timeZone });
  const pending = stored && has('pending') ? pendingFacts(stored.config, stored.pending ?? {}) : [];
  const snapshots = stored && has('snapshots') ? snapshotFacts(stored.snapshots, timeZone) : [];
  const jobs = has('usage') ? await backupJobs(guest, context) : [];
  const wantsConfig = has('config') || has('pending') || has('snapshots');
  return {
    ...row,
    started_at: time(fact.startedAt, timeZone),
    usage: has('usage') ? withoutEmpty(guestUsage(fact)) : null,
    ...(has('usage') && (await guestDetails(guest, context))),
    backup_jobs: jobs.length > 0 ? jobs : null,
    ...(has('usage') && (await guestBelongings(guest, stored, context))),
    config: stored && has('config') ? configFacts(stored.config) : null,
    pending: pending.length > 0 ? pending : null,
    // This differs from nothing pending.
    pending_unseen: stored?.pending === null && has('pending') ? 'the API refused to list it' : null,
    snapshots: snapshots.length > 0 ? snapshots : null,
    config_as_of: stored && wantsConfig ? time(guest.configSeen ?? stored.observedAt, timeZone) : null,
  };
}

async function nodeParts(id: string, { has }: Wanted, context: ToolContext): Promise<Row | null> {
  const { store, timeZone } = context;
  const all = await store.nodes();
  const node = all.find(one => one.id === id);
  if (node === undefined) return null;
  const nodes = await nodeSights(store, all);
  const guests = [
    ...(await store.guests('vm', { node: id })).rows,
    ...(await store.guests('container', { node: id })).rows,
  ];
  const fact = nodeFact(node, guests.map(groupOfOne), nodes);
  const [shown = fact] = has('usage') ? await withDetails(store, [fact]) : [];
  return {
    ...nodeRow(shown, timeZone),
    started_at: time(node.startedAt, timeZone),
    ...(has('usage') && (await nodeDetails(id, context))),
    ...(has('usage') && (await nodeLoss(id, context))),
    guest_names: guests
      .slice(0, NAMES_SHOWN)
      .map(guest =>
        [
          guestKey(guest),
          ...(guest.name === null ? [] : [clusterText(guest.name, 60)]),
          ...(guest.template ? ['(template)'] : []),
          ...(guestOutOfSight(guest, nodes) === null ? [] : ['(not seen now)']),
        ].join(' '),
      ),
  };
}

async function storageParts(id: string, { has }: Wanted, context: ToolContext): Promise<Row | null> {
  const { store, timeZone } = context;
  const storage = (await store.storages()).find(one => one.id === id);
  if (storage === undefined) return null;
  const views = (await store.nodeStorages()).filter(view => view.storageId === id);
  const rows = storageFacts(storage, views, await storageSight(store)).map(fact =>
    storageRow(fact, timeZone),
  );
  return {
    type: storage.type,
    shared: storage.shared,
    enabled: storage.enabled,
    content: storage.contentTypes,
    only_nodes: storage.nodes.length > 0 ? storage.nodes : null,
    options: configFacts(stateValue('options', storage.options) as typeof storage.options),
    unreachable_reasons: await unreachableReasons(id, views, store),
    views: rows.map(({ storage: _, type: __, content: ___, shared: ____, ...row }) => row),
    backups: has('usage') ? await storedBackups(id, context) : null,
    ...(has('usage') && (await storageBelongings(id, store))),
    ...unseenFacts(storage, timeZone),
  };
}

/** Why nodes cannot reach a storage, in the words of Proxmox; null if they can, or if no reason is known. */
async function unreachableReasons(
  id: string,
  views: readonly NodeStorageEntity[],
  store: ToolContext['store'],
): Promise<Row | null> {
  const cut = new Set(views.filter(view => view.active === false).map(view => view.nodeId));
  const reported = (await store.details('storage_reason', [id])).flatMap(({ source, data }) =>
    cut.has(source) && data.text !== null ? [[source, clusterText(data.text, 300)] as const] : [],
  );
  return reported.length > 0 ? Object.fromEntries(reported) : null;
}

/** The guests that high availability would move away from it and those bound to it, in short; check_health has the details. */
async function nodeLoss(id: string, context: ToolContext): Promise<Row> {
  const impact = await impactFacts(id, await healthFacts(context, 'configs'), context.store);
  if (impact === null) return {};
  const { verdict, restarts_elsewhere, bound } = impact;
  return { if_down: { verdict, restarts_elsewhere, bound, more: `check_health {"if_down":"${id}"}` } };
}

/** Columns for a storage that the last run could not see. */
function unseenFacts(
  { lastSeen, unseenReason }: { lastSeen: number | null; unseenReason: Reason | null },
  timeZone: string,
): Row {
  return unseenReason === null
    ? {}
    : { unseen_since: time(lastSeen, timeZone), unseen_reason: clusterText(reasonText(unseenReason)) };
}

function withoutEmpty(row: Row): Row | null {
  return Object.keys(row).length === 0 ? null : row;
}

function time(at: number | null, timeZone: string): string | null {
  return at === null ? null : formatTime(at, timeZone);
}

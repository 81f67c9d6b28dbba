import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { GuestEntity, StorageEntity } from '../../model/entity.ts';
import { CLUSTER, formatKey, GUEST_TYPES, guestKey, type ResourceType } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { clusterText } from '../format/text.ts';
import { unconfirmedRow } from '../format/unconfirmed.ts';
import { guestFact } from '../guests/fact.ts';
import { statusFields } from '../guests/rows.ts';
import { nodeSights, unseenFields } from '../in-sight.ts';
import { nodeStatus } from '../nodes/fact.ts';
import { storageFacts } from '../storage/fact.ts';
import { storageSight } from '../storage/load.ts';
import { findSettings } from './datacenter.ts';
import type { Found, Match } from './match.ts';
import { matchGuest, matchSnapshots, matchStorage } from './matches.ts';
import type { Query } from './query.ts';
import { matchSettings } from './settings.ts';

const ALSO_AT_MOST = 5;

/** Every resource that matches, the best match first. */
export async function findRows(
  query: Query,
  type: ResourceType | undefined,
  { store, timeZone }: ToolContext,
): Promise<Row[]> {
  const found = [
    ...(await findCluster(query, type, store)),
    ...(await findSettings(query, type, { store, timeZone })),
    ...(await findNodes(query, type, { store, timeZone })),
    ...(await findStorages(query, type, { store, timeZone })),
    ...(await findGuests(query, type, { store, timeZone })),
  ];
  return found
    .sort((a, b) => a.matches[0]!.rank - b.matches[0]!.rank)
    .map(({ matches, row, at }) => {
      const [best, ...others] = matches as [Match, ...Match[]];
      const also = [...new Set(others.map(match => match.field))].filter(field => field !== best.field);
      return {
        ...row,
        rank: best.rank,
        field: best.field,
        value: clusterText(best.value, 200),
        also: also.length > 0 ? also.slice(0, ALSO_AT_MOST) : null,
        source: best.source,
        as_of: at === null ? null : formatTime(at, timeZone),
      };
    });
}

async function findGuests(
  query: Query,
  wanted: ResourceType | undefined,
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<Found[]> {
  const found: Found[] = [];
  const nodes = await nodeSights(store);
  const reported = query.isAddress ? await store.details('addresses') : [];
  const addresses = new Map(reported.map(row => [row.subject, row.data]));
  for (const type of GUEST_TYPES) {
    if (wanted !== undefined && wanted !== type) continue;
    const guests = (await store.guests(type)).rows;
    const held =
      query.snapshot === null
        ? await store.configsHolding(type, query.mayBeIn)
        : await store.configs(guests.map(({ id }) => ({ type, id })));
    const configs = new Map(held.map(config => [config.id, config]));
    for (const guest of guests) {
      const own = addresses.get(guestKey(guest));
      const config = configs.get(guest.id);
      const matches = [...matchGuest(query, guest, config, own), ...matchSnapshots(query, config, timeZone)];
      if (matches.length === 0) continue;
      const fact = guestFact(guest, nodes);
      const name = fact.name === null ? null : clusterText(fact.name, 80);
      const shown = statusFields(fact.lastStatus, fact.out, timeZone);
      const at = readAt(matches[0]!, guest, own?.reportedAt ?? null);
      const unconfirmed = unconfirmedRow(fact.unconfirmed, timeZone);
      const row = { resource: guestKey(guest), name, node: fact.node, ...shown, unconfirmed };
      found.push({ matches, at, row });
    }
  }
  return found;
}

/** When the match was last known to be so (ms): from the guest's agent, its configuration, or the last look that confirmed it. */
function readAt({ source, field }: Match, guest: GuestEntity, reportedAt: number | null): number | null {
  if (source === 'addresses') return reportedAt;
  if (source === 'config') return guest.configSeen;
  const open = guest.unconfirmed?.[field];
  return open === undefined ? guest.lastSeen : open;
}

async function findCluster(
  query: Query,
  wanted: ResourceType | undefined,
  store: StoreReader,
): Promise<Found[]> {
  if (wanted !== undefined && wanted !== 'cluster') return [];
  return (await store.details('quorum')).flatMap(({ data, observedAt }) => {
    const named = [CLUSTER.id, data.name ?? CLUSTER.id].find(name => query.matchesName(name));
    const { quorate, options = {} } = data.state;
    const set = matchSettings(query, 'options', options, 'datacenter');
    if (named === undefined && set.length === 0) return [];
    const status = quorate === undefined ? 'unknown' : quorate ? 'quorate' : 'no quorum';
    const rank = named?.toLowerCase() === query.text ? 0 : 3;
    const name: Match[] =
      named === undefined ? [] : [{ rank, field: 'name', value: named, source: 'inventory' }];
    return {
      matches: [...name, ...set].sort((one, other) => one.rank - other.rank),
      at: observedAt,
      row: {
        resource: formatKey(CLUSTER),
        name: data.name === null ? null : clusterText(data.name, 80),
        status,
      },
    };
  });
}

async function findNodes(
  query: Query,
  wanted: ResourceType | undefined,
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<Found[]> {
  if (wanted !== undefined && wanted !== 'node') return [];
  const nodes = await store.nodes();
  const sights = await nodeSights(store, nodes);
  return nodes
    .filter(node => query.matchesName(node.id))
    .map(node => ({
      matches: [{ rank: node.id === query.text ? 0 : 3, field: 'name', value: node.id, source: 'inventory' }],
      at: node.lastSeen,
      row: {
        resource: `node/${node.id}`,
        status: nodeStatus(node, sights),
        last_status: sights.unseen.has(node.id) ? node.status : null,
        ...unseenFields(sights.unseen.get(node.id) ?? null, timeZone),
      },
    }));
}

async function findStorages(
  query: Query,
  wanted: ResourceType | undefined,
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<Found[]> {
  if (wanted !== undefined && wanted !== 'storage') return [];
  const [storages, views, sight] = await Promise.all([
    store.storages(),
    store.nodeStorages(),
    storageSight(store),
  ]);
  const viewsOf = Map.groupBy(views, view => view.storageId);
  return storages.flatMap(storage => {
    const matches = matchStorage(query, storage);
    const own = storageFacts(storage, viewsOf.get(storage.id) ?? [], sight);
    const out = own.find(view => view.out !== null)?.out ?? null;
    const row = {
      resource: `storage/${storage.id}`,
      status: storageStatus(storage, own.length > 0 && own.every(view => view.out !== null)),
      ...unseenFields(out, timeZone),
    };
    return matches.length === 0 ? [] : [{ matches, at: storage.lastSeen, row }];
  });
}

/** Only a disabled or unseen storage has a status. */
function storageStatus({ enabled }: StorageEntity, unseen: boolean): string | null {
  if (unseen) return 'unknown';
  return enabled ? null : 'disabled';
}

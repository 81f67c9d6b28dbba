import { existsOn, nodeListRow, nodeRow, storageRow } from '../cluster-rows.ts';
import { measuredAt, publishedFacts, resourceRow } from '../guest-rows.ts';
import type { ApiRequest, Route } from '../route.ts';
import { RowCache, RowJson } from '../row-cache.ts';
import { guestUsage } from '../usage.ts';

type Row = Record<string, unknown>;

/** The lists of everything: what the token may not see is silently missing. */
export const resourceRoutes: Route[] = [
  {
    path: '/cluster/resources',
    query: { type: { enum: ['vm', 'storage', 'node', 'sdn'] } },
    answer: request => {
      const { type } = request.query;
      const rows: (Row | RowJson)[] = [];
      if (type === undefined) rows.push(...poolRows(request));
      if (type === undefined || type === 'vm') rows.push(...guestRows(request));
      if (type === undefined || type === 'node') rows.push(...nodeRows(request));
      if (type === undefined || type === 'storage') rows.push(...storageRows(request));
      if (type === undefined || type === 'sdn') rows.push(...networkRows(request));
      return rows;
    },
  },
  {
    path: '/nodes',
    answer: ({ state, account, entry, certificates }) =>
      [...state.nodes.values()].map(node => nodeListRow(state, node, entry, account.rights, certificates)),
  },
];

const cache = new RowCache();

function guestRows({ state, account: { rights }, order }: ApiRequest): RowJson[] {
  return cache.get(state, rights, 'guests', () => {
    const rows: RowJson[] = [];
    for (const guest of state.guests.values()) {
      if (state.hears(guest.vmid) && rights.has(`/vms/${guest.vmid}`, 'VM.Audit'))
        rows.push(new RowJson(resourceRow(state, guest, rights), order));
    }
    return rows;
  });
}

function nodeRows({ state, account, entry }: ApiRequest): Row[] {
  return [...state.nodes.values()].map(node => {
    const row = nodeRow(state, node, entry, account.rights);
    if (row.uptime !== undefined) row['cgroup-mode'] = 2;
    if (state.ha.size > 0) row.hastate = node.state === 'online' ? 'online' : 'unknown';
    return row;
  });
}

function storageRows({ state, account, order }: ApiRequest): Row[] {
  const rows: Row[] = [];
  for (const storage of state.storages.values()) {
    if (storage.disabled || !maySee(account.rights, storage.storage)) continue;
    for (const node of state.nodes.values()) {
      if (existsOn(storage, node.name)) rows.push(storageRow(state, storage, node, order));
    }
  }
  return rows;
}

function maySee(rights: ApiRequest['account']['rights'], storage: string): boolean {
  return rights.has(
    `/storage/${storage}`,
    'Datastore.Audit',
    'Datastore.AllocateSpace',
    'Datastore.Allocate',
  );
}

/** A pool's row sums up its running guests; a pool without any has no numbers. */
function poolRows({ state, account: { rights } }: ApiRequest): Row[] {
  return cache.get(state, rights, 'pools', () => {
    const rows = new Map<string, Row>();
    for (const pool of state.pools.keys()) {
      if (rights.has(`/pool/${pool}`, 'Pool.Audit'))
        rows.set(pool, { id: `/pool/${pool}`, pool, type: 'pool' });
    }
    for (const guest of state.guests.values()) {
      const row = rows.get(guest.pool ?? '');
      const facts = row === undefined ? null : publishedFacts(state, guest);
      if (row === undefined || facts?.status !== 'running') continue;
      const { cpu, mem, uptime } = guestUsage(guest, facts, measuredAt(state, guest));
      const sums = { maxcpu: facts.maxcpu, maxmem: facts.maxmem, mem, cpu };
      for (const [key, value] of Object.entries(sums)) row[key] = Number(row[key] ?? 0) + value;
      row.uptime = Math.max(Number(row.uptime ?? 0), uptime);
    }
    return [...rows.values()];
  });
}

function networkRows({ state, account }: ApiRequest): Row[] {
  if (!account.rights.has('/sdn/zones/localnetwork', 'SDN.Audit', 'SDN.Use')) return [];
  return [...state.nodes.values()].map(({ name, state: status }) => ({
    id: `network/${name}/zone/localnetwork`,
    network: 'localnetwork',
    'network-type': 'zone',
    node: name,
    status: status === 'online' ? 'ok' : 'unknown',
    type: 'network',
  }));
}

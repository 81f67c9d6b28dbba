import type { StandingVersion } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import type { Reason } from '../../model/reason.ts';
import { NEWEST_SEQ, type StoreReader } from '../../model/store.ts';
import type { OurTime } from '../../model/time.ts';
import type { PlainPart } from '../../model/unseen.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from '../common/api.ts';
import { failureReason } from '../common/failure-reason.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { cutOff } from '../guests/row.ts';
import { knownCluster } from '../inventory/read-cluster.ts';
import { confirmed, findAbsent } from './absent.ts';
import { clusterFacts, type HaStatus, readQdevice } from './cluster-facts.ts';
import type { DatacenterObserved } from './decide.ts';
import { readHaResources, readHaRules, readJobs, readPools } from './read.ts';
import {
  LISTS,
  type ListKnown,
  type ListName,
  type ListRead,
  type ListSeen,
  type SettingSeen,
  TYPE_OF,
} from './seen.ts';
import { optionsState } from './state.ts';

/** Reads the settings of the datacenter. Lists are independent: one that fails leaves the others. */
export async function collectDatacenter(scope: DiscoveryScope, ground: Ground): Promise<DatacenterObserved> {
  const { api, store } = scope;
  const { inventory, rights } = ground;
  const observedAt = scope.now();
  const members = [...ground.nodes.values()].filter(node => !node.removed).length;
  const [known, cluster, [about], looks] = await Promise.all([
    readKnown(scope),
    knownCluster(store),
    store.details('cluster'),
    store.details('list_look', ['options']),
  ]);
  const [reported, status, qdevice] = await Promise.all([
    attempt(() => api.get(endpoints.cluster.options)),
    attempt(() => api.get(endpoints.cluster.haStatus)),
    // With an odd number of nodes it changes nothing about the loss of one.
    members % 2 === 0 ? readQdevice(api, members) : undefined,
  ]);
  const options = rights.seesOptions ? reported.value : null;
  const lists = await Promise.all(
    LISTS.map(list =>
      readList(scope, ground, { list, known: known[list], status: status.value, observedAt }),
    ),
  );
  const reads = { options, status: status.value, qdevice };
  const isKnown = Object.values(reads).some(value => value !== null && value !== undefined);
  return {
    observedAt,
    cutOff: inventory.ofMajority ? null : cutOff(inventory),
    lists,
    options: {
      state: options === null ? null : optionsState(options),
      lastSeen: looks[0]?.observedAt ?? null,
    },
    facts: isKnown ? clusterFacts(reads, about?.data) : null,
    cluster,
    unseen: [
      ...unseenOf('datacenter-options', rights.seesOptions ? reported.failure : null),
      ...unseenOf('ha-status', status.failure),
    ],
  };
}

interface Attempt<T> {
  value: T | null;
  /** Null also where this version of Proxmox VE has no such thing. */
  failure: Reason | null;
}

async function attempt<T>(read: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await read(), failure: null };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    if (error.kind === 'not-implemented') return { value: null, failure: null };
    return { value: null, failure: error.kind === 'forbidden' ? { code: 'no-right' } : failureReason(error) };
  }
}

/** What the token may never read is reported once, by test-connection. */
function unseenOf(code: PlainPart, reason: Reason | null): DatacenterObserved['unseen'] {
  return reason === null || reason.code === 'no-right' ? [] : [{ what: { code }, since: null, reason }];
}

interface Reading {
  list: ListName;
  known: ListKnown;
  status: HaStatus | null;
  observedAt: OurTime;
}

async function readList(
  { api, store }: DiscoveryScope,
  { inventory, rights }: Ground,
  { list, known, status, observedAt }: Reading,
): Promise<ListSeen> {
  const { value, failure } = await attempt(() => READS[list](api, known.facts, observedAt, status));
  if (value === null) return { list, items: null, failure, whole: false, absences: new Map(), known };
  // An item listed twice counts once.
  const listed = [...new Map(value.items.map(item => [item.id ?? item.detail.subject, item])).values()];
  const items = await confirmed(api, list, listed, known, observedAt);
  const isRead = value.whole && items.length === listed.length;
  const whole = isRead && (list !== 'pool' || !rights.poolsHidden);
  // A node that is cut off has outdated lists, so what they lack may still exist.
  const absences = inventory.ofMajority && isRead ? await findAbsent(api, list, items, known) : new Map();
  const versions = new Map([...(await deletedOf(store, list, items, known)), ...known.versions]);
  return { list, items, failure: null, whole, absences, known: { ...known, versions } };
}

/** The last version of each item that exists (again) although history does not have it as living. */
async function deletedOf(
  store: StoreReader,
  list: ListName,
  items: readonly SettingSeen[],
  { versions }: ListKnown,
): Promise<[string, StandingVersion][]> {
  const ids = items.flatMap(({ id }) => (id === null || versions.has(id) ? [] : [id]));
  if (ids.length === 0) return [];
  const past = await store.versionsAt(
    NEWEST_SEQ,
    ids.map(id => ({ type: TYPE_OF[list], id })),
  );
  return past.map(version => [version.resourceId, version]);
}

const READS: {
  readonly [L in ListName]: (
    api: Api,
    facts: readonly Detail[],
    observedAt: OurTime,
    status: HaStatus | null,
  ) => Promise<ListRead>;
} = {
  backup_job: (api, facts, at) => readJobs(api, facts as Detail<'backup_job'>[], at),
  pool: (api, facts, at) => readPools(api, facts as Detail<'pool'>[], at),
  ha: (api, facts, at, status) => readHaResources(api, facts as Detail<'ha'>[], status, at),
  ha_rule: (api, facts, at) => readHaRules(api, facts as Detail<'ha_rule'>[], at),
};

/** What is known of each list. */
async function readKnown({
  store,
  clockOffset,
}: DiscoveryScope): Promise<{ readonly [L in ListName]: ListKnown }> {
  const types = [...new Set(Object.values(TYPE_OF))];
  const [versions, looks, facts] = await Promise.all([
    Promise.all(types.map(type => store.everythingAt(NEWEST_SEQ, type))),
    store.details('list_look'),
    Promise.all(LISTS.map(list => store.details(list) as Promise<Detail[]>)),
  ]);
  const newest = versions.flat();
  const entries = LISTS.map((list, index): [ListName, ListKnown] => [
    list,
    {
      versions: new Map(newest.filter(one => isOf(list, one)).map(one => [one.resourceId, one])),
      facts: facts[index]!,
      lastWhole: looks.find(look => look.subject === list)?.observedAt ?? null,
      clockAhead: clockOffset(),
    },
  ]);
  return Object.fromEntries(entries) as { [L in ListName]: ListKnown };
}

/** HA resources and HA rules share a type; only a guest's name has a colon. */
function isOf(list: ListName, { type, resourceId }: StandingVersion): boolean {
  if (type !== TYPE_OF[list]) return false;
  return type !== 'ha' || resourceId.includes(':') === (list === 'ha');
}

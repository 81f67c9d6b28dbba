import { DETAIL_TOPICS, type Detail } from '../../model/detail.ts';
import type {
  GuestEntity,
  NodeEntity,
  NodeStorageEntity,
  StorageEntity,
  Unconfirmed,
} from '../../model/entity.ts';
import { storableTime } from '../../model/limits.ts';
import type { CommitWriter, StoreReader } from '../../model/store.ts';
import { type OurTime, ourTime } from '../../model/time.ts';

/*
 * Moments are recorded by our own clock. Where it was set, known moments are shifted so that they can be compared with
 * those it gives from now on.
 */

/** A guest with its moments shifted (ms). Its creation and start are in the cluster's time and stay as they are. */
export function redatedGuest(guest: GuestEntity, by: number): GuestEntity {
  return {
    ...guest,
    bootAt: moved(guest.bootAt, by),
    lastSeen: moved(guest.lastSeen, by),
    configSeen: moved(guest.configSeen, by),
    unconfirmed: movedFacts(guest.unconfirmed, by),
  };
}

/** A node with its moments shifted (ms). */
export function redatedNode(node: NodeEntity, by: number): NodeEntity {
  return {
    ...node,
    bootAt: moved(node.bootAt, by),
    lastSeen: moved(node.lastSeen, by),
    unconfirmed: movedFacts(node.unconfirmed, by),
  };
}

/** The rows of other facets, with their moments shifted. */
export interface RedatedFacets {
  storages: StorageEntity[];
  nodeStorages: NodeStorageEntity[];
  details: Detail[];
}

/** Loads the rows of all facets but the inventory and shifts their moments (ms). */
export async function redateFacets(store: StoreReader, by: number): Promise<RedatedFacets> {
  const [storages, nodeStorages, ...details] = await Promise.all([
    store.storages(),
    store.nodeStorages(),
    ...DETAIL_TOPICS.map(topic => store.details(topic) as Promise<Detail[]>),
  ]);
  return {
    storages: storages.map(one => ({ ...one, lastSeen: moved(one.lastSeen, by) })),
    nodeStorages: nodeStorages.map(one => ({
      ...one,
      lastSeen: moved(one.lastSeen, by),
      unconfirmed: movedFacts(one.unconfirmed, by),
    })),
    details: details.flat().map(one => redatedDetail(one, by)),
  };
}

function redatedDetail(one: Detail, by: number): Detail {
  const observedAt = moved(one.observedAt, by)!;
  if (!isOfNode(one) || one.data.unconfirmed === undefined) return { ...one, observedAt };
  return { ...one, observedAt, data: { ...one.data, unconfirmed: movedFacts(one.data.unconfirmed, by)! } };
}

function isOfNode(one: Detail): one is Detail<'node'> {
  return one.topic === 'node';
}

/** Writes what `redateFacets` returned. */
export async function commitRedated(commit: CommitWriter, facets: RedatedFacets): Promise<void> {
  await commit.upsertStorages(facets.storages);
  await commit.upsertNodeStorages(facets.nodeStorages);
  await commit.upsertDetails(facets.details);
}

function movedFacts(facts: Unconfirmed | null, by: number): Unconfirmed | null {
  return facts && Object.fromEntries(Object.entries(facts).map(([fact, at]) => [fact, moved(at, by)]));
}

function moved(at: OurTime | null, by: number): OurTime | null {
  return at === null ? null : ourTime(storableTime(at + by));
}

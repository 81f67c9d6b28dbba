import type { CommitEntity } from '../../model/entity.ts';
import type { GuestObservation, InventoryObservation } from '../../model/observation.ts';
import { type Boots, formerOffset, lookedAt, recallClock } from '../common/clock.ts';
import { type Known, type Listed, withEntries } from '../common/ground.ts';
import { type RedatedFacets, redatedGuest, redatedNode, redateFacets } from '../common/redate.ts';
import { type Rights, readRights } from '../common/rights.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { auditedPools } from '../guests/confirm.ts';
import { claimCluster } from './claim-cluster.ts';
import { readInventory } from './read.ts';

/** The listing beside what is known, in comparable form; nothing in it is confirmed yet. */
export interface Observed extends Listed {
  /** The last commit that covered the whole inventory; null at first sight. */
  readonly previous: CommitEntity | null;
  /** Rows of other facets that have to be rewritten because our clock was set; null where it was not. */
  readonly redated: RedatedFacets | null;
}

/**
 * Reads the listing and the token's rights, and makes sure that the store belongs to this cluster.
 * @throws ProxmoxError when the listing fails, ClusterMismatchError for another cluster's store; nothing is written then.
 */
export async function collectInventory(scope: DiscoveryScope, known: Known): Promise<Observed> {
  const { api, store, now } = scope;
  const [previous, last, former] = await Promise.all([
    store.lastCommit('inventory', { complete: true }),
    store.lastCommit('inventory'),
    formerOffset(store),
  ]);
  const [listing, rights] = await Promise.all([
    readInventory(api, now),
    readRights(api, store, previous && lookedAt(former, previous)),
  ]);
  await claimCluster(scope, known, listing);
  const { guests, inventory } = await withoutBlindPools(scope, known.guests, listing, rights);
  const clock = recallClock(former, scope, {
    boots: bootsOf({ nodes: known.nodes, guests }, inventory),
    elapsed: inventory.observedAt - (last?.observedAt ?? 0),
  });
  const redated = clock.redateBy === 0 ? null : await redateFacets(store, clock.redateBy);
  if (!clock.steady) scope.clocks.forget();
  else if (redated !== null) scope.clocks.doubtAll();
  else if (rights.changed) scope.clocks.askAgain();
  return {
    ...redatedBy(clock.redateBy, { nodes: known.nodes, guests }),
    inventory,
    rights,
    clock,
    previous,
    redated,
  };
}

/** The boots of everything that was known to run and runs now. */
function bootsOf({ nodes, guests }: Known, inventory: InventoryObservation): Boots[] {
  const seen = [
    ...inventory.nodes.map(one => [nodes.get(one.id), one] as const),
    ...[...inventory.listed].map(([key, one]) => [guests.get(key), one] as const),
  ];
  return seen.flatMap(([known, { bootAt: is }]) =>
    known === undefined || known.bootAt === null || is === undefined ? [] : [{ was: known.bootAt, is }],
  );
}

/** What is known, with its moments shifted (ms). */
function redatedBy(by: number, { nodes, guests }: Known): Known {
  if (by === 0) return { nodes, guests };
  return {
    nodes: new Map([...nodes].map(([id, node]) => [id, redatedNode(node, by)])),
    guests: new Map([...guests].map(([key, guest]) => [key, redatedGuest(guest, by)])),
  };
}

/**
 * The listing and what is known, without claims about pools by a token or node that cannot see them: where a guest's former pool
 * is no longer listed and may not be audited, the row says nothing about its pool.
 */
async function withoutBlindPools(
  { api }: DiscoveryScope,
  known: Known['guests'],
  listing: InventoryObservation,
  rights: Rights,
): Promise<{ guests: Known['guests']; inventory: InventoryObservation }> {
  const inPool = (key: string) => known.get(key)?.pool ?? null;
  const open = rights.poolsUnknown ? [...known].filter(([, guest]) => guest.pool === null) : [];
  const guests = withEntries(
    known,
    open.map(([key, guest]) => [key, { ...guest, unconfirmed: { ...guest.unconfirmed, pool: null } }]),
  );
  // A node that is cut off knows its own guests; pools and requested HA states may have changed without it.
  if (!listing.ofMajority) {
    const blind = [...listing.listed].filter(([key]) => known.has(key));
    const rows = blind.map(
      ([key, row]) => [key, { ...row, pool: undefined, ha: undefined, haPassing: false }] as const,
    );
    return { guests, inventory: withRows(listing, rows) };
  }
  const doubtful = [...listing.listed].filter(
    ([key, row]) => row.pool === null && inPool(key) !== null && !listing.pools.has(inPool(key)!),
  );
  const audited = await auditedPools(api, new Set(doubtful.map(([key]) => inPool(key)!)));
  const rows = doubtful.filter(([key]) => !audited.has(inPool(key)!));
  return {
    guests,
    inventory: withRows(
      listing,
      rows.map(([key, row]) => [key, { ...row, pool: undefined }]),
    ),
  };
}

function withRows(
  listing: InventoryObservation,
  rows: (readonly [string, GuestObservation])[],
): InventoryObservation {
  if (rows.length === 0) return listing;
  const listed = withEntries(listing.listed, rows);
  return { ...listing, listed, guests: [...listed.values()] };
}

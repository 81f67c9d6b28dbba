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

/** The listing, beside what is known: made comparable to it, and nothing of it believed yet. */
export interface Observed extends Listed {
  /** The last commit that covered the inventory whole; null at first sight. */
  readonly previous: CommitEntity | null;
  /** What of other facets is to be written anew, since our clock was set; null where it was not. */
  readonly redated: RedatedFacets | null;
}

/**
 * Reads the listing and the token's rights, and makes sure that the store is this cluster's.
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
  if (!clock.steady || redated !== null) scope.clocks.forget();
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

/** What was known to run and still does, or runs again. */
function bootsOf({ nodes, guests }: Known, inventory: InventoryObservation): Boots[] {
  const seen = [
    ...inventory.nodes.map(one => [nodes.get(one.id), one] as const),
    ...[...inventory.listed].map(([key, one]) => [guests.get(key), one] as const),
  ];
  return seen.flatMap(([known, { bootAt: is }]) =>
    known === undefined || known.bootAt === null || is === undefined ? [] : [{ was: known.bootAt, is }],
  );
}

/** What is known, its moments moved so much (ms). */
function redatedBy(by: number, { nodes, guests }: Known): Known {
  if (by === 0) return { nodes, guests };
  return {
    nodes: new Map([...nodes].map(([id, node]) => [id, redatedNode(node, by)])),
    guests: new Map([...guests].map(([key, guest]) => [key, redatedGuest(guest, by)])),
  };
}

/**
 * The listing and what is known, without what a token or a node that is blind for pools only seems to tell of them: where a
 * guest's former pool is no longer listed and may not be audited either, the row says nothing of its pool.
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
  // A node that is cut off knows the guests it has; the pools and what HA was asked for may have moved on without it.
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

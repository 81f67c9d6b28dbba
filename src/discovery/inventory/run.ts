import type { Committed } from '../common/committed.ts';
import type { Known } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { collectInventory } from './collect.ts';
import { commitInventory } from './commit.ts';
import { confirmInventory } from './confirm.ts';
import { decideInventory } from './decide.ts';

/** What the inventory is decided by, as a value of its own so that whoever records verdicts can stand in between. */
export const inventoryStages = { decide: decideInventory };

/**
 * Reads the listing, confirms at the guests what would make history, and commits nodes and guests: the ground on which every
 * other facet stands.
 * @throws ProxmoxError when the listing fails (nothing is written), ClusterMismatchError for another cluster's store.
 */
export async function bringInventory(scope: DiscoveryScope, known: Known): Promise<Committed> {
  const observed = await collectInventory(scope, known);
  const confirmed = await confirmInventory(scope, observed);
  const decided = inventoryStages.decide(confirmed.facts);
  return commitInventory(scope, observed, confirmed, decided);
}

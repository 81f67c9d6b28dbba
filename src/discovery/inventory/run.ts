import type { Committed } from '../common/committed.ts';
import type { Known } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { collectInventory } from './collect.ts';
import { commitInventory } from './commit.ts';
import { confirmInventory } from './confirm.ts';
import { decideInventory } from './decide.ts';

/** The inventory's decision as a replaceable value, so that tests can record verdicts. */
export const inventoryStages = { decide: decideInventory };

/**
 * Reads the listing, confirms with the guests what would make history, and commits nodes and guests: the ground on which every
 * other facet builds.
 * @throws ProxmoxError when the listing fails (nothing is written), ClusterMismatchError for another cluster's store.
 */
export async function bringInventory(scope: DiscoveryScope, known: Known): Promise<Committed> {
  const observed = await collectInventory(scope, known);
  const confirmed = await confirmInventory(scope, observed);
  const decided = inventoryStages.decide(confirmed.facts);
  return commitInventory(scope, observed, confirmed, decided);
}

import { type Committed, committed } from '../common/committed.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import type { AddressesDecided } from './decide.ts';

/** Writes the addresses that guests reported. */
export async function commitAddresses(
  { store, lease, runId }: DiscoveryScope,
  ground: Ground,
  { rows, observedAt, complete }: AddressesDecided,
): Promise<Committed> {
  const head = { runId, facet: 'addresses', observedAt, complete } as const;
  await store.commitFacet(lease, head, commit => commit.upsertDetails(rows));
  return committed(ground);
}

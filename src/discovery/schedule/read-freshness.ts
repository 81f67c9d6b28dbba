import { describeError, MpcError } from '../../errors.ts';
import type { CommitEntity } from '../../model/entity.ts';
import type { Facet } from '../../model/facet.ts';
import type { Freshness } from '../../model/freshness.ts';
import type { UnseenReader } from '../common/unseen.ts';

/**
 * The freshness of an answer from these facets: their newest commits, after a refresh that may have failed.
 * @throws the failure itself where the store knows nothing about them yet.
 */
export async function readFreshness(
  unseen: UnseenReader,
  facets: ReadonlySet<Facet>,
  commits: ReadonlyMap<Facet, CommitEntity>,
  failure: unknown,
): Promise<Freshness> {
  const asOf: Freshness['asOf'] = {};
  for (const facet of facets) asOf[facet] = commits.get(facet)?.observedAt || null;
  const ages = Object.values(asOf);
  if (failure !== null && ages.length > 0 && ages.every(at => at === null)) throw failure;
  const since = ages.reduce<number | null>(
    (oldest, at) => (at === null ? oldest : Math.min(oldest ?? at, at)),
    null,
  );
  return {
    asOf,
    source: failure === null ? 'live' : 'store',
    stale:
      failure === null
        ? null
        : { since, reason: { code: 'failed', error: errorCode(failure), text: describeError(failure) } },
    unseen: await unseen.of(commits),
  };
}

/** The code of an MpcError; `unexpected` for any other. */
function errorCode(failure: unknown): string {
  return failure instanceof MpcError ? failure.code : 'unexpected';
}

import { describeError } from '../errors.ts';
import type { CommitEntity, Unseen } from '../model/entity.ts';
import type { Facet } from '../model/facet.ts';
import type { Freshness } from '../model/freshness.ts';
import type { StoreReader } from '../model/store.ts';

/**
 * What an answer from these facets rests on: their newest commits, after a refresh that may have failed.
 * @throws the failure itself where the store knows nothing of them yet.
 */
export async function readFreshness(
  store: StoreReader,
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
    stale: failure === null ? null : { since, reason: describeError(failure) },
    unseen: await readUnseen(store, commits),
  };
}

/** What each facet's last run could not see of it: another facet's run, later or under way, has not looked. */
async function readUnseen(store: StoreReader, commits: ReadonlyMap<Facet, CommitEntity>): Promise<Unseen[]> {
  const ids = [...new Set([...commits.values()].map(commit => commit.runId))];
  const runs = new Map((await store.runs(ids)).map(run => [run.id, run]));
  return [...commits].flatMap(([facet, { runId }]) => {
    const unseen = runs.get(runId)?.unseen ?? [];
    // Earlier versions did not write down what it belongs to.
    return unseen.filter(one => (one.facet ?? 'inventory') === facet);
  });
}

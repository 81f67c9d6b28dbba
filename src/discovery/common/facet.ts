import { LeaseLostError } from '../../database/errors.ts';
import { type Committed, followedBy } from './committed.ts';
import type { Ground } from './ground.ts';
import type { DiscoveryScope } from './scope.ts';

/**
 * How a facet gets from the API into the store: what was observed (and confirmed where needed), what that means, and what of it
 * is committed. Each stage hands a plain value to the next; only the first asks the API, only the last writes.
 */
export interface FacetStages<Observed, Decided> {
  /** The facet may be due without being asked for: `collect` finds out, and returns nothing where it is not. */
  readonly unasked?: true;
  /** One value, or one for each part where the facet is committed in parts; null where there is nothing to commit. */
  collect(
    scope: DiscoveryScope,
    ground: Ground,
    wanted: boolean,
  ): Promise<Observed | null> | AsyncIterable<Observed>;
  /** Pure: equal observations give equal decisions. */
  decide(observed: Observed): Decided;
  /** Commits in one transaction. @throws LeaseLostError, having written nothing. */
  commit(scope: DiscoveryScope, ground: Ground, decided: Decided): Promise<Committed>;
}

/** The outcome of a facet: what was committed (null for nothing), and the error that ended it early. */
export interface Brought {
  committed: Committed | null;
  failure: unknown;
}

/** A facet that a run can carry out. */
export interface FacetStep {
  /** Its stages, as declared. */
  readonly stages: FacetStages<unknown, unknown>;
  /**
   * Collects, decides and commits; does nothing where the facet is neither wanted nor due. After a failure, earlier parts stay
   * committed.
   * @throws LeaseLostError: everything read in this run is outdated, for every facet.
   */
  bring(scope: DiscoveryScope, ground: Ground, wanted: boolean): Promise<Brought>;
}

/** Makes a facet step from its stages. */
export function facet<Observed, Decided>(stages: FacetStages<Observed, Decided>): FacetStep {
  return {
    stages: stages as FacetStages<unknown, unknown>,
    bring: async (scope, ground, wanted) => {
      let done: Committed | null = null;
      try {
        if (!wanted && !stages.unasked) return { committed: null, failure: null };
        for await (const observed of parts(stages.collect(scope, ground, wanted)))
          done = followedBy(
            done,
            await stages.commit(scope, done?.ground ?? ground, stages.decide(observed)),
          );
        return { committed: done, failure: null };
      } catch (failure) {
        if (failure instanceof LeaseLostError) throw failure;
        return { committed: done, failure };
      }
    },
  };
}

async function* parts<T>(collected: Promise<T | null> | AsyncIterable<T>): AsyncGenerator<T> {
  if (Symbol.asyncIterator in collected) yield* collected;
  else {
    const one = await collected;
    if (one !== null) yield one;
  }
}

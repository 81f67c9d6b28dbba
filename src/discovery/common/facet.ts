import { LeaseLostError } from '../../database/errors.ts';
import { type Committed, followedBy } from './committed.ts';
import type { Ground } from './ground.ts';
import type { DiscoveryScope } from './scope.ts';

/**
 * How a facet comes from the API into the store: what was observed (and confirmed where that is needed), what that means, and
 * what is committed of it. Each stage hands a plain value to the next one; only the first asks the API, only the last writes.
 */
export interface FacetStages<Observed, Decided> {
  /** It may be due though nobody asks for it: `collect` finds out, and brings nothing where it is not. */
  readonly unasked?: true;
  /** One value, or where the facet is committed in parts, one for each; null where there is nothing to bring. */
  collect(
    scope: DiscoveryScope,
    ground: Ground,
    wanted: boolean,
  ): Promise<Observed | null> | AsyncIterable<Observed>;
  /** Pure: the same observation always means the same. */
  decide(observed: Observed): Decided;
  /** One transaction. @throws LeaseLostError with nothing written. */
  commit(scope: DiscoveryScope, ground: Ground, decided: Decided): Promise<Committed>;
}

/** What became of a facet: what is committed of it, null where nothing is, and why it went no further. */
export interface Brought {
  committed: Committed | null;
  failure: unknown;
}

/** A facet that a run can bring. */
export interface FacetStep {
  /** Its stages, as declared. */
  readonly stages: FacetStages<unknown, unknown>;
  /**
   * Collects, decides and commits; nothing where it is neither wanted nor due. What failed half-way leaves what was committed.
   * @throws LeaseLostError: what was read is old, of every facet.
   */
  bring(scope: DiscoveryScope, ground: Ground, wanted: boolean): Promise<Brought>;
}

/** Makes a facet of its stages. */
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

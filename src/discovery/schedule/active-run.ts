import type { RunEntity } from '../../model/entity.ts';
import { FACETS, type Facet } from '../../model/facet.ts';
import type { DiscoveryRequest } from '../common/scope.ts';

/** A run under way, with one promise per facet for callers that wait only for that facet. */
export class ActiveRun {
  readonly request: { facets: Set<Facet>; deep: boolean; guests: Set<string> };
  /** When it began to read (ms); undefined while it waits for the lease. */
  startedAt: number | undefined;
  /** It has committed all it could: later callers want something younger. */
  over = false;
  /** The oldest start that satisfies everybody waiting (ms). */
  notBefore: number;
  readonly finished: Promise<RunEntity>;
  readonly #facets = new Map<Facet, PromiseWithResolvers<void>>();
  readonly #whole: PromiseWithResolvers<RunEntity>;

  constructor(request: DiscoveryRequest, notBefore: number) {
    this.notBefore = notBefore;
    this.request = { facets: new Set(request.facets), deep: request.deep, guests: new Set(request.guests) };
    this.#whole = Promise.withResolvers<RunEntity>();
    this.finished = this.#whole.promise;
    for (const facet of FACETS) this.#facets.set(facet, Promise.withResolvers<void>());
    // Possibly nobody waits for a failing promise: the failure is recorded in the run itself.
    this.finished.catch(() => {});
    for (const { promise } of this.#facets.values()) promise.catch(() => {});
  }

  /** Adds to a run that has not begun yet. */
  merge(request: DiscoveryRequest, notBefore: number): void {
    this.notBefore = Math.max(this.notBefore, notBefore);
    for (const facet of request.facets) this.request.facets.add(facet);
    for (const guest of request.guests) this.request.guests.add(guest);
    this.request.deep ||= request.deep;
  }

  /** Whether this run will cover everything that `request` asks for. */
  covers(request: DiscoveryRequest): boolean {
    return (
      [...request.facets].every(facet => this.request.facets.has(facet)) &&
      [...request.guests].every(guest => this.request.guests.has(guest)) &&
      (!request.deep || this.request.deep)
    );
  }

  /** Resolves when these facets are committed; rejects with the failure of any of them. */
  async wait(facets: Iterable<Facet>): Promise<void> {
    await Promise.all([...facets].map(facet => this.#facets.get(facet)!.promise));
  }

  /** Resolves the waits for this facet. */
  facetDone(facet: Facet): void {
    this.#facets.get(facet)!.resolve();
  }
  /** Rejects the waits for this facet; the run continues without it. */
  facetFailed(facet: Facet, error: unknown): void {
    this.#facets.get(facet)!.reject(error);
  }
  /** Everything it could cover is committed, by this process or by another one. */
  done(run: RunEntity): void {
    this.over = true;
    for (const { resolve } of this.#facets.values()) resolve();
    this.#whole.resolve(run);
  }
  /** The run has failed. */
  failed(error: unknown): void {
    this.over = true;
    for (const { reject } of this.#facets.values()) reject(error);
    this.#whole.reject(error);
  }
}

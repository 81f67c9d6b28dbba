import type { RunEntity } from '../../model/entity.ts';
import { FACETS, type Facet } from '../../model/facet.ts';
import type { DiscoveryRequest } from '../common/scope.ts';

/** A run under way, and one promise a facet for those who wait for just that one. */
export class ActiveRun {
  readonly request: { facets: Set<Facet>; deep: boolean; guests: Set<string> };
  /** When it began to read (ms); undefined while it waits for its turn. */
  startedAt: number | undefined;
  /** It has brought what it could: whoever asks from now on wants something younger. */
  over = false;
  /** Nobody who waits for it is content with anything older (ms). */
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
    // Nobody may be waiting for a promise that fails: the failure is recorded in the run itself.
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

  /** Whether this run will bring all that `request` asks for. */
  covers(request: DiscoveryRequest): boolean {
    return (
      [...request.facets].every(facet => this.request.facets.has(facet)) &&
      [...request.guests].every(guest => this.request.guests.has(guest)) &&
      (!request.deep || this.request.deep)
    );
  }

  /** Resolves when these facets are committed; rejects with what kept one from it. */
  async wait(facets: Iterable<Facet>): Promise<void> {
    await Promise.all([...facets].map(facet => this.#facets.get(facet)!.promise));
  }

  /** Lets those go on who wait for this facet. */
  facetDone(facet: Facet): void {
    this.#facets.get(facet)!.resolve();
  }
  /** The run goes on without this facet; whoever waits for it learns why. */
  facetFailed(facet: Facet, error: unknown): void {
    this.#facets.get(facet)!.reject(error);
  }
  /** What it could bring is committed, by this process or by another one in its stead. */
  done(run: RunEntity): void {
    this.over = true;
    for (const { resolve } of this.#facets.values()) resolve();
    this.#whole.resolve(run);
  }
  /** Nothing more will come of it. */
  failed(error: unknown): void {
    this.over = true;
    for (const { reject } of this.#facets.values()) reject(error);
    this.#whole.reject(error);
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LeaseLostError } from '../../database/errors.ts';
import { describeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { RunEntity } from '../../model/entity.ts';
import type { Lease, Store } from '../../model/store.ts';
import type { ActiveRun } from './active-run.ts';

const LEASE_MS = 30_000;
const LEASE_RENEWAL_MS = 10_000;
const LEASE_POLL_MS = 250;
/** Most times in a row that a run is started over. */
const STARTS_OVER = 5;

/** Lets one process at a time discover into a store; the others wait for its run and use it. */
export class Leadership {
  readonly #store: Store;
  readonly #log: Log;
  readonly #closing: AbortSignal;
  readonly #holder = `${process.pid}-${randomUUID()}`;

  constructor(store: Store, log: Log, closing: AbortSignal) {
    this.#store = store;
    this.#log = log;
    this.#closing = closing;
  }

  /**
   * Works under the lease, which is renewed meanwhile, and returns null; or returns the run of another process that covered
   * everything. If the lease is lost mid-run (this machine slept, or another process took over), everything starts anew while
   * callers keep waiting: nothing read before is used.
   * @throws LeaseLostError where that happens several times in a row.
   */
  async take(active: ActiveRun, work: (lease: Lease) => Promise<void>): Promise<RunEntity | null> {
    for (let lost = 0; ; lost++) {
      const turn = await this.#wait(active, lost > 0);
      if ('run' in turn) return turn.run;
      try {
        await this.#under(turn.lease, work);
        return null;
      } catch (error) {
        if (!(error instanceof LeaseLostError) || lost >= STARTS_OVER) throw error;
        active.startedAt = undefined;
        this.#log.info('the run is started over', { error: describeError(error) });
      }
    }
  }

  async #under(lease: Lease, work: (lease: Lease) => Promise<void>): Promise<void> {
    const renewal = setInterval(() => {
      this.#store
        .renewLease(lease, LEASE_MS)
        .catch(error => this.#log.warn('lease not renewed', { error: describeError(error) }));
    }, LEASE_RENEWAL_MS).unref();
    try {
      await work(lease);
    } finally {
      clearInterval(renewal);
      await this.#store.releaseLease(lease);
    }
  }

  /** `lost`: another process may have held the lease meanwhile, and be done. */
  async #wait(active: ActiveRun, lost: boolean): Promise<{ lease: Lease } | { run: RunEntity }> {
    for (let waited = false; ; waited = true) {
      this.#closing.throwIfAborted();
      const run = waited || lost ? await this.#store.lastRun() : null;
      if (run !== null && (await this.#brought(run, active))) return { run };
      if (run !== null && waited && (await this.#isCommitted(active))) return { run };
      const lease = await this.#store.acquireLease(this.#holder, LEASE_MS);
      if (lease !== null) return { lease };
      // Unlike other timers this one keeps a command's process alive while another process discovers.
      await delay(LEASE_POLL_MS);
    }
  }

  /** Whether this run has committed everything that ours was to cover. A facet that failed has no commit. */
  async #brought(run: RunEntity, active: ActiveRun): Promise<boolean> {
    if (!broughtBy(run, active)) return false;
    const commits = await this.#store.commitsOfRun(run.id);
    return [...active.request.facets].every(facet => commits.some(commit => commit.facet === facet));
  }

  /** Drops the facets that other processes have committed recently enough. True when nothing is left to do. */
  async #isCommitted(active: ActiveRun): Promise<boolean> {
    const { request, notBefore } = active;
    if (request.deep || request.guests.size > 0) return false;
    for (const facet of request.facets) {
      const commit = await this.#store.lastCommit(facet);
      if (commit === null || commit.observedAt < notBefore) continue;
      request.facets.delete(facet);
      active.facetDone(facet);
    }
    return request.facets.size === 0;
  }
}

/** Whether this run of another process may have covered everything that ours is to, recently enough for those waiting. */
function broughtBy(run: RunEntity, { request, notBefore }: ActiveRun): boolean {
  return (
    run.status === 'completed' && run.startedAt >= notBefore && !request.deep && request.guests.size === 0
  );
}

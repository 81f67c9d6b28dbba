import type { DiscoveryRequest } from '../common/scope.ts';
import { ActiveRun } from './active-run.ts';

/** Runs one discovery at a time, with at most one waiting, which gathers what is asked for meanwhile. */
export class RunQueue {
  readonly #execute: (run: ActiveRun) => Promise<void>;
  #current: ActiveRun | null = null;
  #next: ActiveRun | null = null;

  /** `execute` carries out a run and settles it in any case: it never rejects. */
  constructor(execute: (run: ActiveRun) => Promise<void>) {
    this.#execute = execute;
  }

  /** The run under way, or null. */
  get current(): ActiveRun | null {
    return this.#current;
  }

  /** Whether another run is waiting. */
  get isAwaited(): boolean {
    return this.#next !== null;
  }

  /** The run under way if it covers the request and began at `notBefore` (ms) or later, otherwise the one after it. */
  schedule(request: DiscoveryRequest, notBefore: number): ActiveRun {
    const current = this.#current?.over ? null : this.#current;
    if (current?.startedAt !== undefined && current.startedAt >= notBefore && current.covers(request))
      return current;
    if (this.#next !== null) {
      this.#next.merge(request, notBefore);
      return this.#next;
    }
    if (current !== null && current.startedAt === undefined) {
      // It has not begun yet, and so can cover this as well.
      current.merge(request, notBefore);
      return current;
    }
    const run = new ActiveRun(request, notBefore);
    if (this.#current === null) this.#start(run);
    else this.#next = run;
    return run;
  }

  /** Waits until both runs have ended, successfully or not. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#current?.finished, this.#next?.finished]);
  }

  #start(active: ActiveRun): void {
    this.#current = active;
    void this.#execute(active).finally(() => {
      this.#current = null;
      const next = this.#next;
      this.#next = null;
      if (next !== null) this.#start(next);
    });
  }
}

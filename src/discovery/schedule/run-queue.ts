import type { DiscoveryRequest } from '../common/scope.ts';
import { ActiveRun } from './active-run.ts';

/** One run at a time, and at most one behind it, which gathers what is asked for meanwhile. */
export class RunQueue {
  readonly #execute: (run: ActiveRun) => Promise<void>;
  #current: ActiveRun | null = null;
  #next: ActiveRun | null = null;

  /** `execute` carries a run out, and settles it whatever happens: it never rejects. */
  constructor(execute: (run: ActiveRun) => Promise<void>) {
    this.#execute = execute;
  }

  /** The run under way, or null. */
  get current(): ActiveRun | null {
    return this.#current;
  }

  /** Whether a run waits for the one under way. */
  get isAwaited(): boolean {
    return this.#next !== null;
  }

  /** The run under way where it covers the request and began at `notBefore` (ms) or later, else the one after it. */
  schedule(request: DiscoveryRequest, notBefore: number): ActiveRun {
    const current = this.#current?.over ? null : this.#current;
    if (current?.startedAt !== undefined && current.startedAt >= notBefore && current.covers(request))
      return current;
    if (this.#next !== null) {
      this.#next.merge(request, notBefore);
      return this.#next;
    }
    if (current !== null && current.startedAt === undefined) {
      // It still waits for its turn: it can bring this, too.
      current.merge(request, notBefore);
      return current;
    }
    const run = new ActiveRun(request, notBefore);
    if (this.#current === null) this.#start(run);
    else this.#next = run;
    return run;
  }

  /** Waits until both runs have ended, however they end. */
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

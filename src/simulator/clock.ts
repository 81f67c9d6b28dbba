interface Timer {
  at: number;
  order: number;
  run: () => void;
}

/**
 * The time at which everything in the simulator happens, in milliseconds since 1970. It stands still unless moved, so tests
 * decide when five minutes have passed. Work deferred with `schedule` runs as the clock passes its time.
 */
export class SimulatorClock {
  /** Called after each piece of deferred work. */
  onTimer: () => void = () => {};
  #now: number;
  #timers: Timer[] = [];
  #order = 0;
  #realStart: number | undefined;
  #interval: NodeJS.Timeout | undefined;

  constructor(now: number) {
    this.#now = now;
  }

  /** The simulated time in milliseconds since 1970. */
  now(): number {
    if (this.#realStart !== undefined) {
      const passed = Date.now() - this.#realStart;
      if (passed > 0) {
        this.#realStart += passed;
        this.#runUntil(this.#now + passed);
      }
    }
    return this.#now;
  }

  /** The simulated time in whole seconds, the unit of the PVE API. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Lets `ms` milliseconds pass; whatever is due meanwhile runs in order, each at its own time. */
  advance(ms: number): void {
    this.#runUntil(this.now() + ms);
  }

  /** Sets the time. Going backwards moves only the clock, as if somebody had set it: nothing is undone. */
  set(time: number): void {
    if (time >= this.now()) this.#runUntil(time);
    else this.#now = time;
  }

  /** Runs `run` when the clock reaches `at` (immediately if that has passed). Returns a function that cancels it. */
  schedule(at: number, run: () => void): () => void {
    if (at <= this.now()) {
      run();
      return () => {};
    }
    const timer = { at, order: this.#order++, run };
    this.#timers.push(timer);
    this.#timers.sort((a, b) => a.at - b.at || a.order - b.order);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  }

  /** From now on the clock follows real time. It does not keep the process alive. */
  followRealTime(): void {
    this.#realStart ??= Date.now();
    this.#interval ??= setInterval(() => this.now(), 250).unref();
  }

  /** Stops the clock again. */
  stopFollowing(): void {
    this.now();
    this.#realStart = undefined;
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  #runUntil(time: number): void {
    for (let next = this.#timers[0]; next !== undefined && next.at <= time; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.run();
      this.onTimer();
    }
    this.#now = Math.max(this.#now, time);
  }
}

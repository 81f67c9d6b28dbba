interface Timer {
  at: number;
  order: number;
  run: () => void;
}

/**
 * The time everything in the simulator happens at, in milliseconds since 1970. It stands still unless moved, so tests
 * decide when five minutes have passed. Work put off with `schedule` runs as the clock passes its time.
 */
export class SimulatorClock {
  /** Called after each piece of work that was put off. */
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

  /** Lets `ms` milliseconds pass; whatever was due in between happens at its own time, in order. */
  advance(ms: number): void {
    this.#runUntil(this.now() + ms);
  }

  /** Moves to a time. Backwards only the clock moves, as when somebody sets a clock: nothing is undone. */
  set(time: number): void {
    if (time >= this.now()) this.#runUntil(time);
    else this.#now = time;
  }

  /** Runs `run` when the clock reaches `at` (at once when that has passed). The result takes it back. */
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

  /** From now on the clock runs with real time. It does not keep the process alive. */
  followRealTime(): void {
    this.#realStart ??= Date.now();
    this.#interval ??= setInterval(() => this.now(), 250).unref();
  }

  /** The clock stands still again. */
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

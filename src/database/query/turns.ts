import { QueryLimitError } from '../errors.ts';

/** How many queries run at once. */
const AT_ONCE = 2;

/** Lets a few queries run at once; the others wait, within their own time. */
export class QueryTurns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Runs `work` in its turn, with the rest (ms) of `withinMs`. @throws QueryLimitError when its turn did not come in time. */
  async run<T>(withinMs: number, work: (msLeft: number) => Promise<T>): Promise<T> {
    const until = performance.now() + withinMs;
    await this.#turn(withinMs);
    try {
      return await work(Math.max(1, until - performance.now()));
    } finally {
      // A turn passes on to the query that waited longest, so that none that comes now takes it.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #turn(withinMs: number): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = () => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(
        new QueryLimitError(
          'Other queries are running, and this one had no turn in time.',
          'Ask again in a moment.',
        ),
      );
    };
    const timer = setTimeout(late, withinMs);
    this.#waiting.push(resolve);
    await promise.finally(() => clearTimeout(timer));
  }
}

/** The error of a query that took too long. */
export function tookTooLong(): QueryLimitError {
  return new QueryLimitError('The query took too long and was stopped.');
}

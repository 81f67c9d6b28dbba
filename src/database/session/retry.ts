import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy, translateError } from '../translate-error.ts';

/** How long, and after which errors, work is retried. */
export interface RetryOptions {
  /** How long to keep trying, in ms. */
  forMs: number;
  /** Which errors are worth another attempt; by default, busy ones. */
  when?: (error: unknown) => boolean;
}

/**
 * Retries while other processes lock the database, without blocking the event loop as SQLite's own busy_timeout would. Waits are
 * short and random, so that processes that collided do not collide again.
 * @throws the last error, translated, when time is up or another attempt is pointless.
 */
export async function retrying<T>(options: RetryOptions, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + options.forMs;
  const worthIt = options.when ?? isBusy;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      const error = translateError(thrown);
      if (!worthIt(error) || performance.now() >= until) throw error;
      await sleep(1 + Math.random() * Math.min(40, 2 ** attempt));
    }
  }
}

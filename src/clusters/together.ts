import { setTimeout as delay } from 'node:timers/promises';

/** How long the others wait for a slow one after the first has answered (ms), and for what its store then says. */
const WAIT_MS = 1_500;
const STORE_MS = 400;

/** How one cluster answered. */
export type Outcome<T> = { value: T; late: boolean } | { error: unknown };

/**
 * Asks all of them at once. When one has answered, the others have `WAIT_MS` left; who is slower is asked for what is known
 * without asking the cluster (`known`), and goes on behind our back: the next call finds what it brought.
 */
export async function together<T>(
  clusters: readonly string[],
  ask: (cluster: string) => Promise<T>,
  known: ((cluster: string) => Promise<T>) | null,
): Promise<Map<string, Outcome<T>>> {
  const outcomes = new Map<string, Outcome<T>>();
  const first = Promise.withResolvers<void>();
  const asked = clusters.map(async cluster => {
    try {
      const value = await ask(cluster);
      outcomes.set(cluster, outcomes.get(cluster) ?? { value, late: false });
      first.resolve();
    } catch (error) {
      outcomes.set(cluster, outcomes.get(cluster) ?? { error });
    }
  });
  const all = Promise.all(asked);
  await Promise.race([all, first.promise.then(() => delay(WAIT_MS, undefined, { ref: false }))]);
  const late = clusters.filter(cluster => !outcomes.has(cluster));
  await Promise.all(
    late.map(async cluster => {
      const stored = known === null ? null : await inTime(known(cluster));
      outcomes.set(cluster, stored === null ? { error: new TooSlow() } : { value: stored.value, late: true });
    }),
  );
  return new Map(clusters.map(cluster => [cluster, outcomes.get(cluster)!]));
}

/** A cluster did not answer while the others waited. */
class TooSlow extends Error {
  constructor() {
    super('has not answered within 2 s of the others, and its store knows nothing yet: ask again');
  }
}

async function inTime<T>(work: Promise<T>): Promise<{ value: T } | null> {
  const done = work.then(
    value => ({ value }),
    () => null,
  );
  return Promise.race([done, delay(STORE_MS, null, { ref: false })]);
}

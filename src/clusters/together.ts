import { setTimeout as delay } from 'node:timers/promises';

/**
 * After the first answer: when the stores of slow clusters are asked as well (ms), how long their own answers are still accepted,
 * and how long their stores may take.
 */
const STORE_AFTER_MS = 1_000;
const WAIT_MS = 1_500;
const STORE_MS = 900;

/** One cluster's answer or error. */
export type Outcome<T> = { value: T; late: boolean } | { error: unknown };

/**
 * Asks all clusters at once. When one has answered, the others have `WAIT_MS` left. For slower ones, the answer without asking
 * the cluster (`known`) is used, while their requests continue in the background: the next call finds their results.
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
  const missing = () => clusters.filter(cluster => !outcomes.has(cluster));
  const until = (ms: number) => Promise.race([all, delay(ms, undefined, { ref: false })]);
  await Promise.race([all, first.promise.then(() => until(STORE_AFTER_MS))]);
  const stores = new Map(missing().map(cluster => [cluster, known === null ? null : inTime(known(cluster))]));
  if (stores.size > 0) await until(WAIT_MS - STORE_AFTER_MS);
  await Promise.all(
    missing().map(async cluster => {
      const stored = await stores.get(cluster)!;
      if (outcomes.has(cluster)) return;
      outcomes.set(cluster, stored === null ? { error: new TooSlow() } : { value: stored.value, late: true });
    }),
  );
  return new Map(clusters.map(cluster => [cluster, outcomes.get(cluster)!]));
}

/** A cluster did not answer while the others waited. */
class TooSlow extends Error {
  constructor() {
    super('has not answered within 2 s of the others, nor has its store: ask again');
  }
}

async function inTime<T>(work: Promise<T>): Promise<{ value: T } | null> {
  const done = work.then(
    value => ({ value }),
    () => null,
  );
  return Promise.race([done, delay(STORE_MS, null, { ref: false })]);
}

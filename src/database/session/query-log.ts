/** Called for each query with its duration (ms); null where queries are not logged. */
export type QueryLog = ((event: { query: string; duration: number }) => void) | null;

/** What `work` returns, with its statement logged. */
export async function logged<T>(log: QueryLog, query: string, work: () => T | Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    log?.({ query, duration: performance.now() - started });
  }
}

import type { DatabaseStore } from '../store.ts';

/** How many rows of each kind were dropped. */
export interface Pruned {
  versions: number;
  commits: number;
  runs: number;
  tasks: number;
  logLines: number;
  /** Only plans that expired unused. */
  plans: number;
}

/**
 * Drops history from before a moment (ms), except declarations. Each resource keeps its last version before the cut, so the state
 * at every moment since the cut stays exact. Works in small transactions: others read and commit meanwhile.
 */
export async function pruneStore(store: DatabaseStore, before: number): Promise<Pruned> {
  const cut = await store.commitAt(before);
  const none: Pruned = { versions: 0, commits: 0, runs: 0, tasks: 0, logLines: 0, plans: 0 };
  if (!cut) return none;
  const { stateSnapshots, commits, discoveryRuns, tasks, logLines, plans, notes } = store.repositories;
  // Before anything is dropped: the rest of the older history must never be taken for all of it, even if this is killed half-way.
  if (cut.seq > (await notes.horizon())) await notes.setHorizon(cut.seq);
  return {
    versions: await untilNone(() => stateSnapshots.dropSuperseded(cut.seq, BATCH)),
    tasks: await untilNone(() => tasks.dropEndedBefore(before, BATCH)),
    logLines: await untilNone(() => logLines.dropBefore(before, BATCH)),
    plans: await untilNone(() => plans.dropUnusedBefore(before, BATCH)),
    commits: await untilNone(() => commits.dropEmptyBefore(cut.seq, BATCH)),
    runs: await untilNone(() => discoveryRuns.dropEmptyBefore(before, BATCH)),
  };
}

/** Rows per transaction. */
const BATCH = 5_000;

async function untilNone(drop: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const dropped = await drop();
    total += dropped;
    if (dropped === 0) return total;
  }
}

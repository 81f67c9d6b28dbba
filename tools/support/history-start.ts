import type { CommitEntity } from '../../src/model/entity.ts';
import type { StoreReader } from '../../src/model/store.ts';
import type { Resolved } from './moments.ts';

/** The first commit: nothing before it is known. Null in an empty store. */
export function historyStart(store: StoreReader): Promise<CommitEntity | null> {
  return store.firstCommit();
}

/**
 * A start before history begins where the first run ended: what that run found had been there before, so finding it
 * was no change.
 */
export async function skipFirstSight(store: StoreReader, from: Resolved): Promise<Resolved> {
  const first = await store.firstCommit();
  if (first === null) return from;
  const end = (await store.commitsOfRun(first.runId)).at(-1) ?? first;
  return from.seq >= end.seq ? from : { ...from, seq: end.seq };
}

import type { Step } from '../../src/model/change.ts';
import type { CommitEntity } from '../../src/model/entity.ts';
import type { ResourceType } from '../../src/model/resource.ts';
import type { StoreReader } from '../../src/model/store.ts';
import type { Resolved } from './moments.ts';

/** The first commit: nothing before it is known. Null in an empty store. */
export function historyStart(store: StoreReader): Promise<CommitEntity | null> {
  return store.firstCommit();
}

/** Where the first run ended: what it found had been there before, so finding it was no change. 0 in an empty store. */
export async function firstSightEnd(store: StoreReader): Promise<number> {
  const first = await store.firstCommit();
  if (first === null) return 0;
  return ((await store.commitsOfRun(first.runId)).at(-1) ?? first).seq;
}

/** A start before history begins where the first run ended. */
export async function skipFirstSight(store: StoreReader, from: Resolved): Promise<Resolved> {
  const end = await firstSightEnd(store);
  return from.seq >= end ? from : { ...from, seq: end };
}

/**
 * Versions after `from` without first sights of a kind of resource of which nothing at all was known then: storages
 * are first read by whichever run first needs them, and that made none of them.
 */
export async function withoutFirstSights(
  versions: Step[],
  from: number,
  store: StoreReader,
): Promise<Step[]> {
  const sighted = new Set(
    versions.filter(version => version.change === 'discovered').map(version => version.type),
  );
  const fresh = new Set<ResourceType>();
  for (const type of sighted) {
    if ((await store.versions({ type, to: from }, { limit: 1 })).length === 0) fresh.add(type);
  }
  const firstSeq = new Map<ResourceType, number>();
  for (const version of versions) {
    if (!fresh.has(version.type)) continue;
    firstSeq.set(version.type, Math.min(firstSeq.get(version.type) ?? version.seq, version.seq));
  }
  return versions.filter(
    version => version.change !== 'discovered' || version.seq !== firstSeq.get(version.type),
  );
}

import { type Committed, committed } from '../common/committed.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { type BackupsDecided, TOPICS } from './decide.ts';

/** Writes what is known of backups, source by source. */
export async function commitBackups(
  { store, lease, runId }: DiscoveryScope,
  ground: Ground,
  { sources, observedAt, complete, unseen }: BackupsDecided,
): Promise<Committed> {
  const head = { runId, facet: 'backups', observedAt, complete } as const;
  await store.commitFacet(lease, head, async commit => {
    for (const { source, rows } of sources)
      for (const topic of TOPICS)
        await commit.replaceDetails(
          topic,
          source,
          rows.filter(row => row.topic === topic),
        );
  });
  return committed(ground, { unseen });
}

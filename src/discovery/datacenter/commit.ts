import { type Committed, committed, countsOf } from '../common/committed.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { insertVersions } from '../common/versions.ts';
import type { DatacenterDecided } from './decide.ts';

/** Writes the settings of the datacenter. */
export async function commitDatacenter(
  scope: DiscoveryScope,
  ground: Ground,
  { observedAt, complete, unseen, reported, details, versions }: DatacenterDecided,
): Promise<Committed> {
  const head = { runId: scope.runId, facet: 'datacenter', observedAt, complete } as const;
  await scope.store.commitFacet(scope.lease, head, async commit => {
    for (const { topic, rows } of reported) await commit.replaceDetails(topic, '', rows);
    await commit.upsertDetails(details);
    await insertVersions({ ...scope, clock: ground.clock }, commit, versions);
  });
  scope.feed.changed(versions);
  return committed(ground, { unseen, counts: countsOf(versions) });
}

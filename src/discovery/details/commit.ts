import { type Committed, committed, countsOf } from '../common/committed.ts';
import { type Ground, withEntries } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { insertVersions } from '../common/versions.ts';
import type { DetailsDecided } from './decide.ts';

/** Writes what nodes and the cluster report beyond the listing. */
export async function commitDetails(
  scope: DiscoveryScope,
  ground: Ground,
  { nodes, details, reported, versions, observedAt, complete, unseen, warnings }: DetailsDecided,
): Promise<Committed> {
  const head = { runId: scope.runId, facet: 'details', observedAt, complete } as const;
  await scope.store.commitFacet(scope.lease, head, async commit => {
    await commit.upsertNodes(nodes);
    await commit.upsertDetails(details);
    for (const { topic, source, rows } of reported) await commit.replaceDetails(topic, source, rows);
    await insertVersions({ ...scope, clock: ground.clock }, commit, versions);
  });
  scope.feed.changed(versions);
  const known = withEntries(
    ground.nodes,
    nodes.map(node => [node.id, node]),
  );
  return committed({ ...ground, nodes: known }, { unseen, warnings, counts: countsOf(versions) });
}

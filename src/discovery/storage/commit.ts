import type { StorageEntity } from '../../model/entity.ts';
import { reasonKey } from '../../model/reason.ts';
import { earliestOf } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { type Committed, committed, countsOf } from '../common/committed.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { insertVersions } from '../common/versions.ts';
import type { StorageVerdict } from './decide.ts';

/** Writes storages and the nodes' views of them. */
export async function commitStorage(
  scope: DiscoveryScope,
  ground: Ground,
  decided: StorageVerdict,
): Promise<Committed> {
  const { observedAt, complete, versions } = decided;
  const head = { runId: scope.runId, facet: 'storage', observedAt, complete } as const;
  await scope.store.commitFacet(scope.lease, head, async commit => {
    await commit.deleteNodeStorages(decided.obsolete);
    await commit.deleteStorages(decided.deletions);
    await commit.upsertStorages(decided.upserts);
    await commit.upsertNodeStorages(decided.onNodes);
    await commit.upsertDetails(decided.fills);
    for (const { source, rows } of decided.reasons)
      await commit.replaceDetails('storage_reason', source, rows);
    await insertVersions({ ...scope, clock: ground.clock }, commit, versions);
  });
  scope.feed.changed(versions);
  return committed(ground, {
    unseen: [...decided.unseen, ...unseenStorages(decided.upserts)],
    counts: countsOf(versions, decided.upserts.length),
  });
}

/** Storages that this run could not see, grouped by reason. */
function unseenStorages(storages: StorageEntity[]): Unseen[] {
  const lost = storages.filter(storage => storage.unseenReason !== null);
  return [...Map.groupBy(lost, storage => reasonKey(storage.unseenReason!)).values()].map(group => ({
    what:
      group.length === 1
        ? { code: 'resource', resource: `storage/${group[0]!.id}` }
        : { code: 'storages', count: group.length },
    since: earliestOf(group.flatMap(storage => storage.lastSeen ?? [])),
    reason: group[0]!.unseenReason!,
    resources: group.map(storage => `storage/${storage.id}`),
  }));
}

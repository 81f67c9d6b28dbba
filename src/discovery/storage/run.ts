import type { StorageEntity, Unseen } from '../../model/entity.ts';
import type { NodeStorageObservation, StorageObservation } from '../../model/observation.ts';
import { reasonKey } from '../../model/reason.ts';
import { NEWEST_SEQ } from '../../model/store.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Absence } from '../common/absence.ts';
import { clusterTime } from '../common/clock.ts';
import type { RunContext } from '../common/context.ts';
import { failureReason, lostSight } from '../common/failure-reason.ts';
import { insertVersions } from '../common/versions.ts';
import { cutOff } from '../guests/confirm.ts';
import { count } from '../inventory/run.ts';
import { collectNodeStorage, collectStorageDefinitions } from './collect.ts';
import { decideStorage, type StorageBasis } from './decide.ts';
import { fillsDue } from './fill.ts';

/**
 * Reads the storage definitions and each online node's view of them, and commits both.
 * @throws ProxmoxError when the definitions cannot be read; a node that fails keeps its last view.
 */
export async function runStorage(context: RunContext): Promise<void> {
  const { api, store, lease, run, inventory, rights } = context;
  const observedAt = context.now();
  const ahead = clusterTime(context, observedAt) - observedAt;
  const seenFrom = new Map<string, NodeStorageObservation[]>();
  const [defined, known, onNodes, previous, fills] = await Promise.all([
    collectStorageDefinitions(api),
    store.storages(),
    store.nodeStorages(),
    store.lastCommit('storage', { complete: true }),
    store.details('storage_fill'),
    ...[...inventory.online].map(async node => {
      try {
        seenFrom.set(node, await collectNodeStorage(api, node));
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        run.unseen.push({
          what: `storages seen from node ${node}`,
          since: null,
          reason: failureReason(error),
        });
      }
    }),
  ]);
  // A node that is cut off still has the definitions of then.
  const outdated = !inventory.ofMajority && known.length > 0;
  const definitions = outdated ? known.map(asDefined) : defined.definitions;
  if (outdated)
    run.unseen.push({
      what: 'storage definitions',
      since: previous?.observedAt ?? null,
      reason: cutOff(inventory),
    });
  const listed = new Set(definitions.map(definition => definition.id));
  const before = new Set(known.map(storage => storage.id));
  const missing = known.filter(storage => !listed.has(storage.id)).map(storage => storage.id);
  const absences = await findMissing(context, missing);
  // A storage that a node shows, or that still answers, though no definition names it: the list was short.
  const shown = [...seenFrom.values()].flat().map(view => view.storageId);
  const complete =
    inventory.ofMajority &&
    defined.whole &&
    rights.seesAllStorage &&
    shown.every(id => listed.has(id)) &&
    [...absences.values()].every(one => one.verdict !== 'left out');
  const verdict = decideStorage({
    known,
    onNodes,
    definitions,
    outdated,
    seenFrom,
    nodes: new Set([...context.nodes.values()].filter(node => !node.removed).map(node => node.id)),
    absences,
    arrivalsAreCreated: previous !== null && rights.seesAllStorage,
    lastListing: previous && context.clock.looked(previous) - ahead,
    nextIncarnation: await pastIncarnations(
      context,
      [...listed].filter(id => !before.has(id)),
    ),
    observedAt,
  });
  await store.commitFacet(lease, { runId: run.id, facet: 'storage', observedAt, complete }, async commit => {
    await commit.deleteNodeStorages(verdict.obsolete);
    await commit.deleteStorages(verdict.deletions);
    await commit.upsertStorages(verdict.upserts);
    await commit.upsertNodeStorages(verdict.onNodes);
    const now = { storages: verdict.upserts, onNodes: verdict.onNodes };
    await commit.upsertDetails(fillsDue(fills, now, observedAt));
    await insertVersions(context, commit, verdict.versions);
  });
  run.unseen.push(...unseenStorages(verdict.upserts));
  count(context, verdict.versions, verdict.upserts.length);
  context.committed(verdict.versions);
}

/** Storages that this run could not see, summed up by reason. */
function unseenStorages(storages: StorageEntity[]): Unseen[] {
  const lost = storages.filter(storage => storage.unseenReason !== null);
  return [...Map.groupBy(lost, storage => reasonKey(storage.unseenReason!)).values()].map(group => ({
    what: group.length === 1 ? `storage/${group[0]!.id}` : `${group.length} storages`,
    since: Math.min(...group.map(storage => storage.lastSeen ?? Number.POSITIVE_INFINITY)),
    reason: group[0]!.unseenReason!,
    resources: group.map(storage => `storage/${storage.id}`),
  }));
}

/** A storage as it was last known to be defined. */
function asDefined({ contentTypes, ...known }: StorageEntity): StorageObservation {
  const { id, type, shared, enabled, nodes, options } = known;
  return { id, type, content: contentTypes, shared, enabled, nodes, options, unreadOptions: [] };
}

/** Any node can say whether a storage still exists; rights are checked before existence. */
async function findMissing(context: RunContext, missing: string[]): Promise<StorageBasis['absences']> {
  const node = [...context.inventory.online].find(name => !context.api.silentNodes().has(name));
  const verdicts = missing.map(async (storage): Promise<[string, Absence]> => {
    if (node === undefined)
      return [storage, { verdict: 'unseen', reason: { code: 'no-node-to-ask', of: 'storage' } }];
    try {
      await context.api.get(endpoints.storage.status, { node, storage });
      return [storage, { verdict: 'left out', reason: { code: 'listing-short-of', what: 'storage' } }];
    } catch (error) {
      if (!(error instanceof ProxmoxError)) throw error;
      if (error.kind === 'not-found') return [storage, { verdict: 'deleted' }];
      return [storage, { verdict: 'unseen', reason: lostSight(error) }];
    }
  });
  return new Map(await Promise.all(verdicts));
}

async function pastIncarnations(context: RunContext, ids: string[]): Promise<(id: string) => number> {
  const last = await context.store.versionsAt(
    NEWEST_SEQ,
    ids.map(id => ({ type: 'storage', id })),
  );
  const former = new Map(last.map(version => [version.resourceId, version.incarnation]));
  return id => (former.get(id) ?? 0) + 1;
}

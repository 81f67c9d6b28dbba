import type { NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import type { NodeStorageObservation, StorageObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import { NEWEST_SEQ } from '../../model/store.ts';
import { latestOf, toOurTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Absence } from '../common/absence.ts';
import { failureReason, lostSight } from '../common/failure-reason.ts';
import type { Ground } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { cutOff } from '../guests/row.ts';
import type { StorageBasis } from './decide.ts';
import { collectNodeStorage, collectStorageDefinitions } from './read.ts';
import { readReasons } from './reasons.ts';

/**
 * Reads the storage definitions and each online node's view of them, and asks about storages that the definitions lack.
 * @throws ProxmoxError when the definitions cannot be read; a node that fails keeps its last view.
 */
export async function collectStorage(scope: DiscoveryScope, ground: Ground): Promise<StorageBasis> {
  const { api, store } = scope;
  const { inventory, rights } = ground;
  const observedAt = scope.now();
  const [defined, known, onNodes, previous, fills, reported, { seenFrom, failed }] = await Promise.all([
    collectStorageDefinitions(api),
    store.storages(),
    store.nodeStorages(),
    store.lastCommit('storage', { complete: true }),
    store.details('storage_fill'),
    store.details('storage_reason'),
    collectViews(scope, inventory.online),
  ]);
  const unseen = [...failed].map(([node, reason]) => unseenViews(node, reason, onNodes));
  // A node that is cut off has outdated definitions.
  const outdated = !inventory.ofMajority && known.length > 0;
  const definitions = outdated ? known.map(asDefined) : defined.definitions;
  if (outdated)
    unseen.push({
      what: { code: 'storage-definitions' },
      since: previous?.observedAt ?? null,
      reason: cutOff(inventory),
    });
  const listed = new Set(definitions.map(definition => definition.id));
  const absences = await findMissing(
    scope,
    ground,
    known.map(storage => storage.id).filter(id => !listed.has(id)),
  );
  // If a node shows a storage, or one still answers, that no definition names, the list was short.
  const shown = [...seenFrom.values()].flat().map(view => view.storageId);
  const before = new Set(known.map(storage => storage.id));
  return {
    known,
    onNodes,
    fills,
    reasons: { before: reported, now: await readReasons(api, definitions, seenFrom, reported, observedAt) },
    definitions,
    outdated,
    seenFrom,
    nodes: new Set([...ground.nodes.values()].filter(node => !node.removed).map(node => node.id)),
    absences,
    arrivalsAreCreated: previous !== null && rights.seesAllStorage,
    lastListing: previous && toOurTime(ground.clock.looked(previous), scope.clockOffset()),
    pastIncarnations: await pastIncarnations(
      scope,
      [...listed].filter(id => !before.has(id)),
    ),
    observedAt,
    complete:
      inventory.ofMajority &&
      defined.whole &&
      rights.seesAllStorage &&
      shown.every(id => listed.has(id)) &&
      [...absences.values()].every(one => one.verdict !== 'left out'),
    unseen,
  };
}

/** How each node that answers sees the storages, and why the others did not answer. */
async function collectViews(
  { api }: DiscoveryScope,
  online: ReadonlySet<string>,
): Promise<{ seenFrom: Map<string, NodeStorageObservation[]>; failed: Map<string, Reason> }> {
  const seenFrom = new Map<string, NodeStorageObservation[]>();
  const failed = new Map<string, Reason>();
  await Promise.all(
    [...online].map(async node => {
      try {
        seenFrom.set(node, await collectNodeStorage(api, node));
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        failed.set(node, failureReason(error));
      }
    }),
  );
  return { seenFrom, failed };
}

/** The entry for a node that does not report its view of the storages; `since` is when it last did. */
function unseenViews(node: string, reason: Reason, before: readonly NodeStorageEntity[]): Unseen {
  const seen = before.flatMap(view =>
    view.nodeId === node && view.lastSeen !== null ? [view.lastSeen] : [],
  );
  return {
    what: { code: 'storage-views', node },
    since: latestOf(seen),
    reason,
    resources: [`node/${node}`],
  };
}

/** A storage as it was last known to be defined. */
function asDefined({ contentTypes, ...known }: StorageEntity): StorageObservation {
  const { id, type, shared, enabled, nodes, options } = known;
  return { id, type, content: contentTypes, shared, enabled, nodes, options, unreadOptions: [] };
}

/** Any node can say whether a storage still exists; Proxmox checks rights before existence. */
async function findMissing(
  { api }: DiscoveryScope,
  { inventory }: Ground,
  missing: string[],
): Promise<StorageBasis['absences']> {
  const node = [...inventory.online].find(name => !api.silentNodes().has(name));
  const verdicts = missing.map(async (storage): Promise<[string, Absence]> => {
    if (node === undefined)
      return [storage, { verdict: 'unseen', reason: { code: 'no-node-to-ask', of: 'storage' } }];
    try {
      await api.get(endpoints.storage.status, { node, storage });
      return [storage, { verdict: 'left out', reason: { code: 'listing-short-of', what: 'storage' } }];
    } catch (error) {
      if (!(error instanceof ProxmoxError)) throw error;
      if (error.kind === 'not-found') return [storage, { verdict: 'deleted' }];
      return [storage, { verdict: 'unseen', reason: lostSight(error) }];
    }
  });
  return new Map(await Promise.all(verdicts));
}

/** The last incarnation of each of these storages that existed before. */
async function pastIncarnations(
  { store }: DiscoveryScope,
  ids: string[],
): Promise<ReadonlyMap<string, number>> {
  const last = await store.versionsAt(
    NEWEST_SEQ,
    ids.map(id => ({ type: 'storage', id })),
  );
  return new Map(last.map(version => [version.resourceId, version.incarnation]));
}

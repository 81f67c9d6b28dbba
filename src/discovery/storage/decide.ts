import { diffStates } from '../../history/diff.ts';
import { storageState } from '../../history/resource-state.ts';
import type { NewVersion } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import type { NodeStorageEntity, StorageEntity } from '../../model/entity.ts';
import { LONGEST } from '../../model/limits.ts';
import type { NodeStorageObservation, StorageObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import type { JsonObject } from '../../model/state.ts';
import { earliestOf, type OurTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import type { Absence } from '../common/absence.ts';
import { fillsDue } from './fill.ts';
import { reasonsOf, versionsWithReasons, withReasons } from './reason-versions.ts';
import { type Definition, isMoved, unreachableOf, viewsOf } from './views.ts';

/** What is known of storages before the run, and what the run saw. Times in ms. */
export interface StorageBasis {
  known: StorageEntity[];
  onNodes: NodeStorageEntity[];
  /** How full they were. */
  fills: readonly Detail<'storage_fill'>[];
  /** Why nodes cannot reach storages, as Proxmox said before and says now. */
  reasons: { before: readonly Detail<'storage_reason'>[]; now: readonly Detail<'storage_reason'>[] };
  /** The definitions are the last known ones: they could not be read. */
  outdated?: boolean;
  definitions: StorageObservation[];
  /** By node that answered. */
  seenFrom: ReadonlyMap<string, NodeStorageObservation[]>;
  /** Existing nodes. */
  nodes: ReadonlySet<string>;
  /** The fate of missing storages. */
  absences: ReadonlyMap<string, Absence>;
  /** What appears was created: everything was visible before. */
  arrivalsAreCreated: boolean;
  /** When everything was last visible. */
  lastListing?: OurTime | null;
  /** The last incarnations of storages that are new to the store but existed before. */
  pastIncarnations: ReadonlyMap<string, number>;
  observedAt: OurTime;
  /** Everything was seen, so what is lacking is really absent. */
  complete: boolean;
  /** What could not be seen beside the storages themselves. */
  unseen: Unseen[];
}

/** What is to be written about storages; `onNodes` and `obsolete` are the nodes' views to keep and to drop. */
export interface StorageVerdict extends Pick<StorageBasis, 'observedAt' | 'complete' | 'unseen'> {
  upserts: StorageEntity[];
  deletions: string[];
  onNodes: NodeStorageEntity[];
  obsolete: { nodeId: string; storageId: string }[];
  /** How full storages are, where that is due to be recorded. */
  fills: Detail<'storage_fill'>[];
  /** By node (`source`), why it cannot reach storages; replaces what it said before. */
  reasons: { source: string; rows: Detail<'storage_reason'>[] }[];
  versions: NewVersion[];
}

/** Decides what the storage definitions, and each node's view of them, mean. Pure. */
export function decideStorage(basis: StorageBasis): StorageVerdict {
  const { observedAt, complete, unseen } = basis;
  const verdict: StorageVerdict = {
    upserts: [],
    deletions: [],
    onNodes: [],
    obsolete: [],
    fills: [],
    reasons: [],
    versions: [],
    observedAt,
    complete,
    unseen,
  };
  const known = new Map(basis.known.map(storage => [storage.id, storage]));
  const former = Map.groupBy(basis.onNodes, row => row.storageId);
  const seen = Map.groupBy([...basis.seenFrom.values()].flat(), row => row.storageId);
  for (const definition of basis.definitions) {
    const { id } = definition;
    const before = { storage: known.get(id) ?? null, views: former.get(id) ?? [] };
    decidePresence(basis, definition, { before, rows: seen.get(id) ?? [] }, verdict);
  }
  const listed = new Set(basis.definitions.map(definition => definition.id));
  for (const storage of basis.known)
    if (!listed.has(storage.id)) decideAbsence(basis, storage, former.get(storage.id) ?? [], verdict);
  const gone = new Set(verdict.deletions);
  const reasons = basis.reasons.now.filter(row => !gone.has(row.subject));
  const sources = new Set([...basis.reasons.before, ...reasons].map(row => row.source));
  verdict.reasons.push(
    ...[...sources].map(source => ({ source, rows: reasons.filter(row => row.source === source) })),
  );
  const now = { storages: verdict.upserts, onNodes: verdict.onNodes };
  verdict.fills.push(...fillsDue(basis.fills, now, observedAt));
  return verdict;
}

/** What a storage that is defined is now, and how that differs from before. */
function decidePresence(
  basis: StorageBasis,
  observed: StorageObservation,
  {
    before,
    rows,
  }: {
    before: { storage: StorageEntity | null; views: NodeStorageEntity[] };
    rows: NodeStorageObservation[];
  },
  verdict: StorageVerdict,
): void {
  const { storage, views: was } = before;
  const { observedAt, reasons } = basis;
  const definition = whole(observed, storage, observedAt);
  const views = viewsOf(basis, definition, was, rows);
  verdict.onNodes.push(...views);
  verdict.obsolete.push(...was.filter(row => !views.some(view => view.nodeId === row.nodeId)).map(keyOf));
  const after = entityOf(basis, definition, storage, views);
  verdict.upserts.push(after);
  const now = reasonsOf(reasons.now, after.id, views);
  if (storage === null) {
    const state = withReasons(jsonOf(storageState(after, unreachableOf(views))), now);
    verdict.versions.push(
      basis.arrivalsAreCreated
        ? version(after, state, 'created', basis.lastListing ?? null, observedAt)
        : version(after, state, 'discovered', null, observedAt),
    );
    return;
  }
  const bare = (change: NewVersion['change']) => {
    const [entity, seen] = change === 'discovered' ? [storage, was] : [after, views];
    const state = storageState(entity, unreachableOf(seen));
    return version(entity, state, change, storage.lastSeen ?? storage.createdAt, observedAt);
  };
  verdict.versions.push(
    ...versionsWithReasons(changesOf(basis, storage, after, was, views), {
      before: reasonsOf(reasons.before, after.id, was),
      now,
      bare,
    }),
  );
}

/** The reason why a storage is not fully known at first sight. */
const PARTLY_READ: Reason = { code: 'definition-partly-unread' };

/** The definition, with unread parts as they were known. */
function whole(seen: StorageObservation, before: StorageEntity | null, observedAt: OurTime): Definition {
  const standing = seen.unreadOptions.flatMap(key => {
    const known = before?.options[key];
    return known === undefined ? [] : [[key, known] as const];
  });
  const { type, content, shared, enabled, nodes, unreadOptions } = seen;
  const open = [type, content, shared, enabled, nodes].includes(undefined) || unreadOptions.length > 0;
  const isPartlyRead = open && (before === null || before.unseenReason?.code === PARTLY_READ.code);
  return {
    id: seen.id,
    type: type ?? before?.type ?? 'unknown',
    content: content ?? before?.contentTypes ?? [],
    shared: shared ?? before?.shared ?? false,
    enabled: enabled ?? before?.enabled ?? true,
    nodes: nodes ?? before?.nodes ?? [],
    options: { ...seen.options, ...Object.fromEntries(standing) },
    seenAt: open ? (before?.lastSeen ?? null) : observedAt,
    unseenReason: isPartlyRead ? PARTLY_READ : null,
  };
}

/**
 * All differences of a storage, as one change per moment since which they may exist. The definition was last read with the
 * storage; a node that did not answer for a while may have lost the storage at any time since it last answered. The first view of
 * a node that never reported before is knowledge gained, not a change.
 */
function changesOf(
  basis: StorageBasis,
  before: StorageEntity,
  after: StorageEntity,
  was: NodeStorageEntity[],
  views: NodeStorageEntity[],
): NewVersion[] {
  const [from, to] = [storageState(before, unreachableOf(was)), storageState(after, unreachableOf(views))];
  const fields = diffStates(from, to);
  if (before.unseenReason?.code === PARTLY_READ.code)
    return fields.length === 0
      ? []
      : [version(after, to, 'discovered', before.lastSeen ?? before.createdAt, basis.observedAt)];
  const defined = fields.filter(({ path }) => path !== 'unreachable');
  const reach = fields.filter(({ path }) => path === 'unreachable');
  const moved = was.filter(row => views.some(view => isMoved(row, view)));
  const learnt = moved.length > 0 && moved.every(row => row.active === null);
  const seen = moved.flatMap(({ lastSeen }) => lastSeen ?? []);
  // A node that the definition no longer includes leaves together with it.
  const since = earliestOf(seen) ?? before.lastSeen;
  const reachChange = learnt ? 'discovered' : 'updated';
  const together = reach.length > 0 && defined.length > 0 && since === before.lastSeen && !learnt;
  if (together || reach.length === 0)
    return fields.length === 0 ? [] : [{ ...version(after, to, 'updated', since, basis.observedAt), fields }];
  const reached = { ...from, unreachable: to.unreachable };
  const steps: NewVersion[] = [
    {
      ...version(before, reached, reachChange, since ?? before.createdAt, basis.observedAt),
      fields: learnt ? [] : reach,
    },
  ];
  if (defined.length > 0)
    steps.push({ ...version(after, to, 'updated', before.lastSeen, basis.observedAt), fields: defined });
  return steps;
}

function decideAbsence(
  basis: StorageBasis,
  storage: StorageEntity,
  views: NodeStorageEntity[],
  verdict: StorageVerdict,
): void {
  const absence = basis.absences.get(storage.id);
  if (absence?.verdict !== 'deleted') {
    verdict.upserts.push({ ...storage, unseenReason: absence?.reason ?? { code: 'not-listed' } });
    return;
  }
  verdict.deletions.push(storage.id);
  verdict.obsolete.push(...views.map(keyOf));
  const reasons = reasonsOf(basis.reasons.before, storage.id, views);
  const state = withReasons(jsonOf(storageState(storage, unreachableOf(views))), reasons);
  verdict.versions.push(version(storage, state, 'deleted', storage.lastSeen, basis.observedAt));
}

function entityOf(
  basis: StorageBasis,
  definition: Definition,
  before: StorageEntity | null,
  views: NodeStorageEntity[],
): StorageEntity {
  // A shared storage has the same size everywhere; of a local one each node has its own, so none represents all.
  const reported = definition.shared ? views.filter(view => view.totalBytes !== null) : [];
  // A node that reaches it now is a better source than one asked long ago.
  const now = reported.filter(view => view.active && view.lastSeen === basis.observedAt);
  const size = now.find(view => view.unconfirmed === null) ?? now[0] ?? reported[0];
  const path = definition.options['path'];
  return {
    id: definition.id,
    type: definition.type,
    contentTypes: definition.content,
    enabled: definition.enabled,
    shared: definition.shared,
    nodes: definition.nodes,
    path: typeof path === 'string' && path.length <= LONGEST.text ? path : null,
    options: definition.options,
    totalBytes: size?.totalBytes ?? null,
    usedBytes: size?.usedBytes ?? null,
    availableBytes: size?.availableBytes ?? null,
    incarnation: before?.incarnation ?? (basis.pastIncarnations.get(definition.id) ?? 0) + 1,
    lastSeen: basis.outdated ? (before?.lastSeen ?? null) : definition.seenAt,
    unseenReason: definition.unseenReason,
    createdAt: before?.createdAt ?? basis.observedAt,
    updatedAt: basis.observedAt,
  };
}

function jsonOf(state: object): JsonObject {
  return state as JsonObject;
}

function keyOf(row: NodeStorageEntity): { nodeId: string; storageId: string } {
  return { nodeId: row.nodeId, storageId: row.storageId };
}

function version(
  storage: StorageEntity,
  state: object,
  change: NewVersion['change'],
  windowAfter: OurTime | null,
  observedAt: OurTime,
): NewVersion {
  return {
    type: 'storage',
    resourceId: storage.id,
    incarnation: storage.incarnation,
    change,
    facet: 'storage',
    name: storage.id,
    node: null,
    fields: [],
    state: state as JsonObject,
    windowAfter,
    windowBefore: observedAt,
  };
}

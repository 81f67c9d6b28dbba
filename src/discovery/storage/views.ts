import type { NodeStorageEntity, Unconfirmed } from '../../model/entity.ts';
import type { NodeStorageObservation, StorageObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import type { OurTime } from '../../model/time.ts';
import { openFacts } from '../common/unconfirmed.ts';

/** A definition without unread parts. */
export interface Definition extends Required<NoneOpen<Omit<StorageObservation, 'unreadOptions'>>> {
  /** When all of it was last seen (ms). */
  seenAt: OurTime | null;
  unseenReason: Reason | null;
}
type NoneOpen<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** How each node that the storage is meant for sees it; a node that did not answer keeps its last view. */
export function viewsOf(
  basis: { nodes: ReadonlySet<string>; observedAt: OurTime },
  definition: Definition,
  was: NodeStorageEntity[],
  now: NodeStorageObservation[],
): NodeStorageEntity[] {
  const meant = definition.nodes.length > 0 ? definition.nodes : [...basis.nodes];
  return meant
    .filter(node => basis.nodes.has(node))
    .map(node => {
      const before = was.find(row => row.nodeId === node);
      const seen = now.find(row => row.nodeId === node);
      if (seen === undefined || !definition.enabled) {
        return (
          before ?? {
            nodeId: node,
            storageId: definition.id,
            active: null,
            totalBytes: null,
            usedBytes: null,
            availableBytes: null,
            lastSeen: null,
            unconfirmed: null,
          }
        );
      }
      return {
        nodeId: node,
        storageId: definition.id,
        active: seen.active ?? before?.active ?? null,
        totalBytes: seen.totalBytes ?? before?.totalBytes ?? null,
        usedBytes: seen.usedBytes ?? before?.usedBytes ?? null,
        availableBytes: seen.availableBytes ?? before?.availableBytes ?? null,
        lastSeen: basis.observedAt,
        unconfirmed: untold(before, seen),
      };
    });
}

/** The columns of a list that hold a storage's sizes. */
const COLUMNS = { total_gib: 'totalBytes', used_percent: 'usedBytes', free_gib: 'availableBytes' } as const;

/** The sizes that the view of a node that reaches the storage does not tell. */
function untold(before: NodeStorageEntity | undefined, seen: NodeStorageObservation): Unconfirmed | null {
  if (!seen.active) return null;
  const facts = Object.entries(COLUMNS).map(([column, of]) => [
    column,
    {
      told: seen[of] !== null,
      unread: seen.unread?.includes(of) ?? false,
      known: (before?.[of] ?? null) !== null,
    },
  ]);
  return openFacts(Object.fromEntries(facts), before?.unconfirmed, before?.lastSeen ?? null);
}

/** Whether the two views of a node differ in whether it reaches the storage. */
export function isMoved(before: NodeStorageEntity, view: NodeStorageEntity): boolean {
  return before.nodeId === view.nodeId && (before.active === false) !== (view.active === false);
}

/** The nodes that cannot reach it. */
export function unreachableOf(views: NodeStorageEntity[]): string[] {
  return views.filter(view => view.active === false).map(view => view.nodeId);
}

import type { GuestEntity, NodeEntity } from '../../model/entity.ts';
import type { InventoryObservation, NodeObservation } from '../../model/observation.ts';
import type { OurTime } from '../../model/time.ts';

/** A node's boot (ms) and uptime (s), as the node itself reports them. */
export interface NodeBoot {
  bootAt: OurTime;
  uptime: number;
}

/** When nodes booted according to themselves, and how far that can be compared. */
export interface NodeBoots {
  /** Neither our clock nor the cluster's was set since the last run. */
  clockSteady: boolean;
  /** How far the cluster's clock is ahead of ours (ms). */
  ahead: number;
  /** Only nodes that were asked and answered. */
  asked: ReadonlyMap<string, NodeBoot>;
}

/** How long a row may repeat its node's last broadcast while the broadcasting daemon works (ms). */
export const ROW_LAG_MS = 15_000;

/**
 * Whether an online node repeats a row that should have changed: its statistics daemon hangs, or the whole node does. The listing
 * calls it online for five more minutes; only the node itself can tell.
 */
export function repeatsItself(
  known: NodeEntity | undefined,
  { status, usage }: NodeObservation,
  observedAt: OurTime,
): boolean {
  if (known === undefined || known.removed || known.lastSeen === null) return false;
  if (status !== 'online' || known.status !== 'online' || usage.uptime === undefined) return false;
  return usage.uptime === known.uptime && observedAt - known.lastSeen > ROW_LAG_MS;
}

/** Whether the row of an online node is so old that its uptime has fallen behind the known boot. */
export function fallsBehind(
  known: NodeEntity | undefined,
  { status, bootAt }: NodeObservation,
  clockSteady: boolean,
): boolean {
  if (!clockSteady || known === undefined || known.removed || known.bootAt === null) return false;
  if (status !== 'online' || known.status !== 'online' || bootAt === undefined) return false;
  return bootAt - known.bootAt > ROW_LAG_MS;
}

/**
 * Online nodes whose rows are older than rows should be. Nodes broadcast their guests' states together with their own, so the
 * rows of these guests are old as well.
 */
export function nodesWithOldRows(
  known: ReadonlyMap<string, NodeEntity>,
  { nodes, observedAt }: Pick<InventoryObservation, 'nodes' | 'observedAt'>,
  { clockSteady, asked }: NodeBoots,
): Set<string> {
  const old = nodes.filter(seen => {
    const before = known.get(seen.id);
    const own = asked.get(seen.id);
    if (own === undefined)
      return repeatsItself(before, seen, observedAt) || fallsBehind(before, seen, clockSteady);
    const { uptime } = seen.usage;
    return uptime !== undefined && Math.abs(own.uptime - uptime) * 1000 > ROW_LAG_MS;
  });
  return new Set(old.map(node => node.id));
}

/** How old the rows of guests are, by the nodes that broadcast them. */
export interface RowAges {
  /** Nodes whose rows are older than rows should be. */
  old: Set<string>;
  /** Nodes of which nothing tells that. */
  unsure: Set<string>;
}

/**
 * How old rows are. Where a node's own says no uptime, since the token lacks Sys.Audit, those of its running guests tell whether its
 * rows stand still.
 */
export function agesOfRows(
  known: { nodes: ReadonlyMap<string, NodeEntity>; guests: ReadonlyMap<string, GuestEntity> },
  inventory: Pick<InventoryObservation, 'nodes' | 'observedAt' | 'listed'>,
  boots: NodeBoots,
): RowAges {
  const old = nodesWithOldRows(known.nodes, inventory, boots);
  const untold = inventory.nodes.filter(
    ({ id, status, usage }) => status === 'online' && usage.uptime === undefined && !boots.asked.has(id),
  );
  const unsure = new Set(untold.map(({ id }) => id));
  if (unsure.size === 0) return { old, unsure };
  for (const [key, { node, usage }] of inventory.listed) {
    const before = known.guests.get(key);
    if (!unsure.has(node) || before?.nodeId !== node || !before.uptime || !usage.uptime) continue;
    if (usage.uptime !== before.uptime) {
      unsure.delete(node);
      old.delete(node);
    } else if (inventory.observedAt - (before.lastSeen ?? 0) > ROW_LAG_MS) old.add(node);
  }
  return { old, unsure };
}

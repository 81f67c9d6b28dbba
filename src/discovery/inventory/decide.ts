import type { NewVersion } from '../../model/change.ts';
import type { GuestEntity, LogLineEntity, NodeEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestObservation, InventoryObservation } from '../../model/observation.ts';
import { type Reason, reasonKey } from '../../model/reason.ts';
import { GUEST_TYPES, guestKey } from '../../model/resource.ts';
import { type ClusterTime, type OurTime, toClusterTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import type { Absence } from '../common/absence.ts';
import { decideGuests, type ListingVerdict } from '../guests/decide.ts';
import { arrivalEvidence, creationEvidence, startEvidence } from '../guests/evidence.ts';
import { deadNodes } from '../guests/left-behind.ts';
import { type Confirmation, isReading } from '../guests/row.ts';
import { tasksOfLostNodes } from '../tasks/orphaned-tasks.ts';
import { type ClusterSeen, type ClusterVerdict, decideCluster } from './decide-cluster.ts';
import { decideNodes, unlistedNode } from './decide-nodes.ts';
import { agesOfRows, type NodeBoot, type NodeBoots } from './row-ages.ts';

/** The reason why nothing is concluded about a guest whose row does not say where it is. */
export const UNREADABLE: Reason = { code: 'row-unread' };

/** The last recorded life of a guest. */
export interface PastLife {
  incarnation: number;
  /** When it was last certain to exist (ms, in the cluster's time), if it has ended. */
  lastSure: number | null;
}

/** Everything to be decided on: what was known, what the listing shows, and what was confirmed. Times in ms. */
export interface InventoryFacts {
  nodes: ReadonlyMap<string, NodeEntity>;
  guests: ReadonlyMap<string, GuestEntity>;
  inventory: InventoryObservation;
  confirmations: ReadonlyMap<string, Confirmation>;
  absences: ReadonlyMap<string, Absence>;
  /** Guests (`vm/101`) whose VMID was freed since they were last seen, and when, in the cluster's time. */
  destroyed: ReadonlyMap<string, number>;
  /** The last lives under the VMIDs of listed guests that are new to the store, for guests of either type. */
  pastLives: ReadonlyMap<string, PastLife>;
  /** When nodes booted according to themselves; only nodes that were asked and answered. */
  boots: ReadonlyMap<string, NodeBoot>;
  cluster: ClusterSeen;
  tasks: {
    /** Tasks that may tell how guests came to exist and to run. */
    telling: readonly TaskEntity[];
    /** Tasks that are new to the store, or have ended since it last saw them. */
    fresh: readonly TaskEntity[];
    log: readonly LogLineEntity[];
    /** Tasks that were running when last read, where some of their nodes may be lost. */
    running: readonly TaskEntity[];
  };
  /** There was no complete inventory before: everything is a discovery. */
  firstSight: boolean;
  /** The last complete listing that would have shown what this token sees, in the cluster's time. */
  lastListing: { at: number; ofAll: boolean } | null;
  /** When all nodes were last listed, by our present clock. */
  lastNodes: OurTime | null;
  clocks: {
    /** How far the cluster's clock is ahead of ours, and nodes' ahead of the cluster's; nodes left out agree with the cluster. */
    offset: number;
    ahead: ReadonlyMap<string, number>;
    /** Neither our clock nor the cluster's was set since the last run, or ours was and the known moments were shifted. */
    steady: boolean;
    redated: boolean;
  };
  poolsHidden: boolean;
  /** The task lists show everybody's tasks, and all that were asked for could be read. */
  tasksOfAll: boolean;
  /** A node that appears would have been visible to this token before. */
  nodesWereSeen: boolean;
  /** What could not be seen so far. */
  unseen: readonly Unseen[];
}

/** What is to be written about nodes, guests, the cluster and the tasks that this is based on. */
export interface InventoryDecided {
  observedAt: OurTime;
  guests: ListingVerdict;
  nodes: { upserts: NodeEntity[]; versions: NewVersion[] };
  /** Nodes that guests or tasks refer to and that nothing else knows. */
  unlisted: NodeEntity[];
  cluster: ClusterVerdict;
  tasks: TaskEntity[];
  log: readonly LogLineEntity[];
  /** The listing was complete and by the majority, and everything in it could be decided. */
  complete: boolean;
  unseen: Unseen[];
}

/** Decides what a listing means for the cluster, its nodes and its guests. Pure. */
export function decideInventory(facts: InventoryFacts): InventoryDecided {
  const { inventory, confirmations, absences, tasks } = facts;
  const guests = decideListedGuests(facts);
  const nodes = decideListedNodes(facts);
  const lost = new Set([
    ...inventory.nodes.filter(node => node.status === 'offline').map(node => node.id),
    ...nodes.upserts.filter(node => node.removed).map(node => node.id),
  ]);
  const fresh = [
    ...tasks.fresh,
    ...tasksOfLostNodes(tasks.running, lost, inClusterTime(facts)(inventory.observedAt)),
  ];
  // A new guest that could not be asked is not recorded yet: until it is, the inventory is incomplete.
  const gone = new Set(guests.deletions.map(guestKey));
  const unknown = [...confirmations].some(
    ([key, confirmation]) => !isReading(confirmation) && (!facts.guests.has(key) || gone.has(key)),
  );
  const isShort = [...absences.values()].some(absence => absence.verdict === 'left out');
  return {
    observedAt: inventory.observedAt,
    guests,
    nodes,
    unlisted: unlistedNodes(facts, nodes.upserts, [...guests.upserts, ...fresh]),
    cluster: decideCluster(facts.cluster, nodes),
    tasks: fresh,
    log: tasks.log,
    // A minority does not know who arrived since it was cut off.
    complete: !isShort && !unknown && inventory.consistent && inventory.ofMajority,
    unseen: [...facts.unseen, ...unknownGuests(facts, guests)],
  };
}

function inClusterTime({ clocks: { offset } }: InventoryFacts): (at: OurTime) => ClusterTime {
  return at => toClusterTime(at, offset);
}

function decideListedGuests(facts: InventoryFacts): ListingVerdict {
  const { inventory, lastListing, clocks, tasks, pastLives } = facts;
  const cluster = inClusterTime(facts);
  const ages = agesOfRows(facts, inventory, bootsOf(facts));
  return decideGuests({
    inventory,
    confirmations: facts.confirmations,
    absences: facts.absences,
    known: facts.guests,
    destroyed: facts.destroyed,
    firstSight: facts.firstSight,
    poolsHidden: facts.poolsHidden,
    oldRows: ages.old,
    unsureRows: ages.unsure,
    lastListing: lastListing?.at ?? null,
    clusterNow: cluster(inventory.observedAt),
    clockSteady: clocks.steady,
    redated: clocks.redated,
    deadNodes: deadNodes(facts.nodes, inventory),
    tasksOfAll: facts.tasksOfAll,
    createdSince:
      lastListing === null
        ? () => null
        : creationEvidence(
            { tasks: tasks.telling },
            lastListing.at,
            !lastListing.ofAll,
            node => clocks.ahead.get(node) ?? 0,
          ),
    startBefore: startEvidence(tasks.telling, cluster),
    arrival: arrivalEvidence(
      tasks.telling,
      cluster,
      facts.tasksOfAll && inventory.nodes.every(node => inventory.online.has(node.id)),
    ),
    nextIncarnation: key => (pastLives.get(key)?.incarnation ?? 0) + 1,
    vmidTaken: row => vmidTaken(facts, row),
  });
}

function decideListedNodes(facts: InventoryFacts): InventoryDecided['nodes'] {
  const { inventory, firstSight, nodesWereSeen } = facts;
  return decideNodes(
    facts.nodes,
    inventory,
    facts.lastNodes,
    // Every token sees all nodes, so one that appears has joined, unless a list was short.
    !firstSight && inventory.nodesComplete && nodesWereSeen,
    bootsOf(facts),
  );
}

/**
 * When the VMID of a guest that is new to the store last belonged to another guest (ms, in the cluster's time); null where
 * unknown.
 */
function vmidTaken({ pastLives, guests, clocks }: InventoryFacts, { id }: GuestObservation): number | null {
  const moments = GUEST_TYPES.flatMap(type => {
    const key = guestKey({ type, id });
    const seen = guests.get(key)?.lastSeen;
    return [pastLives.get(key)?.lastSure ?? 0, seen ? seen + clocks.offset : 0];
  });
  return Math.max(...moments) || null;
}

function bootsOf(facts: InventoryFacts): NodeBoots {
  const { observedAt } = facts.inventory;
  return {
    clockSteady: facts.clocks.steady,
    ahead: inClusterTime(facts)(observedAt) - observedAt,
    asked: facts.boots,
  };
}

/** Rows for nodes that guests or tasks refer to and that nothing else knows. */
function unlistedNodes(
  { nodes, inventory }: InventoryFacts,
  listed: readonly NodeEntity[],
  referring: readonly { nodeId: string }[],
): NodeEntity[] {
  const known = new Set([...nodes.keys(), ...listed.map(node => node.id)]);
  const named = new Set(referring.map(one => one.nodeId));
  return [...named].filter(id => !known.has(id)).map(id => unlistedNode(id, inventory.observedAt));
}

/** Guests that are listed but not recorded because they could not be asked: answers that list guests mention them. */
function unknownGuests(
  { guests, inventory, confirmations }: InventoryFacts,
  { upserts, deletions }: ListingVerdict,
): Unseen[] {
  const gone = new Set(deletions.map(guestKey));
  const recorded = new Set(upserts.map(guestKey));
  const isKnown = (key: string) => recorded.has(key) || (guests.has(key) && !gone.has(key));
  const found: [key: string, reason: Reason][] = [
    ...[...inventory.unreadable].map((key): [string, Reason] => [key, UNREADABLE]),
    ...[...confirmations].flatMap(([key, confirmation]): [string, Reason][] =>
      isReading(confirmation) ? [] : [[key, confirmation.reason]],
    ),
  ];
  const unknown = found.filter(([key]) => !isKnown(key));
  return [...Map.groupBy(unknown, ([, reason]) => reasonKey(reason)).values()].map(group => ({
    what:
      group.length === 1
        ? { code: 'resource', resource: group[0]![0] }
        : { code: 'new-guests', count: group.length },
    since: null,
    reason: group[0]![1],
  }));
}

import type { NewVersion } from '../../model/change.ts';
import type { GuestEntity, LogLineEntity, NodeEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestObservation, InventoryObservation } from '../../model/observation.ts';
import { type Reason, reasonKey } from '../../model/reason.ts';
import { GUEST_TYPES } from '../../model/resource.ts';
import { type ClusterTime, type OurTime, toClusterTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import type { Absence } from '../common/absence.ts';
import { guestKey } from '../common/guest-key.ts';
import { decideGuests, type ListingVerdict } from '../guests/decide.ts';
import { arrivalEvidence, creationEvidence, startEvidence } from '../guests/evidence.ts';
import { type Confirmation, isReading } from '../guests/row.ts';
import { tasksOfLostNodes } from '../tasks/orphaned-tasks.ts';
import { type ClusterSeen, type ClusterVerdict, decideCluster } from './decide-cluster.ts';
import {
  decideNodes,
  type NodeBoot,
  type NodeBoots,
  nodesWithOldRows,
  unlistedNode,
} from './decide-nodes.ts';

/** Why nothing is concluded of a guest that the listing has, though not where. */
export const UNREADABLE: Reason = { code: 'row-unread' };

/** The last life that is recorded of a guest. */
export interface PastLife {
  incarnation: number;
  /** When it was last certain (ms, in the cluster's time), if it has ended. */
  lastSure: number | null;
}

/** All that is decided on: what was known, what the listing shows, and what was confirmed of it. Times in ms. */
export interface InventoryFacts {
  nodes: ReadonlyMap<string, NodeEntity>;
  guests: ReadonlyMap<string, GuestEntity>;
  inventory: InventoryObservation;
  confirmations: ReadonlyMap<string, Confirmation>;
  absences: ReadonlyMap<string, Absence>;
  /** Guests (`vm/101`) whose VMID was freed since they were last seen, and when, in the cluster's time. */
  destroyed: ReadonlyMap<string, number>;
  /** What is recorded under the VMIDs of listed guests that are new to the store, by guest of either type. */
  pastLives: ReadonlyMap<string, PastLife>;
  /** What nodes said of when they booted, of those that were asked and answered. */
  boots: ReadonlyMap<string, NodeBoot>;
  cluster: ClusterSeen;
  tasks: {
    /** Those that may tell how guests came to be there and to run. */
    telling: readonly TaskEntity[];
    /** Those that are new to the store or have ended since it last saw them. */
    fresh: readonly TaskEntity[];
    log: readonly LogLineEntity[];
    /** Those that ran when they were last read, where some of their nodes may be lost. */
    running: readonly TaskEntity[];
  };
  /** No complete inventory came before: everything is a discovery. */
  firstSight: boolean;
  /** The last whole listing in which what this token sees would have been seen, in the cluster's time. */
  lastListing: { at: number; ofAll: boolean } | null;
  /** When the nodes were last listed whole, by our clock as it goes now. */
  lastNodes: OurTime | null;
  clocks: {
    /** How far the cluster's clock is ahead of ours, and beside it those of nodes; those left out are the cluster's. */
    offset: number;
    ahead: ReadonlyMap<string, number>;
    /** Neither our clock nor the cluster's was set since the last run, or ours was and what is known was moved along. */
    steady: boolean;
    redated: boolean;
  };
  poolsHidden: boolean;
  /** The task lists show what everybody ran, and all of those asked for could be read. */
  tasksOfAll: boolean;
  /** A node that appears would have been seen before by this token. */
  nodesWereSeen: boolean;
  /** What could not be seen so far. */
  unseen: readonly Unseen[];
}

/** What is to be written of nodes, guests, the cluster and the tasks that this rests on. */
export interface InventoryDecided {
  observedAt: OurTime;
  guests: ListingVerdict;
  nodes: { upserts: NodeEntity[]; versions: NewVersion[] };
  /** Nodes that guests or tasks refer to and nothing else knows. */
  unlisted: NodeEntity[];
  cluster: ClusterVerdict;
  tasks: TaskEntity[];
  log: readonly LogLineEntity[];
  /** The listing was whole and the majority's, and all of it could be judged. */
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
  // A guest not known yet that could not be asked is not recorded yet: until it is, this was not the whole.
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
    // A minority has not heard who came since it was cut off.
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
  return decideGuests({
    ...{ inventory, confirmations: facts.confirmations, absences: facts.absences, known: facts.guests },
    ...{ destroyed: facts.destroyed, firstSight: facts.firstSight, poolsHidden: facts.poolsHidden },
    oldRows: nodesWithOldRows(facts.nodes, inventory, bootsOf(facts)),
    lastListing: lastListing?.at ?? null,
    clusterNow: cluster(inventory.observedAt),
    clockSteady: clocks.steady,
    redated: clocks.redated,
    deadNodes: deadNodes(facts),
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

/** When the VMID of a guest that is new to the store was last somebody else's (ms, in the cluster's time), where that is known. */
function vmidTaken({ pastLives, guests, clocks }: InventoryFacts, { id }: GuestObservation): number | null {
  const moments = GUEST_TYPES.flatMap(type => {
    const key = `${type}/${id}`;
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

/** Nodes that were offline in the last run and still are. */
function deadNodes({ inventory, nodes }: InventoryFacts): Set<string> {
  const offline = inventory.nodes.filter(node => node.status === 'offline').map(node => node.id);
  return new Set(offline.filter(node => nodes.get(node)?.status === 'offline'));
}

/** Nodes that guests or tasks refer to and nothing else knows. */
function unlistedNodes(
  { nodes, inventory }: InventoryFacts,
  listed: readonly NodeEntity[],
  referring: readonly { nodeId: string }[],
): NodeEntity[] {
  const known = new Set([...nodes.keys(), ...listed.map(node => node.id)]);
  const named = new Set(referring.map(one => one.nodeId));
  return [...named].filter(id => !known.has(id)).map(id => unlistedNode(id, inventory.observedAt));
}

/** Guests that are listed but not recorded, since they could not be asked: whoever lists guests is to know. */
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

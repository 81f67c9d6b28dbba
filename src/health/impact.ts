import { hasProcess } from '../model/status.ts';
import { allFit, freeMemory, promisedByNode, type Seeker } from './capacity.ts';
import type { GuestHealth, HealthFacts, NodeHealth, RunningTask } from './facts.ts';
import { type Placement, placementOf } from './placement.ts';

/** What the loss of one node means, or meant if it is already down. */
export interface Impact {
  node: string;
  isDown: boolean;
  /** Guests (`vm/101`) that run there; for a node that is down, those that ran when it was last seen. */
  stops: string[];
  /** Those of them that high availability starts elsewhere. */
  restartsElsewhere: string[];
  /** Guests that run, or that high availability wants to run, but cannot start on another node. */
  cannotStartElsewhere: { resource: string; why: string }[];
  /** What may keep others from starting elsewhere, as far as the store can tell. */
  doubtful: { resource: string; why: string }[];
  /** Guests there that are off and cannot start anywhere else. */
  bound: number;
  /** Whether the other nodes keep quorum; null if the votes are not known. */
  quorumHolds: boolean | null;
  /** The votes left, and the votes needed. */
  votes: { left: number; needed: number } | null;
  /** Whether the others have the memory for the guests that could start there; null if a node does not report its own. */
  memoryFits: boolean | null;
  memory: { neededBytes: number; freeBytes: number } | null;
  runningTasks: RunningTask[];
}

/** What happens if this node goes down; undefined if there is no such node. */
export function impactOf(id: string, facts: HealthFacts): Impact | undefined {
  const node = facts.nodes.find(one => one.id === id);
  if (node === undefined) return undefined;
  const there = facts.guests.filter(guest => guest.node === id && !guest.template);
  const placed = new Map(there.map(guest => [guest.key, placementOf(guest, facts)]));
  const running = there.filter(guest => hasProcess(guest.status));
  const wanted = there.filter(guest => hasProcess(guest.status) || isWanted(guest));
  const stuck = (guest: GuestHealth) => placed.get(guest.key)!.why.length > 0;
  const quorum = quorumWithout(node, facts);
  const memory = memoryWithout(
    node,
    running.filter(guest => !stuck(guest)),
    placed,
    facts,
  );
  const keys = (guests: GuestHealth[]) => guests.map(guest => guest.key);
  const reasons = (guests: GuestHealth[], of: 'why' | 'doubts') =>
    guests.flatMap(({ key }) => {
      const said = placed.get(key)![of];
      return said.length > 0 ? [{ resource: key, why: said.join('; ') }] : [];
    });
  return {
    node: id,
    isDown: node.status === 'offline',
    stops: keys(running),
    restartsElsewhere: quorum.holds === false ? [] : keys(wanted.filter(one => isWanted(one) && !stuck(one))),
    cannotStartElsewhere: reasons(wanted, 'why'),
    doubtful: reasons(
      wanted.filter(guest => !stuck(guest)),
      'doubts',
    ),
    bound: there.filter(guest => !wanted.includes(guest) && stuck(guest)).length,
    quorumHolds: quorum.holds,
    votes: quorum.votes,
    memoryFits: memory.fits,
    memory: memory.sums,
    runningTasks: facts.tasks.running.filter(task => task.node === id),
  };
}

/** High availability is to keep it running. */
function isWanted(guest: GuestHealth): boolean {
  return (guest.haRequested ?? guest.ha) === 'started';
}

function quorumWithout(
  gone: NodeHealth,
  { nodes, cluster }: HealthFacts,
): { holds: boolean | null; votes: Impact['votes'] } {
  const members = nodes.filter(node => !node.left);
  if (members.length === 1) return { holds: false, votes: null };
  if (members.some(node => node.votes === null)) return { holds: null, votes: null };
  const sum = (some: readonly NodeHealth[]) => some.reduce((votes, node) => votes + node.votes!, 0);
  const rest = members.filter(node => node.id !== gone.id);
  const standing = sum(rest.filter(node => node.status === 'online'));
  const votesLeft = ({ votes, connected }: { votes: number; connected: boolean }) => {
    const needed = Math.floor((sum(members) + votes) / 2) + 1;
    return { left: standing + (connected ? votes : 0), needed };
  };
  const none = { votes: 0, connected: false };
  const { qdevice } = cluster;
  if (qdevice === null && holds(votesLeft(none)) !== holds(votesLeft({ votes: 1, connected: true })))
    return { holds: null, votes: null };
  const votes = votesLeft(qdevice ?? none);
  // A node that cannot be judged may have its vote.
  const perhaps = sum(rest.filter(node => node.status === 'unknown'));
  if (!holds(votes) && holds({ ...votes, left: votes.left + perhaps })) return { holds: null, votes: null };
  return { holds: holds(votes), votes };
}

function holds({ left, needed }: { left: number; needed: number }): boolean {
  return left >= needed;
}

function memoryWithout(
  gone: NodeHealth,
  movable: readonly GuestHealth[],
  placed: ReadonlyMap<string, Placement>,
  facts: HealthFacts,
): { fits: boolean | null; sums: Impact['memory'] } {
  const free = freeMemory(
    facts.nodes.filter(node => node.id !== gone.id),
    promisedByNode(facts),
    'most',
  );
  if (free === null || movable.some(guest => guest.memoryBytes === null)) return { fits: null, sums: null };
  const seekers = movable.map(
    (guest): Seeker => ({ memory: guest.memoryBytes!, nodes: placed.get(guest.key)!.nodes }),
  );
  const freeBytes = [...free.values()].reduce((sum, bytes) => sum + Math.max(0, bytes), 0);
  const neededBytes = seekers.reduce((sum, one) => sum + one.memory, 0);
  return { fits: allFit(seekers, free), sums: { neededBytes, freeBytes } };
}

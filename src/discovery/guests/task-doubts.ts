import { isDeepStrictEqual } from 'node:util';
import type { GuestConfigEntity, GuestEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import type { JsonObject } from '../../model/state.ts';
import { type ClusterTime, type OurTime, ourTime, toClusterTime } from '../../model/time.ts';
import type { Listed } from '../common/ground.ts';
import { sharesCard } from '../common/identity.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { type Arrival, arrivalEvidence, startEvidence } from './evidence.ts';
import { deadNodes, isLeftBehind } from './left-behind.ts';
import { type Confirmation, isReading, restarted } from './row.ts';

/**
 * How long facts that only tasks prove wait for a token that may read all tasks (ms). After that, what can be seen is recorded.
 */
const LATELY_MS = 86_400_000;
/** Tasks are dated in whole seconds, and rows lag behind them (ms). */
const SLACK_MS = 15_000;

/** The parts of the task lists that a run could not see, though an earlier run saw all of them. */
export interface TasksMissed {
  /** Tasks of other users. */
  ofOthers: boolean;
  /** Nodes whose lists are missing or incomplete. */
  nodes: readonly string[];
}

/** Whether other users' tasks, which were recorded until recently, cannot be read in this run. */
export async function missesTasksOfOthers(
  scope: DiscoveryScope,
  { rights, clock, inventory }: Listed,
): Promise<boolean> {
  if (rights.seesAllTasks) return false;
  const last = await scope.store.lastCommit('tasks', { complete: true });
  return (
    last !== null && toClusterTime(inventory.observedAt, scope.clockOffset()) - clock.looked(last) < LATELY_MS
  );
}

/** The evidence beside the guest's own answer. */
export interface Evidence {
  missed: TasksMissed;
  /** Tasks that were read. */
  telling: readonly TaskEntity[];
  arrival: (guest: GuestEntity, boot: OurTime) => Arrival;
  startBefore: (guest: GuestEntity, boot: OurTime) => ClusterTime | null;
  /** When a guest was last seen, in the cluster's time (ms). */
  lastSeen: (guest: GuestEntity) => number;
  /** Nodes that were offline at the last look and still are. */
  deadNodes: ReadonlySet<string>;
  clockSteady: boolean;
}

/**
 * Why a guest's own answer does not settle what happened to it; null where it does. A changed container may be another one with
 * its VMID; a VM whose uptime began anew on the same node may have left and come back; one that was off, or on a dead node, and
 * now runs on another may have been started there, before it moved, or never. Only tasks tell these apart.
 */
export function taskDoubt(
  known: GuestEntity,
  config: GuestConfigEntity | null,
  confirmation: Confirmation,
  evidence: Evidence,
): Reason | null {
  if (!isReading(confirmation)) return null;
  const { missed } = evidence;
  if (known.type === 'container')
    return missed.ofOthers && !isSameContainer(known, config, confirmation)
      ? { code: 'tasks-unread', node: confirmation.node }
      : null;
  const { live, node } = confirmation;
  if (live?.status !== 'running' || live.bootAt === undefined) return null;
  const moved = known.nodeId !== node;
  const wasOff = known.status !== 'running' || isLeftBehind(known, evidence.deadNodes);
  const doubtful = moved
    ? wasOff && isBegun(known, live, evidence)
    : !wasOff && isBegunAnew(known, live, evidence);
  if (!doubtful) return null;
  if (missed.ofOthers) return { code: 'tasks-unread', node };
  const left = moved || hasLeft(known, evidence);
  const [unread] = missed.nodes.filter(one => left || one === known.nodeId);
  return unread === undefined ? null : { code: 'tasks-unread', node: unread };
}

type Live = NonNullable<GuestReading['live']>;

/** Whether its process is not the known one, and no migration explains that. */
function isBegunAnew(known: GuestEntity, live: Live, { arrival, clockSteady }: Evidence): boolean {
  return restarted(known, live, clockSteady) && arrival(known, live.bootAt!) !== 'migrated';
}

/** Whether its process began without a known start. */
function isBegun(known: GuestEntity, { bootAt }: Live, { startBefore }: Evidence): boolean {
  return startBefore(known, bootAt!) === null;
}

/** Whether it left its node since it was last seen, wherever it is now. */
function hasLeft(known: GuestEntity, { telling, lastSeen }: Evidence): boolean {
  const since = lastSeen(known) - SLACK_MS;
  return telling.some(
    task =>
      task.type === 'qmigrate' &&
      task.resourceId === String(known.id) &&
      (task.endTime ?? Number.POSITIVE_INFINITY) >= since,
  );
}

/** Whether a container is certainly the known one: only its row moved, or a network card is still there. */
export function isSameContainer(
  known: GuestEntity,
  former: { config: JsonObject } | null,
  { config, name }: GuestReading,
): boolean {
  if (former === null || sharesCard(former.config, config)) return true;
  return name === known.name && isDeepStrictEqual(former.config, config);
}

/** The confirmations, with a reason in place of each that does not settle what happened. */
export async function withoutTaskDoubts(
  scope: DiscoveryScope,
  listed: Listed,
  confirmations: ReadonlyMap<string, Confirmation>,
  found: {
    stored: ReadonlyMap<string, GuestConfigEntity>;
    /** Guests known to have ended. */
    freed: ReadonlyMap<string, number>;
    telling: readonly TaskEntity[];
    /** Nodes whose task lists are missing or incomplete. */
    unread: readonly string[];
  },
): Promise<Map<string, Confirmation>> {
  const { guests, nodes, inventory, clock } = listed;
  const cluster = (at: OurTime) => toClusterTime(at, scope.clockOffset());
  const evidence: Evidence = {
    missed: { ofOthers: await missesTasksOfOthers(scope, listed), nodes: found.unread },
    telling: found.telling,
    arrival: arrivalEvidence(found.telling, cluster, false),
    startBefore: startEvidence(found.telling, cluster),
    lastSeen: guest => clock.recorded(guest.lastSeen ?? ourTime(0)),
    deadNodes: deadNodes(nodes, inventory),
    clockSteady: clock.steady,
  };
  return new Map(
    [...confirmations].map(([key, confirmation]) => {
      const known = found.freed.has(key) ? undefined : guests.get(key);
      const doubt = known && taskDoubt(known, found.stored.get(key) ?? null, confirmation, evidence);
      return [key, doubt ? { reason: doubt } : confirmation];
    }),
  );
}

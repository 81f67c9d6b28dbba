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
import { type Confirmation, isReading, restarted } from './row.ts';

/** For so long what only tasks tell waits for whoever can read them (ms); who never can is told what there is to see. */
const LATELY_MS = 86_400_000;
/** Tasks are dated in whole seconds, and rows lag behind them (ms). */
const SLACK_MS = 15_000;

/** What of the task lists a run could not see, of which an earlier one saw all. */
export interface TasksMissed {
  /** What others ran. */
  ofOthers: boolean;
  /** Nodes whose lists are missing, or a part of them. */
  nodes: readonly string[];
}

/** Whether what others ran, which was recorded until lately, cannot be read in this run. */
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

/** What there is beside the guest's own word. */
export interface Beside {
  missed: TasksMissed;
  /** Those that were read. */
  telling: readonly TaskEntity[];
  arrival: (guest: GuestEntity, boot: OurTime) => Arrival;
  startBefore: (guest: GuestEntity, boot: OurTime) => ClusterTime | null;
  /** When a guest was last seen, in the cluster's time (ms). */
  lastSeen: (guest: GuestEntity) => number;
  clockSteady: boolean;
}

/**
 * Why a guest's own word does not settle what became of it; null where it does. A container that has changed may be whoever
 * has its VMID now; a VM whose uptime began anew where it stood may have gone and come back, and one that was off and runs
 * elsewhere may have been started before it went there. Only tasks tell that.
 */
export function taskDoubt(
  known: GuestEntity,
  config: GuestConfigEntity | null,
  confirmation: Confirmation,
  beside: Beside,
): Reason | null {
  if (!isReading(confirmation)) return null;
  const { missed } = beside;
  if (known.type === 'container')
    return missed.ofOthers && !isSameContainer(known, config, confirmation)
      ? { code: 'tasks-unread', node: confirmation.node }
      : null;
  const { live, node } = confirmation;
  if (live?.status !== 'running' || live.bootAt === undefined) return null;
  const moved = known.nodeId !== node;
  const doubtful =
    known.status === 'running'
      ? !moved && isBegunAnew(known, live, beside)
      : moved && isBegun(known, live, beside);
  if (!doubtful) return null;
  if (missed.ofOthers) return { code: 'tasks-unread', node };
  const left = moved || hasLeft(known, beside);
  const [unread] = missed.nodes.filter(one => left || one === known.nodeId);
  return unread === undefined ? null : { code: 'tasks-unread', node: unread };
}

type Live = NonNullable<GuestReading['live']>;

/** Whether its process is another one than the known, and no migration explains that. */
function isBegunAnew(known: GuestEntity, live: Live, { arrival, clockSteady }: Beside): boolean {
  return restarted(known, live, clockSteady) && arrival(known, live.bootAt!) !== 'migrated';
}

/** Whether a process began of which no start is known. */
function isBegun(known: GuestEntity, { bootAt }: Live, { startBefore }: Beside): boolean {
  return startBefore(known, bootAt!) === null;
}

/** Whether it went away since it was last seen, wherever it is by now. */
function hasLeft(known: GuestEntity, { telling, lastSeen }: Beside): boolean {
  const since = lastSeen(known) - SLACK_MS;
  return telling.some(
    task =>
      task.type === 'qmigrate' &&
      task.resourceId === String(known.id) &&
      (task.endTime ?? Number.POSITIVE_INFINITY) >= since,
  );
}

/** Whether a container is the one that was known: nothing but its row moved, or a network card stayed. */
export function isSameContainer(
  known: GuestEntity,
  former: { config: JsonObject } | null,
  { config, name }: GuestReading,
): boolean {
  if (former === null || sharesCard(former.config, config)) return true;
  return name === known.name && isDeepStrictEqual(former.config, config);
}

/** The confirmations, with a reason in the place of each that settles nothing. */
export async function withoutTaskDoubts(
  scope: DiscoveryScope,
  listed: Listed,
  confirmations: ReadonlyMap<string, Confirmation>,
  found: {
    stored: ReadonlyMap<string, GuestConfigEntity>;
    /** Guests whose end is known. */
    freed: ReadonlyMap<string, number>;
    telling: readonly TaskEntity[];
    /** Nodes whose tasks are missing, or a part of them. */
    unread: readonly string[];
  },
): Promise<Map<string, Confirmation>> {
  const { guests, clock } = listed;
  const cluster = (at: OurTime) => toClusterTime(at, scope.clockOffset());
  const beside: Beside = {
    missed: { ofOthers: await missesTasksOfOthers(scope, listed), nodes: found.unread },
    telling: found.telling,
    arrival: arrivalEvidence(found.telling, cluster, false),
    startBefore: startEvidence(found.telling, cluster),
    lastSeen: guest => clock.recorded(guest.lastSeen ?? ourTime(0)),
    clockSteady: clock.steady,
  };
  return new Map(
    [...confirmations].map(([key, confirmation]) => {
      const known = found.freed.has(key) ? undefined : guests.get(key);
      const doubt = known && taskDoubt(known, found.stored.get(key) ?? null, confirmation, beside);
      return [key, doubt ? { reason: doubt } : confirmation];
    }),
  );
}

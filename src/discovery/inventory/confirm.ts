import type { GuestEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import { GUEST_TYPES, guestKey, isGuestType, type ResourceKey } from '../../model/resource.ts';
import { NEWEST_SEQ, type StoreReader } from '../../model/store.ts';
import { toOurTime } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { confirmGuests } from '../guests/confirm.ts';
import { endedLives } from '../guests/ended-lives.ts';
import { CREATE, DESTROY, RESTORE, TELLING_TASKS } from '../guests/evidence.ts';
import { findMissing } from '../guests/missing.ts';
import { findReplaced, type KnownAndRead } from '../guests/replaced.ts';
import { cutOff, isReading, isSilent, rowMoved } from '../guests/row.ts';
import { withoutTaskDoubts } from '../guests/task-doubts.ts';
import type { TaskFindings } from '../tasks/findings.ts';
import { gatherTasks } from '../tasks/gather.ts';
import type { Observed } from './collect.ts';
import { type InventoryFacts, type PastLife, UNREADABLE } from './decide.ts';
import { readCluster } from './read-cluster.ts';
import { askNodes, silentNodes } from './silent-nodes.ts';

/** Most guests that were already out of sight to ask about in one run. */
const ASK_AGAIN = 20;
/** How much earlier than a listing something that it shows may have begun (ms). */
const EARLIER_MS = 60_000;

/** The listing, confirmed where it would make history: everything to be decided on, and the tasks read for it. */
export interface Confirmed {
  readonly facts: InventoryFacts;
  readonly tasks: TaskFindings | null;
}

/**
 * Confirms what the listing suggests: with the guests whose rows moved, with the nodes of missing guests, by tasks, and with
 * nodes that seem to have booted or whose rows stand still.
 */
export async function confirmInventory(scope: DiscoveryScope, observed: Observed): Promise<Confirmed> {
  const { inventory, rights, clock, previous } = observed;
  const suspects = suspectsIn(observed);
  const tasks = needsTasks(scope, observed, suspects) ? await gatherTasks(scope, observed) : null;
  const telling = await tellingTasks(scope, observed, tasks, suspects.moved);
  const destroyed = await endedLives(scope, observed, tasks, telling);
  const [guests, pastLives, boots, cluster, running] = await Promise.all([
    confirmSuspects(scope, observed, { suspects, destroyed, tasks, telling }),
    pastLivesOf(scope, observed),
    askNodes(scope, observed),
    readCluster(scope, inventory, clock.redateBy),
    runningTasks(scope, observed),
  ]);
  const facts: InventoryFacts = {
    nodes: observed.nodes,
    guests: observed.guests,
    inventory,
    ...guests,
    pastLives,
    boots,
    cluster,
    tasks: { telling, fresh: tasks?.fresh ?? [], log: tasks?.log ?? [], running },
    firstSight: previous === null,
    lastListing: rights.lastListing,
    lastNodes: previous && toOurTime(clock.looked(previous), scope.clockOffset()),
    clocks: { ...clocksOf(scope, observed), steady: clock.steady, redated: observed.redated !== null },
    poolsHidden: rights.poolsHidden,
    tasksOfAll: rights.seesAllTasks && tasks?.complete === true,
    nodesWereSeen: !rights.changed || rights.known,
    unseen: [...unreadQuorum(observed), ...cluster.unseen, ...(await silentNodes(scope, observed))],
  };
  return { facts, tasks };
}

/** What the listing casts doubt on: rows that moved and guests it lacks; also all rows on online nodes. */
interface Suspects {
  reachable: GuestObservation[];
  moved: GuestObservation[];
  gone: GuestEntity[];
  missing: GuestEntity[];
}

function suspectsIn({ guests, inventory, clock, previous }: Observed): Suspects {
  const reachable = [...inventory.listed.values()].filter(row => inventory.online.has(row.node));
  const moved = reachable.filter(row => {
    const known = guests.get(guestKey(row));
    // At first sight the listing will do, except for a guest that may run only for its backup, or whose row says little.
    return known === undefined
      ? previous !== null || row.lock === 'backup' || row.fromNode
      : rowMoved(known, row, clock.steady);
  });
  const gone = [...guests].flatMap(([key, guest]) =>
    inventory.listed.has(key) || inventory.unreadable.has(key) ? [] : [guest],
  );
  return { reachable, moved, gone, missing: gone.filter(guest => guest.unseenReason === null) };
}

/**
 * Whether the task lists are needed: a row without a status may hide a move, and reading every guest may find changes that only a
 * task explains.
 */
function needsTasks(
  { request }: DiscoveryScope,
  { previous, rights }: Observed,
  { moved, missing, reachable }: Suspects,
): boolean {
  const doubtful = moved.length > 0 || missing.length > 0 || reachable.some(isSilent);
  return previous === null || doubtful || request.deep || rights.changed || request.facets.has('tasks');
}

/**
 * Tasks that may tell how the guests in question came to exist and to run: those since they were last seen, and new ones just
 * read. A known task keeps its date: after its node's clock was set, an old start would otherwise seem recent.
 */
async function tellingTasks(
  { store }: DiscoveryScope,
  { guests, clock, rights }: Observed,
  tasks: TaskFindings | null,
  asked: readonly GuestObservation[],
): Promise<TaskEntity[]> {
  const read = tasks?.tasks ?? [];
  if (asked.length === 0) return read;
  const known = asked.map(row => guests.get(guestKey(row)));
  const lastListing = rights.lastListing?.at ?? null;
  const moments = known.map(guest => (guest?.lastSeen ? clock.recorded(guest.lastSeen) : lastListing));
  const since = moments.filter(at => at !== null);
  if (since.length === 0) return read;
  const stored = await store.tasks({ types: TELLING_TASKS, since: Math.min(...since) - EARLIER_MS });
  const recent = [...stored.rows, ...(tasks?.fresh ?? [])];
  const unknown = asked.filter((_, n) => known[n] === undefined);
  const former = await lifeTasksOf(store, restoredOf(unknown, recent));
  return [...new Map([...former, ...recent].map(task => [task.upid, task])).values()];
}

/** Those that a task restored: what had their VMIDs before tells whether that made them. */
function restoredOf(guests: readonly GuestObservation[], tasks: readonly TaskEntity[]): ResourceKey[] {
  return guests
    .map(({ type, id }) => ({ type, id: String(id) }))
    .filter(({ type, id }) =>
      tasks.some(task => RESTORE.has(task.type) && task.resourceType === type && task.resourceId === id),
    );
}

/** All recorded tasks that made guests of these VMIDs, restored or destroyed them. */
async function lifeTasksOf(store: StoreReader, resources: readonly ResourceKey[]): Promise<TaskEntity[]> {
  const types = [...CREATE, ...RESTORE, ...DESTROY];
  const found = await Promise.all(resources.map(resource => store.tasks({ resource, types })));
  return found.flatMap(({ rows }) => rows);
}

/** Asks the doubtful guests, and asks about the missing ones. */
async function confirmSuspects(
  scope: DiscoveryScope,
  observed: Observed,
  {
    suspects: { reachable, moved, gone, missing },
    destroyed,
    tasks,
    telling,
  }: {
    suspects: Suspects;
    destroyed: ReadonlyMap<string, number>;
    tasks: TaskFindings | null;
    telling: readonly TaskEntity[];
  },
): Promise<Pick<InventoryFacts, 'confirmations' | 'absences' | 'destroyed'>> {
  const { api, store, now, runId } = scope;
  const { guests, inventory } = observed;
  const isMoved = new Set(moved);
  const unmoved = reachable.filter(row => destroyed.has(guestKey(row)) && !isMoved.has(row));
  const toAsk = [...moved, ...unmoved, ...newOutOfReach(observed)];
  const stored = new Map((await store.configs(toAsk)).map(config => [guestKey(config), config]));
  const doubts = new Map(toAsk.map(row => [row, doubtOf(observed, tasks, row)]));
  const [confirmations, absences] = await Promise.all([
    confirmGuests(
      api,
      toAsk
        .filter(row => doubts.get(row) === undefined)
        .map(row => ({
          type: row.type,
          id: row.id,
          node: row.node,
          known: guests.get(guestKey(row)) ?? null,
          hadSnapshots: Object.keys(stored.get(guestKey(row))?.snapshots ?? {}).length > 0,
        })),
      now,
    ),
    findMissing(api, [...missing, ...askAgain(gone, runId)], inventory),
  ]);
  const answered = [...confirmations].flatMap(([key, reading]): KnownAndRead[] => {
    const known = guests.get(key);
    const former = stored.get(key) ?? null;
    return known === undefined || !isReading(reading) ? [] : [{ known, former, reading }];
  });
  const freed = new Map([...(await findReplaced(scope, observed, answered, tasks?.tasks)), ...destroyed]);
  const settled = await withoutTaskDoubts(scope, observed, confirmations, {
    stored,
    freed,
    telling,
    unread: tasks?.unread ?? [],
  });
  for (const key of inventory.unreadable) absences.set(key, { verdict: 'unseen', reason: UNREADABLE });
  for (const [row, reason] of doubts) if (reason !== undefined) settled.set(guestKey(row), { reason });
  return { confirmations: settled, absences, destroyed: freed };
}

/** New guests on nodes out of reach, listed by a minority that may not know where they are now. */
function newOutOfReach({ guests, inventory, previous }: Observed): GuestObservation[] {
  if (previous === null || inventory.ofMajority) return [];
  return [...inventory.listed.values()].filter(
    row => !guests.has(guestKey(row)) && !inventory.online.has(row.node),
  );
}

/** Why a row is not confirmed with the guest; undefined where it is. */
function doubtOf(
  { guests, inventory, previous }: Observed,
  tasks: TaskFindings | null,
  row: GuestObservation,
): Reason | undefined {
  const former = guests.get(guestKey(row))?.nodeId;
  // The majority reported the guest elsewhere, or gone; a node that was cut off does not know that.
  if (previous !== null && !inventory.ofMajority && former !== row.node) return cutOff(inventory);
  // Only a destroy task tells one container from the next.
  return row.type === 'container' && former !== undefined && tasks?.failed.has(former)
    ? { code: 'tasks-unread', node: former }
    : undefined;
}

/** Guests that were already out of sight: a few are asked again in each run, and over the runs all of them in turn. */
function askAgain(gone: GuestEntity[], turn: number): GuestEntity[] {
  const unseen = gone.filter(guest => guest.unseenReason !== null);
  const start = (turn * ASK_AGAIN) % Math.max(1, unseen.length);
  return [...unseen.slice(start), ...unseen.slice(0, start)].slice(0, ASK_AGAIN);
}

/** The last recorded life under the VMID of each listed guest that is new to the store, of both types (`vm/101`). */
async function pastLivesOf(
  { store }: DiscoveryScope,
  { inventory, guests, previous }: Observed,
): Promise<Map<string, PastLife>> {
  const unknown = [...inventory.listed].filter(([key]) => !guests.has(key));
  if (unknown.length === 0) return new Map();
  const types = ({ type }: GuestObservation) => (previous === null ? [type] : GUEST_TYPES);
  const keys = unknown.flatMap(([, row]) => types(row).map(type => ({ type, id: String(row.id) })));
  const last = await store.versionsAt(NEWEST_SEQ, keys);
  return new Map(
    last.flatMap(({ type, resourceId, incarnation, change, windowAfter }) =>
      isGuestType(type)
        ? [
            [
              guestKey({ type, id: resourceId }),
              { incarnation, lastSure: change === 'deleted' ? windowAfter : null },
            ],
          ]
        : [],
    ),
  );
}

/** Tasks that were running when last read; read only where some of their nodes may be lost. */
async function runningTasks(
  { store }: DiscoveryScope,
  { inventory, nodes }: Observed,
): Promise<TaskEntity[]> {
  const listed = new Set(inventory.nodes.map(node => node.id));
  const mayBeLost =
    inventory.nodes.some(node => node.status === 'offline') ||
    [...nodes.values()].some(node => !node.removed && !listed.has(node.id));
  return mayBeLost ? (await store.tasks({ statuses: ['running'] })).rows : [];
}

/** How far the cluster's clock is ahead of ours, and each node's ahead of the cluster's (ms). */
function clocksOf(
  { clockOffset, clocks }: DiscoveryScope,
  { inventory }: Observed,
): Pick<InventoryFacts['clocks'], 'offset' | 'ahead'> {
  const ahead = [...inventory.online].map(node => [node, clocks.ahead(node)] as const);
  return { offset: clockOffset(), ahead: new Map(ahead.filter(([, by]) => by !== 0)) };
}

function unreadQuorum({ inventory: { statusUnread } }: Observed): Unseen[] {
  return statusUnread === null ? [] : [{ what: { code: 'quorum' }, since: null, reason: statusUnread }];
}

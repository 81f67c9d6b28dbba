import type { GuestEntity, NodeEntity, TaskEntity } from '../../model/entity.ts';
import type { GuestObservation } from '../../model/observation.ts';
import { type Reason, reasonKey } from '../../model/reason.ts';
import { GUEST_TYPES, isGuestType } from '../../model/resource.ts';
import { NEWEST_SEQ } from '../../model/store.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { type Boots, clusterTime, formerOffset, lookedAt, recallClock } from '../common/clock.ts';
import type { RunContext, TaskLists } from '../common/context.ts';
import { guestKey } from '../common/guest-key.ts';
import {
  commitRedated,
  type RedatedFacets,
  redatedGuest,
  redatedNode,
  redateFacets,
} from '../common/redate.ts';
import { readRights, rememberRights } from '../common/rights.ts';
import { configKeysOf, guestVersion, insertVersions } from '../common/versions.ts';
import { configEntity } from '../config/decide.ts';
import type { GuestChange } from '../guests/changes.ts';
import {
  auditedPools,
  type Confirmation,
  confirmGuests,
  cutOff,
  findMissing,
  isReading,
  isSilent,
  rowMoved,
} from '../guests/confirm.ts';
import { decideGuests, type ListingVerdict } from '../guests/decide.ts';
import {
  arrivalEvidence,
  creationEvidence,
  destroyedGuests,
  recreatedGuests,
  startEvidence,
  TELLING_TASKS,
} from '../guests/evidence.ts';
import type { Changed } from '../schedule/commit-feed.ts';
import { tasksOfLostNodes } from '../tasks/orphaned-tasks.ts';
import { gatherTasks } from '../tasks/run.ts';
import { claimCluster } from './claim-cluster.ts';
import { type ClusterVerdict, lookAtCluster } from './cluster.ts';
import { collectInventory } from './collect.ts';
import { decideNodes, type NodeBoot, seemsRebooted, unlistedNode } from './decide-nodes.ts';

const ASK_AGAIN = 20;
/** Why a guest is not judged that the listing has, though not where. */
const UNREADABLE: Reason = { code: 'row-unread' };
/** How much earlier than a listing what shows in it may have begun (ms). */
const EARLIER_MS = 60_000;
/** The tasks of a run are dated as its listing is, but for how exactly a clock is known (ms). */
const READ_TOGETHER_MS = 2_000;

/**
 * Reads the listing, confirms at the guests what would make history, and commits nodes and guests.
 * @throws ProxmoxError when the listing fails (nothing is written), ClusterMismatchError for another cluster's store.
 */
export async function runInventory(context: RunContext): Promise<void> {
  const { api, store, now, guests } = context;
  const [previous, last, former] = await Promise.all([
    store.lastCommit('inventory', { complete: true }),
    store.lastCommit('inventory'),
    formerOffset(store),
  ]);
  const [inventory, rights] = await Promise.all([
    collectInventory(api, now),
    readRights(api, store, previous && lookedAt(former, previous)),
  ]);
  context.inventory = inventory;
  if (inventory.statusUnread !== null)
    context.run.unseen.push({ what: 'quorum of the cluster', since: null, reason: inventory.statusUnread });
  context.rights = rights;
  await claimCluster(context);
  await forgetBlindPools(context);

  const firstSight = previous === null;
  const clock = recallClock(former, context, {
    boots: bootsOf(context),
    elapsed: inventory.observedAt - (last?.observedAt ?? 0),
  });
  const { steady } = clock;
  context.clock = clock;
  const redated = await redate(context);
  if (!steady || redated !== null) context.clocks.forget();
  context.firstRun = firstSight;
  const reachable = [...inventory.listed].filter(([, row]) => inventory.online.has(row.node));
  const moved = reachable.filter(([key, row]) => {
    const known = guests.get(key);
    // At first sight the listing will do, except for a guest that may run only for its backup, or of which it tells little.
    return known === undefined
      ? !firstSight || row.lock === 'backup' || row.fromNode
      : rowMoved(known, row, steady);
  });
  const gone = [...guests].flatMap(([key, guest]) =>
    inventory.listed.has(key) || inventory.unreadable.has(key) ? [] : [guest],
  );
  const missing = gone.filter(guest => guest.unseenReason === null);
  const { facets, deep } = context.request;
  // A row without a status hides what may have moved; reading every guest may find what only a task explains.
  const doubtful = moved.length > 0 || missing.length > 0 || reachable.some(([, row]) => isSilent(row));
  if (firstSight || doubtful || deep || rights.changed || facets.has('tasks')) {
    context.tasks = await gatherTasks(context, inventory);
  }
  const { lastListing } = rights;
  const listedAt = lastListing?.at ?? null;
  const tasks = await tellingTasks(
    context,
    moved.map(([, row]) => row),
    listedAt,
  );
  const destroyed = await endedLives(context, context.tasks, tasks);
  const freed = reachable.filter(one => destroyed.has(one[0]) && !moved.includes(one));
  const toHear = [...moved, ...freed].map(([, row]) => row);
  const stored = new Map((await store.configs(toHear)).map(config => [guestKey(config), config]));
  /** Why a row is not followed up, where it is not. */
  const doubtOf = (row: GuestObservation): Reason | undefined => {
    const former = guests.get(guestKey(row))?.nodeId;
    // Who stands elsewhere, or is gone, as the majority told: a node that was cut off has not heard of that.
    if (!firstSight && !inventory.ofMajority && former !== row.node) return cutOff(inventory);
    // Only a destroy task tells one container from the next.
    return row.type === 'container' && former !== undefined && context.tasks?.failed.has(former)
      ? { code: 'tasks-unread', node: former }
      : undefined;
  };
  const [confirmations, absences] = await Promise.all([
    confirmGuests(
      api,
      toHear
        .filter(row => doubtOf(row) === undefined)
        .map(row => ({
          type: row.type,
          id: row.id,
          node: row.node,
          known: guests.get(guestKey(row)) ?? null,
          hadSnapshots: Object.keys(stored.get(guestKey(row))?.snapshots ?? {}).length > 0,
        })),
      now,
    ),
    findMissing(api, [...missing, ...askAgain(gone, context.run.id)], inventory),
  ]);
  for (const key of inventory.unreadable) absences.set(key, { verdict: 'unseen', reason: UNREADABLE });
  for (const row of toHear) {
    const reason = doubtOf(row);
    if (reason !== undefined) confirmations.set(guestKey(row), { reason });
  }
  for (const [key, confirmation] of confirmations)
    if (isReading(confirmation)) context.readings.set(key, confirmation);

  const incarnations = await pastIncarnations(context);
  const ahead = clusterTime(context, inventory.observedAt) - inventory.observedAt;
  const verdict = decideGuests({
    known: guests,
    inventory,
    confirmations,
    absences,
    destroyed,
    firstSight,
    lastListing: listedAt,
    poolsHidden: rights.poolsHidden,
    clusterNow: inventory.observedAt + ahead,
    clockSteady: steady,
    redated: redated !== null,
    deadNodes: deadNodes(context),
    createdSince:
      listedAt === null
        ? () => null
        : creationEvidence({ tasks }, listedAt, !lastListing!.ofAll, node => context.clocks.ahead(node)),
    startBefore: startEvidence(tasks, at => clusterTime(context, at)),
    arrival: arrivalEvidence(
      tasks,
      at => clusterTime(context, at),
      rights.seesAllTasks &&
        context.tasks?.complete === true &&
        inventory.nodes.every(node => inventory.online.has(node.id)),
    ),
    nextIncarnation: key => (incarnations.get(key) ?? 0) + 1,
  });
  // A guest not known yet that could not be asked is not recorded yet: until it is, this was not the whole.
  const gonePredecessors = new Set(verdict.deletions.map(guestKey));
  const unknown = [...confirmations].some(
    ([key, confirmation]) => !isReading(confirmation) && (!guests.has(key) || gonePredecessors.has(key)),
  );
  const listingIsShort = [...absences.values()].some(absence => absence.verdict === 'left out');
  const nodes = decideNodes(
    context.nodes,
    inventory,
    previous && clock.looked(previous) - ahead,
    // Every token sees all nodes, so one that appears has joined, unless a list was short.
    previous !== null && inventory.nodesComplete && (!rights.changed || rights.known),
    {
      clockSteady: steady,
      ahead,
      asked: await askNodes(context),
    },
  );
  const lost = new Set([
    ...inventory.nodes.filter(node => node.status === 'offline').map(node => node.id),
    ...nodes.upserts.filter(node => node.removed).map(node => node.id),
  ]);
  const fresh = [...(context.tasks?.fresh ?? []), ...(await tasksOfLostNodes(context, lost))];
  const complete = !listingIsShort && !unknown && inventory.consistent;
  const cluster = await lookAtCluster(context, nodes);
  await commitInventory(context, verdict, { ...nodes, cluster }, { tasks: fresh, complete, redated });
  noteUnknownGuests(context, confirmations);
  // Until everything that new rights show has been recorded, what appears may have been there before.
  if (complete) await rememberRights(store, rights);
}

/** What was known to run and still does, or runs again. */
function bootsOf({ nodes, guests, inventory }: RunContext): Boots[] {
  const seen = [
    ...inventory.nodes.map(one => [nodes.get(one.id), one] as const),
    ...[...inventory.listed].map(([key, one]) => [guests.get(key), one] as const),
  ];
  return seen.flatMap(([known, { bootAt: is }]) =>
    known === undefined || known.bootAt === null || is === undefined ? [] : [{ was: known.bootAt, is }],
  );
}

/** Moves the moments of all that is known, where our clock was set; null where it was not. */
async function redate({ store, clock, guests, nodes }: RunContext): Promise<RedatedFacets | null> {
  const by = clock.redateBy;
  if (by === 0) return null;
  for (const [key, guest] of guests) guests.set(key, redatedGuest(guest, by));
  for (const [id, node] of nodes) nodes.set(id, redatedNode(node, by));
  return redateFacets(store, by);
}

/**
 * Guests whose VMID was freed since they were last seen, by what tasks tell, and when (ms, in the cluster's time): by a
 * task that destroyed them, or by one that made another guest of it.
 */
export async function endedLives(
  context: RunContext,
  findings: TaskLists | null,
  tasks: readonly TaskEntity[],
): Promise<Map<string, number>> {
  const { store, guests, inventory, clock, now } = context;
  const present = clusterTime(context, Math.min(inventory.observedAt, now()));
  const lastSeen = ({ lastSeen }: GuestEntity) => (lastSeen === null ? present : clock.bounds(lastSeen)[1]);
  const fresh = findings?.fresh.filter(task => tasks.includes(task)) ?? [];
  const [read, stored] = await Promise.all([
    store.lastCommit('tasks', { complete: true }),
    store.tasks({ upids: fresh.map(task => task.upid) }),
  ]);
  const readAt = read === null ? 0 : clock.looked(read);
  const before = new Set(stored.rows.map(task => task.upid));
  const unread = new Set(fresh.filter(task => !before.has(task.upid)));
  // All lists were read once the guest was there: its own task is known since.
  const notItsOwn = (task: TaskEntity, guest: GuestEntity) =>
    unread.has(task) && readAt + READ_TOGETHER_MS >= guest.createdAt;
  const recreated = [...recreatedGuests(tasks, guests, inventory.listed, lastSeen, notItsOwn)];
  return new Map([
    // Where the tasks of its node are still to be read, these may tell of a destruction, and when it was.
    ...recreated.filter(([key]) => !findings?.failed.has(guests.get(key)!.nodeId)),
    ...destroyedGuests(findings, guests, present),
  ]);
}

/** Tasks that may tell how the guests asked came to be there and to run: those just read, and since they were last seen. */
async function tellingTasks(
  context: RunContext,
  asked: readonly GuestObservation[],
  lastListing: number | null,
): Promise<TaskEntity[]> {
  const read = context.tasks?.tasks ?? [];
  if (asked.length === 0) return read;
  const known = asked.map(row => context.guests.get(guestKey(row)));
  const moments = known.map(guest =>
    guest?.lastSeen ? context.clock.recorded(guest.lastSeen) : lastListing,
  );
  const since = moments.filter(at => at !== null);
  if (since.length === 0) return read;
  const stored = await context.store.tasks({ types: TELLING_TASKS, since: Math.min(...since) - EARLIER_MS });
  return [...new Map([...stored.rows, ...read].map(task => [task.upid, task])).values()];
}

/** Guests that are listed but not recorded, since they could not be asked: whoever lists guests is to know. */
function noteUnknownGuests(
  { run, guests, inventory }: RunContext,
  confirmations: ReadonlyMap<string, Confirmation>,
): void {
  const reasons = new Map<string, { reason: Reason; keys: string[] }>();
  const add = (reason: Reason, keys: string[]) => {
    const before = reasons.get(reasonKey(reason))?.keys ?? [];
    reasons.set(reasonKey(reason), { reason, keys: [...before, ...keys] });
  };
  const unreadable = [...inventory.unreadable].filter(key => !guests.has(key));
  if (unreadable.length > 0) add(UNREADABLE, unreadable);
  for (const [key, confirmation] of confirmations) {
    if (isReading(confirmation) || guests.has(key)) continue;
    add(confirmation.reason, [key]);
  }
  for (const { reason, keys } of reasons.values())
    run.unseen.push({
      what: keys.length === 1 ? keys[0]! : `${keys.length} new guests`,
      since: null,
      reason,
    });
}

/** Asks the nodes that seem to have booted, though their rows may be old. Who does not answer is asked again next time. */
async function askNodes({ api, inventory, nodes, clock, now }: RunContext): Promise<Map<string, NodeBoot>> {
  const doubtful = inventory.nodes.filter(seen => seemsRebooted(nodes.get(seen.id), seen, clock.steady));
  const answers = await Promise.all(
    doubtful.map(async ({ id }): Promise<[string, NodeBoot][]> => {
      const at = now();
      try {
        const { uptime } = await api.get(endpoints.nodes.status, { node: id });
        return uptime === undefined ? [] : [[id, { uptime, bootAt: at - uptime * 1000 }]];
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        return [];
      }
    }),
  );
  return new Map(answers.flat());
}

/** Nodes that were offline in the last run and still are. */
function deadNodes({ inventory, nodes }: RunContext): Set<string> {
  const offline = inventory.nodes.filter(node => node.status === 'offline').map(node => node.id);
  return new Set(offline.filter(node => nodes.get(node)?.status === 'offline'));
}

/** Guests that were out of sight before: a few at a time are asked again, all of them in turn over the runs. */
function askAgain(gone: GuestEntity[], turn: number): GuestEntity[] {
  const unseen = gone.filter(guest => guest.unseenReason !== null);
  const start = (turn * ASK_AGAIN) % Math.max(1, unseen.length);
  return [...unseen.slice(start), ...unseen.slice(0, start)].slice(0, ASK_AGAIN);
}

async function commitInventory(
  context: RunContext,
  verdict: ListingVerdict,
  nodes: ReturnType<typeof decideNodes> & { cluster: ClusterVerdict },
  { tasks, complete, redated }: { tasks: TaskEntity[]; complete: boolean; redated: RedatedFacets | null },
): Promise<void> {
  const { store, lease, run, inventory } = context;
  const configs = new Map(
    (await store.configs(configKeysOf(verdict.changes))).map(one => [guestKey(one), one]),
  );
  const created = verdict.changes.flatMap(change =>
    change.after && !sameLife(change) && change.reading && !change.reading.unread.shortConfig
      ? [change.reading]
      : [],
  );
  const versionOf = (change: GuestChange) => {
    const guest = (change.after ?? change.before)!;
    const born = change.after !== null && !sameLife(change);
    const stored = born
      ? change.reading && !change.reading.unread.shortConfig
        ? configEntity(change.reading, null)
        : null
      : (configs.get(guestKey(guest)) ?? null);
    return guestVersion(change, 'inventory', stored);
  };
  const reborn = new Set(created.map(guestKey));
  const unknown = unlistedNodes(context, nodes.upserts, [...verdict.upserts, ...tasks]);
  await store.commitFacet(
    lease,
    { runId: run.id, facet: 'inventory', observedAt: inventory.observedAt, complete },
    async commit => {
      await context.clock.remember(commit);
      if (redated !== null) await commitRedated(commit, redated);
      await commit.upsertNodes([...nodes.upserts, ...unknown]);
      // The tasks belong to the verdict: stored apart, a crash in between would judge them twice or never.
      await commit.upsertTasks(tasks);
      await commit.insertLogLines(context.tasks?.log ?? []);
      for (const type of GUEST_TYPES) {
        const gone = verdict.deletions.filter(guest => guest.type === type);
        await commit.deleteConfigs(gone);
        await commit.deleteGuests(
          type,
          gone.map(guest => guest.id),
        );
        await commit.upsertGuests(
          type,
          verdict.upserts.filter(guest => guest.type === type),
        );
        await commit.refreshGuests(
          type,
          inventory.observedAt,
          verdict.sightings.flatMap(({ guest, seen }) => (guest.type === type ? [seen] : [])),
        );
      }
      await commit.forgetGuestDetails([...verdict.deletions.map(guestKey), ...reborn]);
      await commit.upsertConfigs(created.map(reading => configEntity(reading, null)));
      await commit.upsertDetails(nodes.cluster.details);
      await insertVersions(context, commit, [...nodes.cluster.versions, ...nodes.versions]);
      await insertVersions(context, commit, Iterator.from(verdict.changes).map(versionOf));
    },
  );
  for (const node of [...nodes.upserts, ...unknown]) context.nodes.set(node.id, node);
  for (const guest of verdict.deletions) context.guests.delete(guestKey(guest));
  for (const guest of verdict.upserts) context.guests.set(guestKey(guest), guest);
  const times = { lastSeen: inventory.observedAt, updatedAt: inventory.observedAt };
  for (const { guest, seen } of verdict.sightings) Object.assign(guest, seen, times);
  for (const key of reborn) context.readings.delete(key);
  const { cluster } = nodes;
  count(
    context,
    [...cluster.versions, ...nodes.versions, ...verdict.changes],
    verdict.upserts.length + verdict.sightings.length + nodes.upserts.length + cluster.details.length,
  );
  context.committed([...cluster.versions, ...nodes.versions, ...verdict.changes.map(changedOf)]);
}

/** Nodes that guests or tasks refer to and nothing else knows. */
function unlistedNodes(
  { nodes, inventory }: RunContext,
  listed: readonly NodeEntity[],
  referring: readonly { nodeId: string }[],
): NodeEntity[] {
  const known = new Set([...nodes.keys(), ...listed.map(node => node.id)]);
  const named = new Set(referring.map(one => one.nodeId));
  return [...named].filter(id => !known.has(id)).map(id => unlistedNode(id, inventory.observedAt));
}

/** What those who are told of a guest's change hear. */
function changedOf({ change, before, after }: GuestChange): Changed {
  const { type, id } = (after ?? before)!;
  return { type, resourceId: String(id), change };
}

/** An update or a further discovery of a guest already known, as opposed to a life that begins. */
function sameLife(change: GuestChange): boolean {
  return change.before !== null && change.after !== null;
}

/** Adds a commit's versions to the run's counts. Knowledge gained about known things counts as unchanged. */
export function count(
  context: RunContext,
  versions: {
    change: keyof RunContext['run']['counts'] | string;
    fields: unknown[];
    windowAfter: number | null;
  }[],
  seen = 0,
): void {
  const { counts } = context.run;
  let changed = 0;
  for (const { change, fields, windowAfter } of versions) {
    if (change === 'discovered' && windowAfter !== null) continue;
    if (change === 'updated' && fields.length === 0) continue;
    counts[change as 'created'] += 1;
    changed += 1;
  }
  counts.unchanged += Math.max(0, seen - changed);
}

/** Where a guest's former pool is no longer listed and may not be audited either, the row says nothing of its pool. */
async function forgetBlindPools({ api, guests, inventory, rights }: RunContext): Promise<void> {
  if (rights.poolsUnknown) {
    for (const [key, guest] of guests)
      if (guest.pool === null)
        guests.set(key, { ...guest, unconfirmed: { ...guest.unconfirmed, pool: null } });
  }
  // A node that is cut off knows the guests it has; the pools and what HA was asked for may have moved on without it.
  if (!inventory.ofMajority) {
    for (const [key, row] of inventory.listed)
      if (guests.has(key)) Object.assign(row, { pool: undefined, ha: undefined, haPassing: false });
  }
  const doubtful = [...inventory.listed].flatMap(([key, row]) => {
    const former = row.pool === null ? (guests.get(key)?.pool ?? null) : null;
    return former !== null && !inventory.pools.has(former) ? [{ row, former }] : [];
  });
  const audited = await auditedPools(api, new Set(doubtful.map(({ former }) => former)));
  for (const { row, former } of doubtful) if (!audited.has(former)) row.pool = undefined;
}

/** The last incarnation of every listed guest that is new to the store but has lived before. */
async function pastIncarnations(context: RunContext): Promise<Map<string, number>> {
  const unknown = [...context.inventory.listed].filter(([key]) => !context.guests.has(key));
  if (unknown.length === 0) return new Map();
  const keys = unknown.map(([, row]) => ({ type: row.type, id: String(row.id) }));
  const last = await context.store.versionsAt(NEWEST_SEQ, keys);
  return new Map(
    last.flatMap(one => (isGuestType(one.type) ? [[`${one.type}/${one.resourceId}`, one.incarnation]] : [])),
  );
}

import type { NewVersion } from '../../model/change.ts';
import type { GuestConfigEntity, GuestEntity } from '../../model/entity.ts';
import type { GuestReading } from '../../model/observation.ts';
import { reasonKey } from '../../model/reason.ts';
import { GUEST_TYPES, guestKey } from '../../model/resource.ts';
import type { CommitWriter } from '../../model/store.ts';
import { earliestOf } from '../../model/time.ts';
import type { Unseen } from '../../model/unseen.ts';
import { type Committed, committed, countsOf } from '../common/committed.ts';
import { type Ground, type Known, withEntries } from '../common/ground.ts';
import { commitRedated } from '../common/redate.ts';
import { rememberRights } from '../common/rights.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { configKeysOf, guestVersion, insertVersions } from '../common/versions.ts';
import { configEntity } from '../config/config-entity.ts';
import { changedGuest, type GuestChange } from '../guests/changes.ts';
import type { ListingVerdict } from '../guests/decide.ts';
import { isReading } from '../guests/row.ts';
import type { Changed } from '../schedule/commit-feed.ts';
import type { Observed } from './collect.ts';
import type { Confirmed } from './confirm.ts';
import type { InventoryDecided } from './decide.ts';

/** Most guests out of sight on one node that a run names. */
const NAMED_AT_MOST = 1_000;

/** Writes nodes, guests, the cluster and the tasks that the verdict is based on, in one transaction. */
export async function commitInventory(
  scope: DiscoveryScope,
  observed: Observed,
  { facts, tasks }: Confirmed,
  decided: InventoryDecided,
): Promise<Committed> {
  const { observedAt, complete, guests, nodes, cluster } = decided;
  const configs = await scope.store.configs(configKeysOf(guests.changes));
  const stored = new Map(configs.map(one => [guestKey(one), one]));
  const head = { runId: scope.runId, facet: 'inventory', observedAt, complete } as const;
  const versions = [...cluster.versions, ...nodes.versions];
  await scope.store.commitFacet(scope.lease, head, async commit => {
    await observed.clock.remember(commit);
    if (observed.redated !== null) await commitRedated(commit, observed.redated);
    await commit.upsertNodes([...nodes.upserts, ...decided.unlisted]);
    // The tasks belong with the verdict: stored separately, a crash in between would make them count twice or never.
    await commit.upsertTasks(decided.tasks);
    await commit.insertLogLines([...decided.log]);
    await writeGuests(commit, guests, observedAt);
    await commit.upsertDetails(cluster.details);
    const times = { ...scope, clock: observed.clock };
    await insertVersions(times, commit, versions);
    const ofGuests = Iterator.from(guests.changes).map(change => versionOf(change, stored));
    await insertVersions(times, commit, ofGuests);
  });
  // Until everything visible with new rights has been recorded, what appears may have existed before.
  if (complete) await rememberRights(scope.store, observed.rights);
  scope.feed.changed([...versions, ...guests.changes.map(changedOf)]);
  const known = after(observed, decided);
  const ground: Ground = {
    ...known,
    inventory: observed.inventory,
    rights: observed.rights,
    clock: observed.clock,
    tasks,
    firstRun: observed.previous === null,
    readings: readingsLeft(facts.confirmations, created(guests)),
  };
  const seen = [guests.upserts, guests.sightings, nodes.upserts, cluster.details];
  return committed(ground, {
    unseen: [...decided.unseen, ...outOfSight(known)],
    warnings: tasks?.warnings ?? [],
    counts: countsOf(
      [...versions, ...guests.changes],
      seen.reduce((sum, list) => sum + list.length, 0),
    ),
  });
}

async function writeGuests(commit: CommitWriter, verdict: ListingVerdict, seenAt: number): Promise<void> {
  for (const type of GUEST_TYPES) {
    const gone = verdict.deletions.filter(guest => guest.type === type);
    const there = verdict.upserts.filter(guest => guest.type === type);
    await commit.deleteConfigs(gone);
    await commit.deleteGuests(
      type,
      gone.map(guest => guest.id),
    );
    await commit.upsertGuests(type, there);
    await commit.refreshGuests(
      type,
      seenAt,
      verdict.sightings.flatMap(({ guest, seen }) => (guest.type === type ? [seen] : [])),
    );
  }
  const born = created(verdict);
  await commit.forgetGuestDetails([...verdict.deletions.map(guestKey), ...born.map(guestKey)]);
  await commit.upsertConfigs(born.map(reading => configEntity(reading, null)));
}

/** The complete readings of guests whose lives begin: their configurations are stored with them. */
function created({ changes }: ListingVerdict): GuestReading[] {
  return changes.flatMap(change => (begins(change) ? (wholeReading(change) ?? []) : []));
}

function wholeReading({ reading }: GuestChange): GuestReading | null {
  return reading === undefined || reading.unread.shortConfig ? null : reading;
}

/** Whether a life begins, as opposed to an update or a further discovery of a known guest. */
function begins({ before, after }: GuestChange): boolean {
  return after !== null && before === null;
}

function versionOf(change: GuestChange, stored: ReadonlyMap<string, GuestConfigEntity>): NewVersion {
  const known = stored.get(guestKey(changedGuest(change))) ?? null;
  if (!begins(change)) return guestVersion(change, 'inventory', known);
  const reading = wholeReading(change);
  return guestVersion(change, 'inventory', reading && configEntity(reading, null));
}

/** What listeners are told about a guest's change. */
function changedOf(change: GuestChange): Changed {
  const { type, id } = changedGuest(change);
  return { type, resourceId: String(id), change: change.change };
}

/** What is known after this commit. */
function after(known: Known, { guests, nodes, unlisted, observedAt }: InventoryDecided): Known {
  const times = { lastSeen: observedAt, updatedAt: observedAt };
  const standing = guests.sightings.map(({ guest, seen }): [string, GuestEntity] => [
    guestKey(guest),
    { ...guest, ...seen, ...times },
  ]);
  const moved = guests.upserts.map((guest): [string, GuestEntity] => [guestKey(guest), guest]);
  return {
    nodes: withEntries(
      known.nodes,
      [...nodes.upserts, ...unlisted].map(node => [node.id, node]),
    ),
    guests: withEntries(known.guests, [...standing, ...moved], guests.deletions.map(guestKey)),
  };
}

/** The readings of guests whose configuration is still to be decided on. */
function readingsLeft(
  confirmations: Confirmed['facts']['confirmations'],
  born: ReturnType<typeof created>,
): Ground['readings'] {
  const done = new Set(born.map(guestKey));
  return new Map(
    [...confirmations].flatMap(([key, one]) => (isReading(one) && !done.has(key) ? [[key, one]] : [])),
  );
}

/** Guests and nodes that this run could not see, grouped by reason, so that forty guests of a dead node are one entry. */
function outOfSight({ guests, nodes }: Known): Unseen[] {
  const lost = [...guests.values()].filter(guest => guest.unseenReason !== null);
  const groups = Map.groupBy(lost, guest => `${guest.nodeId}\n${reasonKey(guest.unseenReason!)}`);
  const ofGuests = [...groups.values()].map((group): Unseen => {
    const [first] = group as [GuestEntity];
    return {
      what:
        group.length === 1
          ? { code: 'resource', resource: guestKey(first) }
          : { code: 'guests', count: group.length, node: first.nodeId },
      since: earliestOf(group.flatMap(guest => guest.lastSeen ?? [])),
      reason: first.unseenReason!,
      resources: group.slice(0, NAMED_AT_MOST).map(guestKey),
    };
  });
  const ofNodes = [...nodes.values()]
    .filter(node => node.unseenReason !== null && !node.removed)
    .map((node): Unseen => {
      const key = `node/${node.id}`;
      const what = { code: 'resource', resource: key } as const;
      return { what, since: node.lastSeen, reason: node.unseenReason!, resources: [key] };
    });
  return [...ofNodes, ...ofGuests];
}

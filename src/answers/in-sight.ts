import { formatTime } from '../history/moment.ts';
import type { Row } from '../mcp/define/output.ts';
import type { StandingVersion } from '../model/change.ts';
import type { CommitEntity, GuestEntity, NodeEntity, RunEntity, TaskEntity } from '../model/entity.ts';
import type { Facet } from '../model/facet.ts';
import type { GuestGroup } from '../model/filter.ts';
import type { Reason } from '../model/reason.ts';
import { reasonText } from '../model/reason-text.ts';
import { formatKey, type GuestType, guestKey } from '../model/resource.ts';
import type { StoreReader } from '../model/store.ts';
import type { OurTime } from '../model/time.ts';
import { parseTrail, TRAIL_NOTE } from '../model/trail.ts';
import type { Unseen } from '../model/unseen.ts';
import { clusterText } from './format/text.ts';

/*
 * Whatever is out of sight is shown as last known, never as present: nothing counts it as running, online or available.
 */

/** Why the present state of something is unknown, and since when (ms; null if it was never seen). */
export interface OutOfSight {
  since: OurTime | null;
  reason: Reason;
}

/** What is known from the nodes about themselves and the guests on them. */
export interface NodeSights {
  /** Nodes known to be online: a guest on any other node cannot be seen. */
  standing: ReadonlySet<string>;
  /** Nodes whose own status cannot be judged. */
  unseen: ReadonlyMap<string, OutOfSight>;
  /** Guests (`vm/101`) that were out of sight at the moment shown; empty for the present, which their rows tell. */
  unseenGuests: ReadonlyMap<string, OutOfSight>;
  /** Guests whose configuration could not be read at the last look; empty for a past moment. */
  unreadConfigs: ReadonlySet<string>;
}

/** The present. A node that is listed but does not answer counts as unseen, like one with contradictory rows. */
export async function nodeSights(store: StoreReader, known?: NodeEntity[]): Promise<NodeSights> {
  const [nodes, commits] = await Promise.all([
    known ?? store.nodes(),
    store.lastCommits(['inventory', 'details', 'config']),
  ]);
  const runs = await store.runs([...new Set([...commits.values()].map(commit => commit.runId))]);
  const unseen = (facet: Facet) => {
    const run = runs.find(one => one.id === commits.get(facet)?.runId);
    return run === undefined ? new Map<string, OutOfSight>() : unseenOf(run, facet);
  };
  const seq = (facet: Facet) => commits.get(facet)?.seq ?? 0;
  // Details ask every node, the inventory only some: nodes it found silent are so until details are read again.
  const silent =
    seq('inventory') > seq('details') ? [...unseen('inventory'), ...unseen('details')] : unseen('details');
  return { ...sightsOf(nodes, new Map(silent), new Map()), unreadConfigs: new Set(unseen('config').keys()) };
}

/** What was in sight at a place in the sequence, as far as the run that led there recorded what was not. */
export async function nodeSightsAt(store: StoreReader, seq: number): Promise<NodeSights> {
  const [versions, unseen] = await Promise.all([
    store.everythingAt(seq, 'node'),
    unseenAt(store, seq, 'inventory'),
  ]);
  const nodes = versions.map(({ resourceId, state }) => ({
    id: resourceId,
    status: String(state['status']),
    lastSeen: null,
    unseenReason: null,
  }));
  return sightsOf(nodes, unseen, unseen);
}

function sightsOf(
  nodes: Pick<NodeEntity, 'id' | 'status' | 'lastSeen' | 'unseenReason'>[],
  reported: ReadonlyMap<string, OutOfSight>,
  unseenGuests: NodeSights['unseenGuests'],
): NodeSights {
  const unseen = nodes.flatMap((node): [string, OutOfSight][] => {
    const silent = reported.get(formatKey({ type: 'node', id: node.id }));
    if (node.unseenReason !== null) return [[node.id, { since: node.lastSeen, reason: node.unseenReason }]];
    return silent === undefined || node.status !== 'online' ? [] : [[node.id, silent]];
  });
  return {
    standing: new Set(nodes.filter(node => node.status === 'online').map(node => node.id)),
    unseen: new Map(unseen),
    unseenGuests,
    unreadConfigs: new Set(),
  };
}

/** What the newest commit of a facet could not see, by resource (`node/pve2`). */
export async function unseenIn(store: StoreReader, facet: Facet): Promise<Map<string, OutOfSight>> {
  const commit = await store.lastCommit(facet);
  return unseenBy(store, commit, facet);
}

/** The same at a place in the sequence. The run that led there read the inventory, but not always the other facets. */
export async function unseenAt(
  store: StoreReader,
  seq: number,
  facet: Facet,
): Promise<ReadonlyMap<string, OutOfSight>> {
  const commit = facet === 'inventory' ? store.commit(seq) : store.lastCommit(facet, { upTo: seq });
  return unseenBy(store, await commit, facet);
}

async function unseenBy(
  store: StoreReader,
  commit: CommitEntity | null,
  facet: Facet,
): Promise<Map<string, OutOfSight>> {
  const [run] = commit === null ? [] : await store.runs([commit.runId]);
  return run === undefined ? new Map() : unseenOf(run, facet);
}

function unseenOf(run: RunEntity, facet: Facet): Map<string, OutOfSight> {
  const found = run.unseen.filter((one: Unseen) => (one.facet ?? 'inventory') === facet);
  return new Map(
    found.flatMap(({ resources = [], since, reason }) =>
      resources.map((key): [string, OutOfSight] => [key, { since, reason }]),
    ),
  );
}

/** Why a guest's row is not its present state; null if it is. */
export function guestOutOfSight(
  guest: Pick<GuestEntity, 'type' | 'id' | 'nodeId' | 'lastSeen' | 'unseenReason'>,
  nodes: NodeSights,
): OutOfSight | null {
  if (guest.unseenReason !== null) return { since: guest.lastSeen, reason: guest.unseenReason };
  const then = nodes.unseenGuests.get(guestKey(guest));
  if (then !== undefined) return then;
  return nodes.standing.has(guest.nodeId)
    ? null
    : { since: guest.lastSeen, reason: { code: 'node-not-online', node: guest.nodeId } };
}

/** Why a guest could not be seen at the moment of these sights; null if it could. */
export function versionOutOfSight(
  { type, resourceId, node }: StandingVersion,
  nodes: NodeSights,
): OutOfSight | null {
  const guest = { type: type as GuestType, id: Number(resourceId), nodeId: node ?? '' };
  return guestOutOfSight({ ...guest, lastSeen: null, unseenReason: null }, nodes);
}

/** Whether the guests of a group can be seen, so that they may be counted as what they are. */
export function isGroupInSight(group: GuestGroup, nodes: NodeSights): boolean {
  return group.seen && nodes.standing.has(group.nodeId);
}

/** Said where a list of tasks lacks those of other users. */
export const OWN_TASKS_ONLY = "only those of the token's own user can be seen now (needs Sys.Audit)";

/** Which tasks are known to be still running. */
export interface TaskSights {
  /** Nodes whose running tasks were read at the last look. */
  nodes: string[];
  /** Only tasks of the token's own user can be seen. */
  ownOnly: boolean;
  /** Why it is unknown whether this task is still running; null if it is known, as for every task that ended. */
  of(task: Pick<TaskEntity, 'nodeId' | 'status'>): OutOfSight | null;
}

/** What the last look at tasks could see. */
export async function taskSights(store: StoreReader, known?: NodeSights): Promise<TaskSights> {
  const [nodes, lists, trail] = await Promise.all([
    known ?? nodeSights(store),
    unseenIn(store, 'tasks'),
    store.note(TRAIL_NOTE),
  ]);
  const outOf = (node: string): OutOfSight | null =>
    nodes.unseen.get(node) ??
    lists.get(formatKey({ type: 'node', id: node })) ??
    (nodes.standing.has(node) ? null : { since: null, reason: { code: 'node-not-online', node } });
  return {
    nodes: [...nodes.standing].filter(node => outOf(node) === null),
    ownOnly: parseTrail(trail).at(-1)?.tasks === 'own',
    of: ({ status, nodeId }) => (status === 'running' ? outOf(nodeId) : null),
  };
}

/** The columns for a row that is out of sight; none if it is the present. */
export function unseenFields(out: OutOfSight | null, timeZone: string): Row {
  if (out === null) return {};
  return {
    unseen_since: out.since === null ? null : formatTime(out.since, timeZone),
    unseen_reason: clusterText(reasonText(out.reason), 200),
  };
}

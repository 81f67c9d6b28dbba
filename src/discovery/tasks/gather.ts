import type { TaskEntity } from '../../model/entity.ts';
import type { Reason } from '../../model/reason.ts';
import { type ClusterTime, clusterTime, earliest, later, toClusterTime } from '../../model/time.ts';
import type { TrailEntry } from '../../model/trail.ts';
import { parseUpid } from '../../model/upid.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { failureReason } from '../common/failure-reason.ts';
import type { Listed } from '../common/ground.ts';
import type { DiscoveryScope } from '../common/scope.ts';
import { withCloneLogs } from './clone-logs.ts';
import type { TaskFindings, TaskLists } from './findings.ts';
import { OPEN, unlisted } from './orphaned-tasks.ts';
import { type GuestNames, type ListedTask, PAGE, readTasks, taskOf } from './read.ts';
import { type CollectedLog, collectLog } from './read-log.ts';
import { datesOf, isClockSet, taskClockOf } from './task-clock.ts';

/** How far a node's clock may have been set back behind its newest task since it was last read (ms). */
const SET_BACK_MS = 600_000;
/** Most UPIDs in one query. */
const BATCH = 1_000;

/** Reads the cluster's log and the task lists of all online nodes; failures are named, and the rest counts. */
export async function gatherTasks(scope: DiscoveryScope, listed: Listed): Promise<TaskFindings> {
  const { inventory, rights } = listed;
  await scope.clocks.recall(scope.store);
  const ofClocks = await scope.clocks.read({ ...scope, inventory });
  const after = (await scope.store.lastCommit())?.seq ?? 0;
  const [{ lines, undated, seen, warnings }, lists] = await Promise.all([
    gatherLog(scope, listed),
    gatherLists(scope, listed, inventory.online),
  ]);
  const dark = inventory.nodes.flatMap(({ id }) => (inventory.online.has(id) ? [] : [id]));
  const unread = [...new Set([...dark, ...lists.unread])].sort();
  const tasks = rights.seesAllTasks ? 'all' : 'own';
  const trail: TrailEntry = { after, log: seen, tasks, unread };
  return { ...lists, log: lines, undated, trail, warnings: [...ofClocks, ...warnings] };
}

/** Reads the task lists of these nodes; failures are named, and the rest counts. */
export async function gatherLists(
  scope: DiscoveryScope,
  listed: Listed,
  nodes: ReadonlySet<string>,
): Promise<TaskLists> {
  // Including guests that this run finds gone: tasks on them are still theirs.
  const names: GuestNames = new Map(
    [...listed.guests.values(), ...listed.inventory.guests].map(({ id, type }) => [id, type]),
  );
  const failed = new Map<string, Reason>();
  const look = await lastLook(scope, listed, listed.rights.changed);
  const lists = await Promise.all(
    [...nodes].map(async node => {
      try {
        return await gatherNode(scope, listed, { node, look, names });
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        failed.set(node, failureReason(error));
        return { tasks: [], fresh: [], whole: false };
      }
    }),
  );
  return {
    tasks: lists.flatMap(list => list.tasks),
    fresh: lists.flatMap(list => list.fresh),
    failed,
    unread: [...nodes].filter((_, n) => !lists[n]!.whole),
    complete: lists.every(list => list.whole),
  };
}

async function gatherLog(
  scope: DiscoveryScope,
  listed: Listed,
): Promise<Pick<CollectedLog, 'lines' | 'undated'> & { seen: TrailEntry['log']; warnings: string[] }> {
  const { readsLog } = listed.rights;
  const warnings = readsLog
    ? []
    : ['/cluster/log: without Sys.Syslog on / it shows only what the token itself did'];
  try {
    const since = await lastLook(scope, listed, false);
    const { lines, gap, undated } = await collectLog(
      scope.api,
      (node, at) => scope.clocks.dates(node, at),
      since,
    );
    return { lines, undated, seen: !readsLog ? 'own' : gap ? 'gap' : 'all', warnings };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    return {
      lines: [],
      undated: new Set(),
      seen: 'unread',
      warnings: [...warnings, `/cluster/log: ${error.message}`],
    };
  }
}

/**
 * A node's tasks since the start of the oldest one still running, or since the newest known one, but never later than the last
 * look: where a clock was set back, known tasks may be dated in the future. Where the token may just have been given sight of
 * other users' tasks, since those were last seen: its own user's may be newer.
 */
async function gatherNode(
  scope: DiscoveryScope,
  listed: Listed,
  { node, look, names }: { node: string; look: ClusterTime; names: GuestNames },
): Promise<{ tasks: TaskEntity[]; whole: boolean; fresh: TaskEntity[] }> {
  const { store, api, clocks } = scope;
  const [open, newest] = await Promise.all([
    store.tasks({ node, statuses: OPEN }),
    store.tasks({ node }, { by: 'startTime', order: 'desc' }, { limit: 1 }),
  ]);
  const oldest = open.rows.length > 0 ? open.rows : newest.rows;
  const from =
    oldest.length === 0 ? null : Math.min(look, ...oldest.map(task => task.startTime)) - SET_BACK_MS;
  // By the node's own clock, as the node filters by it: a clock may have been set since they were recorded.
  const begun = open.rows.flatMap(task => parseUpid(task.upid)?.startedAt ?? []);
  const since =
    from === null
      ? null
      : earliest(clocks.earliest(node, clusterTime(from)), ...begun.map(at => later(at, -SET_BACK_MS)));
  const { tasks: rows, whole } = await readTasks(api, node, since);
  const former = await formerOf(rows, scope);
  const clock = await taskClockOf(scope, listed, node);
  if (await isClockSet(scope, node, { rows, former, clock }))
    return gatherNode(scope, listed, { node, look, names });
  const dated = rows.map(one =>
    taskOf(one, datesOf(one, listed.clock.steady ? former.get(one.row.upid) : undefined, clock), names),
  );
  const tasks = await withCloneLogs(api, dated, former, from ?? Number.POSITIVE_INFINITY);
  // A list of several pages may have shifted while it was read.
  const moved = from === null || !whole || tasks.length >= PAGE;
  const at = toClusterTime(listed.inventory.observedAt, scope.clockOffset());
  const lost = moved ? [] : unlisted(open.rows, tasks, { at, seesAll: listed.rights.seesAllTasks });
  return { tasks, whole, fresh: [...tasks.filter(task => isFresh(task, former.get(task.upid))), ...lost] };
}

/** The known tasks among these, by UPID. */
async function formerOf(
  tasks: readonly ListedTask[],
  { store }: DiscoveryScope,
): Promise<Map<string, TaskEntity>> {
  const former = new Map<string, TaskEntity>();
  for (let start = 0; start < tasks.length; start += BATCH) {
    const upids = tasks.slice(start, start + BATCH).map(({ row }) => row.upid);
    for (const task of (await store.tasks({ upids })).rows) former.set(task.upid, task);
  }
  return former;
}

/** Whether a task is new to the store, has ended since, or has revealed since which guest it makes. */
function isFresh(task: TaskEntity, former: TaskEntity | undefined): boolean {
  return task.status !== former?.status || (task.logEntries !== null && former.logEntries === null);
}

/**
 * When the tasks (`all`: of all users) were last read, in the cluster's time: the earlier of the readings by the present clocks
 * and by those of then. Tasks from before the store are not wanted.
 */
async function lastLook(
  scope: DiscoveryScope,
  { clock, inventory }: Listed,
  all: boolean,
): Promise<ClusterTime> {
  const { store } = scope;
  const last = (await store.lastCommit('tasks', { complete: all })) ?? (await store.firstCommit());
  return last === null ? toClusterTime(inventory.observedAt, scope.clockOffset()) : clock.looked(last);
}

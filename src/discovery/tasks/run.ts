import type { LogLineEntity, TaskEntity } from '../../model/entity.ts';
import type { InventoryObservation } from '../../model/observation.ts';
import type { Reason } from '../../model/reason.ts';
import type { TrailEntry } from '../../model/trail.ts';
import { parseUpid } from '../../model/upid.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { clusterTime } from '../common/clock.ts';
import type { RunContext, TaskFindings, TaskLists } from '../common/context.ts';
import { failureReason } from '../common/failure-reason.ts';
import { rememberTrail } from '../common/trail.ts';
import { collectTasks, type GuestNames, PAGE, type TaskList } from './collect.ts';
import { collectLog } from './collect-log.ts';
import { OPEN, unlisted } from './orphaned-tasks.ts';

/** A node's clock may have been set back behind its newest task since it was last read (ms). */
const SET_BACK_MS = 600_000;
/** UPIDs that one query asks for. */
const BATCH = 1_000;

/** Reads the cluster's log and the task lists of all nodes that are online; what fails is named, the rest counts. */
export async function gatherTasks(
  context: RunContext,
  inventory: InventoryObservation,
): Promise<TaskFindings> {
  await context.clocks.read(context);
  const after = (await context.store.lastCommit())?.seq ?? 0;
  const [{ lines, seen }, lists] = await Promise.all([
    gatherLog(context),
    gatherLists(context, inventory, inventory.online),
  ]);
  const dark = inventory.nodes.flatMap(({ id }) => (inventory.online.has(id) ? [] : [id]));
  const unread = [...new Set([...dark, ...lists.unread])].sort();
  const tasks = context.rights.seesAllTasks ? 'all' : 'own';
  return { ...lists, log: lines, trail: { after, log: seen, tasks, unread } };
}

/** The task lists of these nodes; what fails is named, the rest counts. */
export async function gatherLists(
  context: RunContext,
  inventory: InventoryObservation,
  nodes: ReadonlySet<string>,
): Promise<TaskLists> {
  // Also those that this run finds gone: what ran on them is theirs.
  const names: GuestNames = new Map(
    [...context.guests.values(), ...inventory.guests].map(({ id, type }) => [id, type]),
  );
  const failed = new Map<string, Reason>();
  const look = await lastLook(context, context.rights.changed);
  const lists = await Promise.all(
    [...nodes].map(async node => {
      try {
        return await gatherNode(context, node, look, names);
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

async function gatherLog(context: RunContext): Promise<{ lines: LogLineEntity[]; seen: TrailEntry['log'] }> {
  const { api, run, rights, clocks } = context;
  try {
    if (!rights.readsLog)
      run.warnings.push('/cluster/log: without Sys.Syslog on / it shows only what the token itself did');
    const { lines, gap } = await collectLog(api, node => clocks.ahead(node), await lastLook(context, false));
    return { lines, seen: !rights.readsLog ? 'own' : gap ? 'gap' : 'all' };
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    run.warnings.push(`/cluster/log: ${error.message}`);
    return { lines: [], seen: 'unread' };
  }
}

/**
 * A node's tasks from the start of the oldest one still running on, or from the newest one known, and never from later than
 * the last look: where a clock was set back, what is known may be dated in the future. Where the token may just have been
 * given sight of those of others, from when they were last seen: its user's own may be newer.
 */
async function gatherNode(
  context: RunContext,
  node: string,
  look: number,
  names: GuestNames,
): Promise<TaskList & { fresh: TaskEntity[] }> {
  const { store, api } = context;
  const [open, newest] = await Promise.all([
    store.tasks({ node, statuses: OPEN }),
    store.tasks({ node }, { by: 'startTime', order: 'desc' }, { limit: 1 }),
  ]);
  const ahead = context.clocks.ahead(node);
  // By the node's own clock, as the node looks for them: a clock may have been set since they were recorded.
  const begun = open.rows.map(task => (parseUpid(task.upid)?.startedAt ?? task.startTime + ahead) - ahead);
  const known = begun.length > 0 ? Math.min(...begun) : (newest.rows[0]?.startTime ?? null);
  const since = known === null ? null : Math.min(known, look);
  const from = since === null ? null : since - SET_BACK_MS;
  const { tasks, whole } = await collectTasks(api, node, from, ahead, names);
  // A list of several pages may have shifted while it was read.
  const lost = from === null || !whole || tasks.length >= PAGE ? [] : unlisted(open.rows, tasks, context);
  return { tasks, whole, fresh: [...(await freshOf(tasks, context)), ...lost] };
}

/** Tasks that are new to the store or have ended since. Known by their UPID: what dates them may have been set. */
async function freshOf(tasks: TaskEntity[], { store }: RunContext): Promise<TaskEntity[]> {
  const former = new Map<string, string>();
  for (let start = 0; start < tasks.length; start += BATCH) {
    const upids = tasks.slice(start, start + BATCH).map(task => task.upid);
    for (const { upid, status } of (await store.tasks({ upids })).rows) former.set(upid, status);
  }
  return tasks.filter(task => former.get(task.upid) !== task.status);
}

/**
 * When the tasks (`all`: of all users) were last read, in the cluster's time: the earlier of what the clocks tell now and
 * what they told then. Nobody asks for those from before the store.
 */
async function lastLook(context: RunContext, all: boolean): Promise<number> {
  const { store, clock, inventory } = context;
  const last = (await store.lastCommit('tasks', { complete: all })) ?? (await store.firstCommit());
  return last === null ? clusterTime(context, inventory.observedAt) : clock.looked(last);
}

/** Records that the task lists were read. The tasks themselves stand in the inventory's commit, whose verdict rests on what was new in them. */
export async function commitTasks(context: RunContext): Promise<void> {
  const { store, lease, run, inventory, rights, tasks } = context;
  if (tasks === null) return;
  const complete = tasks.complete && rights.seesAllTasks;
  await store.commitFacet(
    lease,
    { runId: run.id, facet: 'tasks', observedAt: inventory.observedAt, complete },
    async () => {},
  );
  await rememberTrail(store, tasks.trail);
  for (const [node, reason] of tasks.failed) {
    run.unseen.push({ what: `tasks of node ${node}`, since: null, reason, resources: [`node/${node}`] });
  }
  context.tasksCommitted(tasks.fresh.map(task => task.upid));
}

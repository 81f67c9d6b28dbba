import type { LogLineEntity, TaskEntity } from '../model/entity.ts';
import type { InventoryObservation } from '../model/observation.ts';
import { ProxmoxError } from '../proxmox/proxmox-error.ts';
import { collectLog } from './collect-log.ts';
import { collectTasks, type GuestNames } from './collect-tasks.ts';
import type { RunContext, TaskFindings } from './context.ts';

/** A node's clock may have been set back behind its newest task since it was last read (ms). */
const SET_BACK_MS = 600_000;

/** Reads the cluster's log and the task lists of all nodes that are online; what fails is named, the rest counts. */
export async function gatherTasks(
  context: RunContext,
  inventory: InventoryObservation,
): Promise<TaskFindings> {
  await context.clocks.read(context);
  const [log, lists] = await Promise.all([
    gatherLog(context),
    gatherLists(context, inventory, inventory.online),
  ]);
  return { ...lists, log };
}

/** The task lists of these nodes; what fails is named, the rest counts. */
export async function gatherLists(
  context: RunContext,
  inventory: InventoryObservation,
  nodes: ReadonlySet<string>,
): Promise<TaskFindings> {
  const names: GuestNames = new Map(inventory.guests.map(row => [row.id, row.type]));
  const failed = new Map<string, string>();
  const lists = await Promise.all(
    [...nodes].map(async node => {
      try {
        return await gatherNode(context, node, names);
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        failed.set(node, error.message);
        return { tasks: [], fresh: [] };
      }
    }),
  );
  return {
    tasks: lists.flatMap(list => list.tasks),
    fresh: lists.flatMap(list => list.fresh),
    log: [],
    failed,
    complete: failed.size === 0,
  };
}

async function gatherLog({ api, run, rights, clocks }: RunContext): Promise<LogLineEntity[]> {
  try {
    if (!rights.readsLog)
      run.warnings.push('/cluster/log: without Sys.Syslog on / it shows only what the token itself did');
    return await collectLog(api, node => clocks.ahead(node));
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    run.warnings.push(`/cluster/log: ${error.message}`);
    return [];
  }
}

/**
 * A node's tasks from the start of the oldest one still running on, or from the newest one known. Where the token may just
 * have been given sight of those of others, from when they were last seen: its user's own may be newer.
 */
async function gatherNode(
  context: RunContext,
  node: string,
  names: GuestNames,
): Promise<{ tasks: TaskEntity[]; fresh: TaskEntity[] }> {
  const { store, api, rights } = context;
  const oldestFirst = { by: 'startTime', order: 'asc' } as const;
  const [running, newest] = await Promise.all([
    store.tasks({ node, statuses: ['running'] }, oldestFirst, { limit: 1 }),
    store.tasks({ node }, { by: 'startTime', order: 'desc' }, { limit: 1 }),
  ]);
  const known = running.rows[0]?.startTime ?? newest.rows[0]?.startTime ?? null;
  const since = known === null || !rights.changed ? known : Math.min(known, await allSeenUntil(context));
  const ahead = context.clocks.ahead(node);
  const from = since === null ? null : since - SET_BACK_MS;
  const tasks = await collectTasks(api, node, from, ahead, names);
  const stored =
    from === null
      ? []
      : (await store.tasks({ node, since: from - SET_BACK_MS }, oldestFirst, { limit: 100_000 })).rows;
  const former = new Map(stored.map(task => [task.upid, task]));
  const fresh = tasks.filter(task => former.get(task.upid)?.status !== task.status);
  return { tasks, fresh };
}

/** When the tasks of all users were last read, in the cluster's time. Nobody asks for those from before the store. */
async function allSeenUntil({ store, clock, inventory }: RunContext): Promise<number> {
  const last = (await store.lastCommit('tasks', { complete: true })) ?? (await store.firstCommit());
  return clock.recorded(last?.observedAt ?? inventory.observedAt);
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
  for (const [node, reason] of tasks.failed) {
    run.unseen.push({ what: `tasks of node ${node}`, since: null, reason });
  }
  context.tasksCommitted(tasks.fresh.map(task => task.upid));
}

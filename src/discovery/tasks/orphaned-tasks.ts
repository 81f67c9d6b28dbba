import type { TaskEntity } from '../../model/entity.ts';
import { clusterTime } from '../common/clock.ts';
import type { RunContext } from '../common/context.ts';

/** Tasks that are not known to have ended. */
export const OPEN = ['running', 'unknown'];

/**
 * Tasks that ran on nodes that are off or have left: whether they still do nobody can tell. Left as running they would be
 * the cause of whatever happens to their guests from now on.
 */
export async function tasksOfLostNodes(
  context: RunContext,
  lost: ReadonlySet<string>,
): Promise<TaskEntity[]> {
  if (lost.size === 0) return [];
  const { rows } = await context.store.tasks({ statuses: ['running'] });
  return rows.filter(task => lost.has(task.nodeId)).map(task => outOfSight(task, context));
}

/**
 * What became of open tasks that a node no longer lists: where it lists everybody's, it has forgotten how they ended. It is
 * as PVE says of a task that left no result.
 */
export function unlisted(open: TaskEntity[], listed: TaskEntity[], context: RunContext): TaskEntity[] {
  const upids = new Set(listed.map(task => task.upid));
  return open.flatMap((task): TaskEntity[] => {
    if (upids.has(task.upid)) return [];
    const lost = task.status === 'running' ? outOfSight(task, context) : task;
    if (context.rights.seesAllTasks) return [{ ...lost, status: 'error', exitStatus: 'unknown' }];
    return lost === task ? [] : [lost];
  });
}

function outOfSight(task: TaskEntity, context: RunContext): TaskEntity {
  return { ...task, status: 'unknown', endTime: clusterTime(context, context.inventory.observedAt) };
}

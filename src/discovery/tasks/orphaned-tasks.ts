import type { TaskEntity } from '../../model/entity.ts';
import type { ClusterTime } from '../../model/time.ts';

/** The statuses of tasks that are not known to have ended. */
export const OPEN = ['running', 'unknown'];

/**
 * The tasks among `running` on nodes that are off or have left: whether they still run cannot be known. Kept as running they
 * would become the cause of whatever happens to their guests from now on. `at` is the present, in the cluster's time (ms).
 */
export function tasksOfLostNodes(
  running: readonly TaskEntity[],
  lost: ReadonlySet<string>,
  at: ClusterTime,
): TaskEntity[] {
  return running.filter(task => lost.has(task.nodeId)).map(task => outOfSight(task, at));
}

/**
 * What became of open tasks that a node no longer lists: where it lists everybody's tasks (`seesAll`), it has forgotten how they
 * ended, and they get the status that PVE shows for a task without a result. `at` is the present, in the cluster's time (ms).
 */
export function unlisted(
  open: TaskEntity[],
  listed: TaskEntity[],
  { at, seesAll }: { at: ClusterTime; seesAll: boolean },
): TaskEntity[] {
  const upids = new Set(listed.map(task => task.upid));
  return open.flatMap((task): TaskEntity[] => {
    if (upids.has(task.upid)) return [];
    const lost = task.status === 'running' ? outOfSight(task, at) : task;
    if (seesAll) return [{ ...lost, status: 'error', exitStatus: 'unknown' }];
    return lost === task ? [] : [lost];
  });
}

function outOfSight(task: TaskEntity, at: ClusterTime): TaskEntity {
  return { ...task, status: 'unknown', endTime: at };
}

import type { Failure, TasksHealth } from '../../health/facts.ts';
import { userOf } from '../../history/acts.ts';
import type { TaskEntity } from '../../model/entity.ts';
import { taskKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { type NodeSights, taskSights } from '../in-sight.ts';

const DAY_MS = 86_400_000;
/** How far back failures are examined (ms). */
const FAILED_WITHIN_MS = 7 * DAY_MS;
const FAILURES_AT_MOST = 500;
/** Kinds of failure for which later successes are looked for. */
const KINDS_AT_MOST = 50;
/** A task that ended longer ago (ms) does not hold a lock seen since. */
const ENDED_WITHIN_MS = 900_000;

/** What checks need to know about tasks. `now` is the cluster's present (ms), `offset` how far it is ahead of ours. */
export async function taskFacts(
  store: StoreReader,
  nodes: NodeSights,
  { now, offset }: { now: number; offset: number },
): Promise<TasksHealth> {
  const [sights, commit, running, late, failed] = await Promise.all([
    taskSights(store, nodes),
    store.lastCommit('tasks'),
    store.tasks({ statuses: ['running'] }),
    store.tasks({ since: now - ENDED_WITHIN_MS }, undefined, { limit: 2_000 }),
    store.tasks(
      { statuses: ['error'], since: now - FAILED_WITHIN_MS },
      { by: 'startTime', order: 'desc' },
      { limit: FAILURES_AT_MOST },
    ),
  ]);
  const kinds = [...Map.groupBy(failed.rows, task => `${task.type} ${subjectOf(task)}`).values()];
  return {
    readAt: commit?.observedAt ?? null,
    ownOnly: sights.ownOnly,
    nodes: sights.nodes,
    running: running.rows
      .filter(task => sights.of(task) === null)
      .map(task => ({
        upid: task.upid,
        type: task.type,
        resource: resourceOf(task),
        node: task.nodeId,
        user: userOf(task),
        startedAt: task.startTime,
      })),
    ended: late.rows.flatMap(task =>
      task.endTime === null
        ? []
        : [
            {
              type: task.type,
              resource: resourceOf(task),
              node: task.nodeId,
              endedAt: task.endTime - offset,
            },
          ],
    ),
    failures: await Promise.all(kinds.slice(0, KINDS_AT_MOST).map(tasks => failureOf(store, tasks))),
  };
}

/** The guest or storage that a task is about; null if it is about its node. */
function resourceOf(task: TaskEntity): string | null {
  return task.resourceType === 'node' ? null : taskKey(task);
}

function subjectOf(task: TaskEntity): string {
  return resourceOf(task) ?? `node/${task.nodeId}`;
}

/** Failures of one kind, newest first, as one. */
async function failureOf(store: StoreReader, tasks: readonly TaskEntity[]): Promise<Failure> {
  const [last] = tasks as [TaskEntity];
  const { resourceType, resourceId } = last;
  const about =
    resourceType === null || resourceId === null || resourceType === 'node'
      ? { node: last.nodeId }
      : { resource: { type: resourceType, id: resourceId } };
  const since = await store.tasks(
    { ...about, types: [last.type], statuses: ['ok', 'warning'], since: last.startTime },
    { by: 'startTime', order: 'desc' },
    { limit: 20 },
  );
  const isSame = (task: TaskEntity) => subjectOf(task) === subjectOf(last) && task.startTime > last.startTime;
  return {
    type: last.type,
    resource: subjectOf(last),
    node: last.nodeId,
    user: userOf(last),
    times: tasks.length,
    firstAt: Math.min(...tasks.map(task => task.startTime)),
    lastAt: last.startTime,
    exitStatus: last.exitStatus ?? '',
    upid: last.upid,
    mended: since.rows.some(isSame),
  };
}

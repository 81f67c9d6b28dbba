import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { TaskEntity } from '../../model/entity.ts';
import type { ResourceKey, ResourceType } from '../../model/resource.ts';
import { firstSightEnd, historyStart } from '../changes/history-start.ts';
import { changeRows } from '../changes/rows.ts';
import { taskSights } from '../in-sight.ts';
import { type Resolved, resolveMoment } from '../moments.ts';
import { taskRow } from '../tasks/rows.ts';
import { taskSpan } from '../tasks/span.ts';

/** Which history: of a span of time, of all resources or of some. */
export interface TimelineAsked {
  since: string;
  until?: string | undefined;
  resource?: ResourceKey | undefined;
  type?: ResourceType | undefined;
  node?: string | undefined;
}

/** Every change and task of a span of time, newest first, at most `atMost` of each: what a timeline draws. */
export async function timelineFacts(asked: TimelineAsked, context: ToolContext, atMost: number) {
  const { store, timeZone } = context;
  const { resource, type, node } = asked;
  const [start, end] = [
    await resolveMoment(asked.since, 'start', context),
    await resolveMoment(asked.until ?? 'now', 'end', context),
  ];
  const first = await historyStart(store);
  const found = resource === undefined ? await firstSightEnd(store, first) : 0;
  const versionFilter = {
    after: Math.max(start.seq, found),
    to: Math.min(end.seq, (await store.lastCommit())?.seq ?? 0),
    resource,
    type,
    node,
    changesOnly: true,
  };
  const span = await taskSpan(store, { since: start.at, until: end.at });
  const newestFirst = { by: 'startTime', order: 'desc' } as const;
  const taskFilter = { resource, resourceType: type, node, ...span };
  const [versions, count, tasks, failed] = await Promise.all([
    store.versions(versionFilter, { limit: atMost }),
    store.countVersions(versionFilter),
    store.tasks(taskFilter, newestFirst, { limit: atMost }),
    store.tasks({ ...taskFilter, statuses: ['error'] }, newestFirst, { limit: 1 }),
  ]);
  const changes = versions.map(({ state: _, ...version }) => ({
    ...version,
    key: { type: version.type, id: version.resourceId },
  }));
  return {
    from: formatTime(start.at, timeZone),
    to: formatTime(end.at, timeZone),
    time_zone: timeZone,
    history: [...(await changeRows(changes, context)), ...(await taskRows(tasks.rows, context))],
    total: count + tasks.total,
    counts: { changes: count, tasks: tasks.total, failed_tasks: failed.total },
    history_starts_at: first === null ? null : formatTime(first.at, timeZone),
    ...warningOf(start, end),
  };
}

function warningOf(start: Resolved, end: Resolved): { before_history?: true } {
  return start.beforeHistory || end.beforeHistory ? { before_history: true } : {};
}

async function taskRows(tasks: readonly TaskEntity[], { store, timeZone, now }: ToolContext): Promise<Row[]> {
  const sights = await taskSights(store);
  return tasks.map(task => {
    const row = taskRow(task, timeZone, now, sights.of(task));
    return {
      task: row['upid'],
      type: row['type'],
      user: row['user'],
      status: row['status'],
      result: row['status'] === 'unknown' ? 'unknown' : task.status,
      at: row['started_at'],
      until: task.endTime === null ? null : formatTime(task.endTime, timeZone),
      resource: row['id'] ?? `node/${task.nodeId}`,
    };
  });
}

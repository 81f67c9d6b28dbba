import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Step } from '../../model/change.ts';
import type { TaskEntity } from '../../model/entity.ts';
import type { ResourceKey, ResourceType } from '../../model/resource.ts';
import { chosenChanges } from '../changes/chosen.ts';
import { firstSightEnd, historyStart } from '../changes/history-start.ts';
import { changeRows } from '../changes/rows.ts';
import { revisionRow } from '../desired/declaration-facts.ts';
import { planHistory } from '../desired/plan-history.ts';
import { fitRows } from '../format/page.ts';
import { taskSights } from '../in-sight.ts';
import { type Resolved, resolveMoment } from '../moments.ts';
import { taskRow } from '../tasks/rows.ts';
import { taskSpan } from '../tasks/span.ts';

/** Which history: a span of time, for all resources or some. */
export interface TimelineAsked {
  /** From the beginning of history if left out. */
  since?: string | undefined;
  until?: string | undefined;
  resource?: ResourceKey | undefined;
  type?: ResourceType | undefined;
  node?: string | undefined;
  user?: string | undefined;
}

/** The limits: the most changes, and as many tasks, newest first, and the most bytes of all rows. */
export interface TimelineLimits {
  rows: number;
  bytes: number;
}

/**
 * Every change and task in a span of time, newest first, within limits: what a timeline draws.
 * @throws UsageError for a span that ends before it begins
 */
export async function timelineFacts(asked: TimelineAsked, context: ToolContext, limits: TimelineLimits) {
  const { store, timeZone } = context;
  const { resource, type, node, user } = asked;
  const first = await historyStart(store);
  const start =
    asked.since === undefined
      ? { seq: 0, at: first?.at ?? context.now, beforeHistory: false }
      : await resolveMoment(asked.since, 'start', context);
  const end = await resolveMoment(asked.until ?? 'now', 'end', context);
  const found = resource === undefined ? await firstSightEnd(store, first) : 0;
  if (asked.since !== undefined && end.at < start.at)
    throw new UsageError(
      `That ends at ${formatTime(end.at, timeZone)}, before it begins at ${formatTime(start.at, timeZone)}.`,
      { hint: 'Name an earlier start or a later end.' },
    );
  const versionFilter = {
    after: Math.max(start.seq, found),
    to: Math.min(end.seq, (await store.lastCommit())?.seq ?? 0),
    resource,
    type,
    node,
    changesOnly: true,
  };
  const span = await taskSpan(store, {
    since: asked.since === undefined ? undefined : start.at,
    until: end.at,
  });
  const newestFirst = { by: 'startTime', order: 'desc' } as const;
  const taskFilter = { resource, resourceType: type, node, user, ...span };
  const theirs = user === undefined ? undefined : await chosenChanges({ user }, versionFilter, store);
  const [versions, count, tasks, failed] = await Promise.all([
    theirs?.slice(0, limits.rows) ?? store.versions(versionFilter, { limit: limits.rows }),
    theirs?.length ?? store.countVersions(versionFilter),
    store.tasks(taskFilter, newestFirst, { limit: limits.rows }),
    store.tasks({ ...taskFilter, statuses: ['error'] }, newestFirst, { limit: 1 }),
  ]);
  const changes = versions.map((version: Step) => ({
    ...version,
    key: { type: version.type, id: version.resourceId },
  }));
  const others = await besides(
    asked,
    // Our own events are dated by our clock, which may be ahead of the cluster's: without an end, none is left out.
    {
      since: asked.since === undefined ? undefined : start.at,
      until: asked.until === undefined ? undefined : end.at,
    },
    context,
  );
  return {
    from: formatTime(start.at, timeZone),
    to: formatTime(end.at, timeZone),
    time_zone: timeZone,
    history: [
      ...fitRows(newestFirstOf(changes, await changeRows(changes, context), others), limits.bytes * 0.7),
      ...fitRows(await taskRows(tasks.rows, context), limits.bytes * 0.3),
    ],
    total: count + tasks.total + others.length,
    counts: { changes: count, tasks: tasks.total, failed_tasks: failed.total },
    history_starts_at: first === null ? null : formatTime(first.at, timeZone),
    ...warningOf(start, end),
  };
}

/**
 * What was declared, planned and carried out in that time, none of which is in a version. Declarations concern no single
 * resource.
 */
async function besides(
  { resource, type, node, user }: TimelineAsked,
  span: { since: number | undefined; until: number | undefined },
  { store, timeZone }: ToolContext,
): Promise<Dated[]> {
  const whole = resource === undefined && type === undefined && node === undefined;
  const [planned, declared] = await Promise.all([
    planHistory(store, { resource, type, node, user, ...span }, timeZone),
    whole ? store.revisions(span) : [],
  ]);
  return [
    ...planned,
    ...declared
      .filter(({ author }) => user === undefined || author === user)
      .map(one => ({ at: one.at, row: { change: 'declared', ...revisionRow(one, timeZone) } })),
  ];
}

/** A row and its time (ms). */
interface Dated {
  at: number;
  row: Row;
}

function newestFirstOf(changes: readonly Step[], rows: readonly Row[], others: readonly Dated[]): Row[] {
  const dated = changes.map(({ at }, index) => ({ at, row: rows[index]! }));
  return [...dated, ...others].sort((a, b) => b.at - a.at).map(({ row }) => row);
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

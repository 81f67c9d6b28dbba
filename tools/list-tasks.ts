import { usersHint } from '../src/answers/changes/chosen.ts';
import { beginningOf } from '../src/answers/changes/history-start.ts';
import { hints } from '../src/answers/format/hints.ts';
import { DEFAULT_LIMIT, fitPage } from '../src/answers/format/page.ts';
import { quoted } from '../src/answers/format/text.ts';
import { OWN_TASKS_ONLY, taskSights } from '../src/answers/in-sight.ts';
import { resolveMoment } from '../src/answers/moments.ts';
import { resolveResource } from '../src/answers/names/resolve.ts';
import { nodeHint } from '../src/answers/nodes/hint.ts';
import { TASK_FAMILIES, TASK_RESULTS, taskRow, taskTypes } from '../src/answers/tasks/rows.ts';
import { taskSpan } from '../src/answers/tasks/span.ts';
import { tasksUntil } from '../src/answers/tasks/tasks-until.ts';
import { decodeCursor, encodeCursor } from '../src/mcp/define/cursor.ts';
import { choice, listArguments, nodeText, text } from '../src/mcp/define/input.ts';
import { rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY, type ToolContext } from '../src/mcp/define/tool.ts';
import type { TaskFilter } from '../src/model/filter.ts';
import type { StoreReader } from '../src/model/store.ts';

const COLUMNS = { started_at: 'startTime', type: 'type', user: 'user', node: 'nodeId' } as const;

/** Pages are pinned by time instead of `seq`: tasks have no versions, and new ones arrive between pages. */
export const listTasks = defineTool({
  name: 'list_tasks',
  title: 'List tasks',
  description:
    'Lists Proxmox tasks, newest first: who started what, when, and how it ended. ' +
    'For changes and their causes use show_history. Example: {"type":"backup","result":"error","since":"7d"}.',
  input: {
    resource: text('Of this: vm/101, a name, node/pve1.'),
    node: nodeText('Its node.'),
    user: text('By this user: root@pam.'),
    type: text(
      'A PVE task type such as qmstart, or a family: start, stop, backup, migrate, snapshot, create, delete, config.',
    ),
    result: choice(['ok', 'warning', 'error', 'running', 'unknown'], 'How it ended.', {
      failed: 'error',
      failure: 'error',
      success: 'ok',
      warnings: 'warning',
    }),
    since: text('Ran after this: 24h, "last week", 2026-11-20.'),
    until: text('Started before this.'),
    from: text('As since.'),
    to: text('As until.'),
    ...listArguments(['started_at', 'type', 'user', 'node']),
  },
  output: {
    tasks: rowsOutput(
      'upid, node, type, id, user, status (OK, running or an error), started_at, duration_seconds.',
    ),
  },
  annotations: READ_ONLY,
  needs: ['tasks'],
  example: { type: 'backup', result: 'error', since: '7d' },
  handler: async (input, context) => {
    const { store, now, timeZone } = context;
    const [since, until] = [input.since ?? input.from, input.until ?? input.to];
    const meant =
      input.resource === undefined
        ? undefined
        : await resolveResource(context, input.resource, { allLives: true });
    const start = since === undefined ? undefined : await resolveMoment(since, 'start', context);
    const end = until === undefined ? undefined : await resolveMoment(until, 'end', context);
    const early = [start, end].find(moment => moment?.beforeHistory);
    const filter: TaskFilter = {
      node: input.node,
      user: input.user,
      types: input.type === undefined ? undefined : taskTypes(input.type),
      statuses: input.result === undefined ? undefined : TASK_RESULTS[input.result],
      resource: meant?.key,
      ...(await taskSpan(store, { since: start?.at, until: end?.at })),
    };
    const sights = await taskSights(store);
    // On a node that cannot be seen, nobody knows whether a task is still running.
    if (input.result === 'running') filter.nodes = sights.nodes;
    const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
    if (cursor !== null) filter.since = cursor.pins[1];
    // The cursor holds the newest time of the first page, so that tasks read later do not shift the following pages.
    const pinned = cursor?.pins[0] ?? (await tasksUntil(store, filter, filter.until, now));
    filter.until = pinned;
    const offset = cursor?.offset ?? 0;
    const limit = input.limit ?? DEFAULT_LIMIT;
    const sort = { by: COLUMNS[input.sort ?? 'started_at'], order: input.order ?? 'desc' };
    const { rows, total } = await store.tasks(filter, sort, { limit, offset });
    const unseen = await countUnseen(filter, sights.nodes, store);
    const page = fitPage(
      rows.map(task => taskRow(task, timeZone, now, sights.of(task))),
      { offset, total, limit },
    );
    return {
      tasks: page.rows,
      total,
      ...(unseen > 0 && { unseen_total: unseen }),
      ...(page.nextOffset !== null && {
        next_cursor: encodeCursor(
          {
            seq: 0,
            offset: page.nextOffset,
            pins: [pinned, ...(filter.since === undefined ? [] : [filter.since])],
          },
          input,
        ),
      }),
      ...(await beginningOf(store, early, timeZone)),
      ...hints(
        meant?.note,
        early &&
          'History starts later than you asked (history_starts_at): not all tasks from before are known.',
        total === 0 && (await nodeHint(store, filter.node)),
        sights.ownOnly && `Of tasks ${OWN_TASKS_ONLY}: those of other users are missing.`,
        await hintOf(input, total, context),
      ),
    };
  },
});

/** How many of these tasks were running when last seen and may have ended since. */
async function countUnseen(
  filter: TaskFilter,
  nodes: readonly string[],
  store: StoreReader,
): Promise<number> {
  if (filter.nodes !== undefined || filter.statuses?.includes('running') === false) return 0;
  const running = { ...filter, statuses: ['running' as const] };
  const count = async (some: TaskFilter) => (await store.tasks(some, undefined, { limit: 1 })).total;
  const [all, seen] = await Promise.all([count(running), count({ ...running, nodes })]);
  return all - seen;
}

/** Editing a configuration leaves no task, so questions about a user's actions are pointed to show_history, too. */
async function hintOf(
  {
    user,
    type,
    result,
  }: { user?: string | undefined; type?: string | undefined; result?: string | undefined },
  total: number,
  context: ToolContext,
): Promise<string | undefined> {
  const { store } = context;
  if (total === 0) {
    const { stale, unseen } = context.freshness;
    const none =
      stale === null && unseen.length === 0
        ? 'No task matches.'
        : 'No matching task was seen, but not everything could be: see stale and unseen.';
    const users = user === undefined ? '' : await usersHint(store);
    const types = type === undefined ? '' : await typesHint(type, store);
    return `${none} What leaves no task (an edit, a shutdown inside the guest) is in show_history.${types}${users}`;
  }
  return user !== undefined && type === undefined && result === undefined
    ? 'Editing a configuration leaves no task: show_history with user has those changes, too.'
    : undefined;
}

/** A type without any task may not exist. */
async function typesHint(type: string, store: StoreReader): Promise<string> {
  const { total } = await store.tasks({ types: taskTypes(type) }, undefined, { limit: 1 });
  return total > 0
    ? ''
    : ` No task at all is of type ${quoted(type, 40)}: families are ${Object.keys(TASK_FAMILIES).join(', ')}.`;
}

import { decodeCursor, encodeCursor } from '../src/mcp/define-cursor.ts';
import { choice, listArguments, text } from '../src/mcp/define-input.ts';
import { paging, provenance, rowsOutput } from '../src/mcp/define-output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define-tool.ts';
import type { TaskFilter } from '../src/model/store.ts';
import { resolveMoment } from './support/moments.ts';
import { DEFAULT_LIMIT, fitPage } from './support/page.ts';
import { resolveResource } from './support/resolve-resource.ts';
import { TASK_FAMILIES, TASK_RESULTS, taskRow } from './support/task-rows.ts';
import { taskSpan } from './support/task-span.ts';
import { tasksUntil } from './support/tasks-until.ts';

const COLUMNS = { started_at: 'startTime', type: 'type', user: 'user', node: 'nodeId' } as const;

export const listTasks = defineTool({
  name: 'list_tasks',
  title: 'List tasks',
  description:
    'Lists Proxmox tasks, newest first: who started what, when, and how it ended. Kept longer than Proxmox keeps them. ' +
    'For changes of state with their causes use show_history. Example: {"type":"backup","result":"error","since":"7d"}.',
  input: {
    resource: text('Only of this resource: vm/101, 101, a name, node/pve1.'),
    node: text('Only on this node.'),
    user: text('Only by this user, such as root@pam.'),
    type: text(
      'A PVE task type such as qmstart, or a family: start, stop, backup, migrate, snapshot, create, delete, config.',
    ),
    result: choice(['ok', 'error', 'running'], 'How it ended.'),
    since: text('Tasks that ran after this: 24h, "yesterday 18:00", 2026-11-20.'),
    until: text('Tasks that started before this.'),
    from: text('Same as since.'),
    to: text('Same as until.'),
    ...listArguments(['started_at', 'type', 'user', 'node']),
  },
  output: {
    tasks: rowsOutput(
      'upid, node, type, id, user, status (OK, running or an error), started_at, duration_seconds.',
    ),
    ...paging,
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['tasks'],
  example: { type: 'backup', result: 'error', since: '7d' },
  handler: async (input, context) => {
    const { store, now, timeZone } = context;
    const [since, until] = [input.since ?? input.from, input.until ?? input.to];
    const filter: TaskFilter = {
      node: input.node,
      user: input.user,
      types: input.type === undefined ? undefined : (TASK_FAMILIES[input.type.toLowerCase()] ?? [input.type]),
      statuses: input.result === undefined ? undefined : TASK_RESULTS[input.result],
      resource: input.resource === undefined ? undefined : await resolveResource(store, input.resource),
      ...(await taskSpan(store, {
        since: since === undefined ? undefined : (await resolveMoment(since, 'start', context)).at,
        until: until === undefined ? undefined : (await resolveMoment(until, 'end', context)).at,
      })),
    };
    const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
    if (cursor !== null) filter.since = cursor.pins[1];
    // The cursor holds where the first page began: tasks that are read later do not shift the pages after it.
    const pinned = cursor?.pins[0] ?? (await tasksUntil(store, filter, filter.until, now));
    filter.until = pinned;
    const offset = cursor?.offset ?? 0;
    const limit = input.limit ?? DEFAULT_LIMIT;
    const sort = { by: COLUMNS[input.sort ?? 'started_at'], order: input.order ?? 'desc' };
    const { rows, total } = await store.tasks(filter, sort, { limit, offset });
    const page = fitPage(
      rows.map(task => taskRow(task, timeZone, now)),
      { offset, total, limit },
    );
    return {
      tasks: page.rows,
      total,
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
      ...(total === 0 && { hint: 'No task matches. A token without Sys.Audit sees only its own tasks.' }),
    };
  },
});

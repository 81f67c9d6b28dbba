import { changedText, fieldTouch } from '../src/answers/changes/by-field.ts';
import { chosenChanges, usersHint } from '../src/answers/changes/chosen.ts';
import { BEFORE_HISTORY, firstSightEnd, historyStart } from '../src/answers/changes/history-start.ts';
import { changeRows } from '../src/answers/changes/rows.ts';
import { declaredRow } from '../src/answers/desired/declared-row.ts';
import { planHistory } from '../src/answers/desired/plan-history.ts';
import { hints } from '../src/answers/format/hints.ts';
import { DEFAULT_LIMIT, fitPage } from '../src/answers/format/page.ts';
import { OWN_TASKS_ONLY, taskSights } from '../src/answers/in-sight.ts';
import { limitsOfSight } from '../src/answers/limits-of-sight.ts';
import { openEndHint, resolveMoment } from '../src/answers/moments.ts';
import { resolveResource } from '../src/answers/names/resolve.ts';
import { nodeHint } from '../src/answers/nodes/hint.ts';
import { taskRow } from '../src/answers/tasks/rows.ts';
import { taskSpan } from '../src/answers/tasks/span.ts';
import { tasksUntil } from '../src/answers/tasks/tasks-until.ts';
import { formatTime } from '../src/history/moment.ts';
import { TIMELINE_APP } from '../src/mcp/define/app.ts';
import { decodeCursor, encodeCursor } from '../src/mcp/define/cursor.ts';
import { choice, nodeText, pageArguments, readArguments, text } from '../src/mcp/define/input.ts';
import { type Row, rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY, type ToolContext } from '../src/mcp/define/tool.ts';
import type { TaskEntity } from '../src/model/entity.ts';
import { RESOURCE_TYPES } from '../src/model/resource.ts';
import { NEWEST_SEQ } from '../src/model/store.ts';

/** The only kind of history that belongs to no resource: revisions of the declaration. */
const DECLARED = 'declaration';

/** Merges versions and tasks by time. Each page reads the earlier ones again, since only merging tells where it begins. */
export const showHistory = defineTool({
  name: 'show_history',
  title: 'History',
  description:
    'Every recorded change and every task, newest first: what, when, who and why. Give a resource for its life story, field for who ' +
    'moved or resized what. For the net difference use diff_state. Example: {"resource":"vm/101","since":"7d"}.',
  input: {
    resource: text('Only this, deleted or not: vm/101, a name, node/pve1.'),
    type: choice([...RESOURCE_TYPES, DECLARED], 'Just this.'),
    node: nodeText('Its node.'),
    user: text('By this user.'),
    field: text('Only this: node, memory.'),
    since: text('From then on: 7d, "last week", a date, run:41.'),
    until: text('Up to then.'),
    from: text('As since.'),
    to: text('As until.'),
    ...pageArguments,
    ...readArguments,
  },
  output: {
    history: rowsOutput('Changes as in diff_state; tasks {task, type, user, status, at, resource}.'),
  },
  annotations: READ_ONLY,
  app: TIMELINE_APP,
  needs: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
  example: { resource: 'vm/101', since: '7d' },
  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: two histories are merged into one page, and share all they read
  handler: async (input, context) => {
    const { store, now, timeZone } = context;
    const { user, node, field } = input;
    const type = input.type === DECLARED ? undefined : input.type;
    const isDeclared = input.type === DECLARED;
    const touches = field === undefined ? undefined : fieldTouch(field);
    const meant =
      input.resource === undefined
        ? undefined
        : await resolveResource(context, input.resource, { allLives: true });
    const resource = meant?.key;
    const moment = (text: string | undefined, edge: 'start' | 'end') =>
      text === undefined ? undefined : resolveMoment(text, edge, context);
    const start = await moment(input.since ?? input.from, 'start');
    const end = await moment(input.until ?? input.to, 'end');
    const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
    const [pinnedEnd, pinnedStart, pinnedSince, pinnedPlanned, pinnedDeclared, pinnedFrom] =
      cursor?.pins ?? [];
    const seq = cursor?.seq ?? Math.min(end?.seq ?? NEWEST_SEQ, (await store.lastCommit())?.seq ?? 0);
    const span = await taskSpan(store, { since: start?.at, until: end?.at });
    const since = pinnedSince || span.since;
    // What the first run found already existed, and is news only in the history of a single resource.
    const first = await historyStart(store);
    const found = resource === undefined ? await firstSightEnd(store, first) : 0;
    const after = pinnedStart ?? Math.max(start?.seq ?? 0, found);
    const offset = cursor?.offset ?? 0;
    const limit = input.limit ?? DEFAULT_LIMIT;

    const versionFilter = {
      after,
      to: seq,
      resource,
      type,
      node,
      changesOnly: true,
    };
    const tasksOf = { resource, resourceType: type, node, user, since };
    const until = pinnedEnd ?? (await tasksUntil(store, tasksOf, span.until, now));
    const taskFilter = { ...tasksOf, until };
    const page = { limit: offset + limit };
    const theirs = isDeclared
      ? []
      : user === undefined && field === undefined
        ? undefined
        : await chosenChanges({ user, field }, versionFilter, store);
    // The tasks that changed a field appear among its causes.
    const changesOnly = isDeclared || field !== undefined;
    const [versions, count, tasks] = await Promise.all([
      theirs ?? store.versions(versionFilter, page),
      theirs?.length ?? store.countVersions(versionFilter),
      changesOnly
        ? { rows: [], total: 0 }
        : store.tasks(taskFilter, { by: 'startTime', order: 'desc' }, page),
    ]);
    // Revisions belong to no resource: they are shown only in the unfiltered history.
    const whole = resource === undefined && type === undefined && node === undefined && field === undefined;
    // Later pages include the same revisions as the first.
    const declaredUntil =
      pinnedDeclared ?? Math.min(span.until ?? end?.at ?? Infinity, (await store.declaration())?.at ?? 0);
    const declared = (
      whole ? await store.revisions({ since: pinnedFrom || start?.at, until: declaredUntil }) : []
    ).filter(revision => user === undefined || revision.author === user);
    const planned = changesOnly
      ? []
      : await planHistory(
          store,
          { resource, type, node, user, since, until: pinnedPlanned ?? span.until },
          timeZone,
        );
    const merged = [
      ...planned,
      ...declared.map(revision => ({ at: revision.at, order: revision.number, revision })),
      ...versions.map(version => ({ at: version.at, order: version.id, version })),
      ...tasks.rows.map(task => ({ at: task.startTime, order: 0, task })),
    ].sort((a, b) => b.at - a.at || b.order - a.order);
    const slice = merged.slice(offset, offset + limit);
    const changes = slice.flatMap(entry =>
      'version' in entry
        ? [{ ...entry.version, key: { type: entry.version.type, id: entry.version.resourceId } }]
        : [],
    );
    const rows = await changeRows(changes, context, touches);
    const sights = await taskSights(store);
    const history = await Promise.all(
      slice.map(
        async (entry): Promise<Row> =>
          'version' in entry
            ? rows.shift()!
            : 'row' in entry
              ? entry.row
              : 'revision' in entry
                ? await declaredRow(entry.revision, context)
                : historyTask(entry.task, taskRow(entry.task, timeZone, now, sights.of(entry.task))),
      ),
    );
    const total = count + tasks.total + declared.length + planned.length;
    const fitted = fitPage(history, { offset, total, limit });
    return {
      history: fitted.rows,
      total,
      ...(fitted.nextOffset !== null && {
        next_cursor: encodeCursor(
          {
            seq,
            offset: fitted.nextOffset,
            pins: [
              until,
              after,
              since ?? 0,
              pinnedPlanned ?? Math.max(0, ...planned.map(({ at }) => at)),
              declaredUntil,
              pinnedFrom ?? start?.at ?? 0,
            ],
          },
          input,
        ),
      }),
      ...(first && { history_starts_at: formatTime(first.at, timeZone) }),
      ...hints(
        meant?.note,
        openEndHint(input.since ?? input.from, input.until ?? input.to, context),
        total === 0 && (await nodeHint(store, node)),
        end?.beforeHistory && BEFORE_HISTORY,
        total === 0 &&
          end?.beforeHistory !== true &&
          !isDeclared &&
          `${await nothing(context, end?.at ?? now)} history_starts_at says how far back history goes.${user === undefined ? '' : await usersHint(store)}`,
        total === 0 && isDeclared && 'Nothing was declared then.',
        total === 0 && field !== undefined && changedText(await store.steps({ ...versionFilter, after })),
        sights.ownOnly && `Of tasks ${OWN_TASKS_ONLY}.`,
        user === undefined &&
          !isDeclared &&
          end?.beforeHistory !== true &&
          found > 0 &&
          after === found &&
          fitted.nextOffset === null &&
          'What the first discovery found is left out; name a resource to see when it was first seen.',
      ),
    };
  },
});

async function nothing(context: ToolContext, until: number): Promise<string> {
  const limits = await limitsOfSight(context, until);
  return limits === null ? 'Nothing is recorded for that.' : `Nothing was seen for that, ${limits}`;
}

function historyTask(task: TaskEntity, row: Row): Row {
  return {
    task: row['upid'],
    type: row['type'],
    user: row['user'],
    status: row['status'],
    last_status: row['last_status'],
    unseen_since: row['unseen_since'],
    unseen_reason: row['unseen_reason'],
    at: row['started_at'],
    resource: row['id'] ?? `node/${task.nodeId}`,
  };
}

import * as z from 'zod';
import { changedText, fieldTouch } from '../src/answers/changes/by-field.ts';
import { BEFORE_HISTORY, historyStart, skipFirstSight } from '../src/answers/changes/history-start.ts';
import { lastComparison, rememberComparison, type Scope } from '../src/answers/changes/last-comparison.ts';
import { netDifference } from '../src/answers/changes/net-difference.ts';
import { changeRows } from '../src/answers/changes/rows.ts';
import { compareTwo } from '../src/answers/changes/two-resources.ts';
import { declaredDifference, isWithDeclared } from '../src/answers/desired/difference.ts';
import { hints } from '../src/answers/format/hints.ts';
import { DEFAULT_LIMIT, fitPage } from '../src/answers/format/page.ts';
import { limitsOfSight, limitsOfSightAt } from '../src/answers/limits-of-sight.ts';
import { openEndHint, type Resolved, resolveMoment } from '../src/answers/moments.ts';
import { resolveResource } from '../src/answers/names/resolve.ts';
import { nodeHint } from '../src/answers/nodes/hint.ts';
import { UsageError } from '../src/errors.ts';
import { formatTime, placeToken } from '../src/history/moment.ts';
import { placeAt } from '../src/history/store-life.ts';
import { TIMELINE_APP } from '../src/mcp/define/app.ts';
import { decodeCursor, encodeCursor } from '../src/mcp/define/cursor.ts';
import {
  choice,
  nodeText,
  orderArgument,
  pageArguments,
  readArguments,
  text,
} from '../src/mcp/define/input.ts';
import { rowsInstead } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY, type ToolContext } from '../src/mcp/define/tool.ts';
import type { ChangeType } from '../src/model/change.ts';
import type { CommitEntity } from '../src/model/entity.ts';
import type { VersionFilter } from '../src/model/filter.ts';
import { formatKey, RESOURCE_TYPES } from '../src/model/resource.ts';
import type { StoreReader } from '../src/model/store.ts';

/**
 * A cursor pins both ends, so that later pages show the same interval. Only a first page updates what `last` means for its
 * client.
 */
export const diffState = defineTool({
  name: 'diff_state',
  title: 'What changed',
  description:
    'Net differences between two moments: what was created, deleted or changed, field by field, with who did it. Changed and ' +
    'changed back does not appear; for every step use show_history. Example: {"from":"yesterday 18:00"}.',
  input: {
    from: text(
      'Start: 24h (default), "yesterday 18:00", a date, run:41, a next_from, last (your last comparison) or declared.',
    ),
    to: text('End, default now.'),
    resource: text('Only this: vm/101, a name, node/pve1.'),
    with: text('Another resource: what differs between the two.'),
    type: choice(RESOURCE_TYPES, 'Just this.'),
    node: nodeText('Its node.'),
    field: text('Only this.'),
    change: choice(['created', 'updated', 'deleted', 'drifted', 'missing'], 'Only what was.'),
    since: text('As from.'),
    until: text('As to.'),
    order: orderArgument(),
    ...pageArguments,
    ...readArguments,
  },
  output: {
    from: z.string().optional(),
    to: z.string().optional(),
    changes: rowsInstead(
      'resource, name, node, change, at, window {after, before}, fields [{path, from, to}], causes, why_unknown. From declared fields have state, rule, owner, until.',
    ),
    differences: rowsInstead('Of with: path, left, right.'),
    next_from: z.string().optional(),
  },
  annotations: READ_ONLY,
  app: TIMELINE_APP,
  needs: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
  example: { from: '24h' },
  handler: async (input, context) => {
    if (input.with !== undefined) return besideOneAnother({ ...input, with: input.with }, context);
    const { store, timeZone } = context;
    const start = await historyStart(store);
    const meant =
      input.resource === undefined
        ? undefined
        : await resolveResource(context, input.resource, { allLives: true });
    const resource = meant?.key;
    if (isWithDeclared(input) && input.field !== undefined)
      throw new UsageError('field narrows what changed between two moments, not what is declared.', {
        hint: 'Leave field out: from declared lists each field that is not as declared.',
      });
    if (isWithDeclared(input)) return declaredDifference(input, meant, context);
    const { type, node, field } = input;
    const change = plainChange(input.change);
    const touches = field === undefined ? undefined : fieldTouch(field);
    const scope = { resource: resource && formatKey(resource), type, node, change, field };
    const interval = await resolveInterval(input, context, scope, start);
    const { total, page: read } = await netDifference(
      store,
      { after: interval.from.seq, to: interval.to.seq, resource, type, node, change, touches },
      { order: input.order ?? 'desc' },
    );
    const { offset } = interval;
    const limit = input.limit ?? DEFAULT_LIMIT;
    const rows = await changeRows(await read(offset, limit), context, touches);
    const page = fitPage(rows, { offset, total, limit });
    if (input.cursor === undefined) await rememberComparison(context, scope, interval.to.seq);
    return {
      from: formatTime(interval.from.at, timeZone),
      to: formatTime(interval.to.at, timeZone),
      changes: page.rows,
      total,
      next_from: placeToken(await placeAt(store, interval.to.seq)),
      ...(page.nextOffset !== null && {
        next_cursor: encodeCursor(
          {
            seq: interval.to.seq,
            offset: page.nextOffset,
            pins: [interval.from.seq, interval.from.at, interval.to.at],
          },
          input,
        ),
      }),
      ...(start && { history_starts_at: formatTime(start.at, timeZone) }),
      ...hints(
        meant?.note,
        openEndHint(input.from ?? input.since, input.to ?? input.until, context),
        total === 0 && (await nodeHint(store, node)),
        ...(await hintsOf(total, interval, context)),
        total === 0 &&
          touches !== undefined &&
          (await changedBetween(interval, { resource, type, node }, store)),
      ),
    };
  },
});

/** The differences between two resources, now or at the given end. */
async function besideOneAnother(
  { resource, with: other, to, until, from, since }: Input & { resource?: string | undefined; with: string },
  context: ToolContext,
) {
  if (resource === undefined)
    throw new UsageError('with needs resource: the other of the two to compare.', {
      hint: 'Example: {"resource":"vm/110","with":"vm/111"}.',
    });
  if ((from ?? since) !== undefined)
    throw new UsageError('with compares two resources at one moment, so it cannot be combined with from.', {
      hint: 'Pass to for a past moment, or leave with out.',
    });
  const moment = to ?? until;
  const [left, right] = await Promise.all([
    resolveResource(context, resource),
    resolveResource(context, other),
  ]);
  const then = moment === undefined ? null : await resolveMoment(moment, 'end', context);
  const { hints: said, ...found } = await compareTwo(left.key, right.key, then?.seq, context);
  return {
    resource: formatKey(left.key),
    with: formatKey(right.key),
    ...(then && { to: formatTime(then.at, context.timeZone) }),
    ...found,
    ...hints(left.note, right.note, then?.beforeHistory && BEFORE_HISTORY, ...said),
  };
}

/**
 * Rejects kinds that only a comparison with the declaration has.
 * @throws UsageError
 */
function plainChange(change: ChangeType | 'drifted' | 'missing' | undefined): ChangeType | undefined {
  if (change !== 'drifted' && change !== 'missing') return change;
  throw new UsageError(`Only a comparison with what is declared finds what is ${change}.`, {
    hint: 'Pass from "declared".',
  });
}

interface Interval {
  from: Resolved;
  to: Resolved;
  offset: number;
}

type Input = {
  from?: string | undefined;
  to?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  cursor?: string | undefined;
};

async function resolveInterval(
  input: Input,
  context: ToolContext,
  scope: Scope,
  start: CommitEntity | null,
): Promise<Interval> {
  const { store } = context;
  if (input.cursor !== undefined) {
    const { seq, offset, pins } = decodeCursor(input.cursor);
    const [fromSeq = 0, fromAt = 0, toAt = context.now] = pins;
    const from = { seq: fromSeq, at: fromAt, beforeHistory: false };
    return { from, to: { seq, at: toAt, beforeHistory: false }, offset };
  }
  const last = () => lastComparison(context, scope);
  const asked = await resolveMoment(input.from ?? input.since ?? '24h', 'start', context, last);
  const end = await resolveMoment(input.to ?? input.until ?? 'now', 'end', context, last);
  if ((input.to ?? input.until) !== undefined && end.at < asked.at)
    throw new UsageError('from is after to.', { hint: 'Swap them; to defaults to now.' });
  const from = await skipFirstSight(store, start, asked);
  const newest = await store.lastCommit();
  const to = Math.max(Math.min(end.seq, newest?.seq ?? 0), from.seq);
  return { from, to: { ...end, seq: to }, offset: 0 };
}

/** What else changed in an interval in which the requested field did not. */
async function changedBetween(
  { from, to }: Interval,
  of: Pick<VersionFilter, 'resource' | 'type' | 'node'>,
  store: StoreReader,
): Promise<string | undefined> {
  return changedText(await store.steps({ ...of, after: from.seq, to: to.seq, changesOnly: true }));
}

async function hintsOf(total: number, interval: Interval, context: ToolContext): Promise<string[]> {
  const said: string[] = [];
  if (interval.from.noLast) said.push('This is the first comparison, so it covers the last 24 h.');
  if (interval.to.beforeHistory) said.push(BEFORE_HISTORY);
  else if (interval.from.beforeHistory)
    said.push('History starts later than you asked; earlier changes are unknown.');
  if (!interval.to.beforeHistory && total === 0) {
    const newest = (await context.store.lastCommit())?.seq ?? 0;
    const then = interval.to.seq < newest ? await limitsOfSightAt(context, interval.to.seq) : null;
    const limits = then ?? (await limitsOfSight(context, interval.to.at));
    const nothing = limits === null ? 'Nothing changed.' : `No change was seen, ${limits}`;
    said.push(`${nothing} Changes that were undone again show in show_history.`);
  }
  return said;
}

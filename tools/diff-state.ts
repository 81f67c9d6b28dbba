import * as z from 'zod';
import { choice, listArguments, text } from '../src/mcp/define-input.ts';
import { paging, provenance, rowsOutput } from '../src/mcp/define-output.ts';
import { defineTool, READ_ONLY, type ToolContext } from '../src/mcp/define-tool.ts';
import { RESOURCE_TYPES } from '../src/model/resource.ts';
import { formatTime, seqToken } from '../src/state/moment.ts';
import { netChanges } from '../src/state/net-changes.ts';
import { changeRows } from './support/change-rows.ts';
import { historyStart, skipFirstSight } from './support/history-start.ts';
import { type Resolved, resolveMoment } from './support/moments.ts';
import { DEFAULT_LIMIT, decodeCursor, encodeCursor, fitPage } from './support/page.ts';
import { resolveResource } from './support/resolve-resource.ts';

/** Where this client's last comparison ended. */
const LAST_NOTE = 'diff_state:last';

const { sort: _sort, ...pageArguments } = listArguments(['at']);

export const diffState = defineTool({
  name: 'diff_state',
  title: 'What changed between two moments',
  description:
    'Net differences between two moments: what was created, deleted or changed, field by field, with who did it. Changed and ' +
    'changed back does not appear; for every step use show_history. Keep next_from and pass it as from next time to neither ' +
    'repeat nor miss a change, or use from "last". Example: {"from":"yesterday 18:00"}.',
  input: {
    from: text(
      'Start: 24h (default), "yesterday 18:00", a date, run:41, a next_from token, or last (where your last comparison ended).',
    ),
    to: text('End, default now.'),
    resource: text('Only this resource: vm/101, 101, a name, node/pve1, storage/local.'),
    type: choice(RESOURCE_TYPES, 'Only resources of this type.'),
    node: text('Only what stands on this node.'),
    since: text('Same as from.'),
    until: text('Same as to.'),
    ...pageArguments,
  },
  output: {
    from: z.string().describe('Start, resolved; the interval is (from, to].'),
    to: z.string().describe('End, resolved.'),
    changes: rowsOutput(
      'resource, name, node, change, at, window {after, before}, fields [{path, from, to}], causes [{upid, type, user, status, source}].',
    ),
    next_from: z.string().describe('Pass as from next time.'),
    history_starts_at: z.string().optional().describe('Nothing before this is known.'),
    ...paging,
    ...provenance,
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'config', 'tasks', 'storage'],
  example: { from: '24h' },
  handler: async (input, context) => {
    const { store, timeZone } = context;
    const start = await historyStart(store);
    const interval = await resolveInterval(input, context);
    const resource = input.resource === undefined ? undefined : await resolveResource(store, input.resource);
    const filter = {
      after: interval.from.seq,
      to: interval.to.seq,
      resource,
      type: input.type,
      node: input.node,
    };
    const versions = (await store.versions(filter)).reverse();
    const changes = netChanges(versions).sort((a, b) =>
      input.order === 'asc' ? a.seq - b.seq : b.seq - a.seq,
    );
    const offset = interval.offset;
    const limit = input.limit ?? DEFAULT_LIMIT;
    const rows = await changeRows(changes.slice(offset, offset + limit), context);
    const page = fitPage(rows, { offset, total: changes.length, limit });
    if (page.nextOffset === null) await context.saveNote(LAST_NOTE, String(interval.to.seq));
    return {
      from: formatTime(interval.from.at, timeZone),
      to: formatTime(interval.to.at, timeZone),
      changes: page.rows,
      total: changes.length,
      next_from: seqToken(interval.to.seq),
      ...(page.nextOffset !== null && {
        next_cursor: encodeCursor({ seq: interval.to.seq, offset: page.nextOffset, from: interval.from.seq }),
      }),
      ...(start && { history_starts_at: formatTime(start.at, timeZone) }),
      ...hintOf(page.rows, changes.length, interval),
    };
  },
});

interface Interval {
  from: Resolved;
  to: Resolved;
  offset: number;
  /** `last` was asked for and there was none. */
  noLast: boolean;
}

type Input = {
  from?: string | undefined;
  to?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  cursor?: string | undefined;
};

async function resolveInterval(input: Input, context: ToolContext): Promise<Interval> {
  const { store } = context;
  const asked = input.from ?? input.since ?? '24h';
  if (input.cursor !== undefined) {
    const { seq, offset, from = 0 } = decodeCursor(input.cursor);
    const at = async (place: number) => ({
      seq: place,
      at: (await store.commit(place))?.at ?? context.now,
      beforeHistory: false,
    });
    return { from: await at(from), to: await at(seq), offset, noLast: false };
  }
  let noLast = false;
  const last = async () => {
    const note = await store.note(LAST_NOTE);
    noLast = note === null;
    return note === null ? null : Number(note);
  };
  const from = await skipFirstSight(store, await resolveMoment(asked, 'start', context, last));
  const newest = await store.lastCommit();
  const end = await resolveMoment(input.to ?? input.until ?? 'now', 'end', context, last);
  const to = { ...end, seq: Math.min(end.seq, newest?.seq ?? 0) };
  return { from, to: { ...to, seq: Math.max(to.seq, from.seq) }, offset: 0, noLast };
}

function hintOf(rows: { [field: string]: unknown }[], total: number, interval: Interval): { hint?: string } {
  const hints: string[] = [];
  if (interval.noLast) hints.push('This is the first comparison, so it covers the last 24 h.');
  if (interval.from.beforeHistory)
    hints.push('History starts later than you asked; earlier changes are unknown.');
  if (total === 0) hints.push('Nothing changed. Changes that were undone again show in show_history.');
  const unexplained = rows.filter(
    row =>
      row['change'] === 'updated' &&
      row['causes'] === null &&
      /^(?:vm|container)\//.test(String(row['resource'])),
  ).length;
  if (unexplained > 0) {
    hints.push(
      `${unexplained} without a cause: no task was seen, so a direct config edit, a shutdown inside the guest, or a crash.`,
    );
  }
  return hints.length === 0 ? {} : { hint: hints.join(' ') };
}

import { formatTime } from '../../history/moment.ts';
import { decodeCursor, encodeCursor } from '../../mcp/define/cursor.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { type GuestType, guestKey } from '../../model/resource.ts';
import { BEFORE_HISTORY, beginningOf } from '../changes/history-start.ts';
import { hints } from '../format/hints.ts';
import { DEFAULT_LIMIT, fitPage } from '../format/page.ts';
import { resolveMoment } from '../moments.ts';
import { columnsOf } from '../where/columns.ts';
import { groupFacts } from '../where/groups.ts';
import { readQuestion } from '../where/question.ts';
import { type Asked, chooseGuests, selectionOf, unseenAmong } from './choose.ts';
import { guestBook } from './fields.ts';
import { groupHints, guestSums } from './groups.ts';
import { listHint, unjudgedHint } from './hints.ts';
import type { GuestListInput } from './list-input.ts';
import { withParts } from './load.ts';
import { guestRow, slimRows } from './rows.ts';
import type { SeenGuest } from './select.ts';
import type { GuestFacts, GuestPart } from './sources.ts';
import { whereHints } from './where-hints.ts';

/** One page of guests, or of groups of them. */
export interface GuestList {
  /** Guests, or groups if they were asked for. */
  rows: Row[];
  total: number;
  next_cursor?: string;
  at?: string;
  history_starts_at?: string;
  unseen_total?: number;
  hint?: string;
}

/**
 * Guests now or as they were; `named`: rows begin with each guest's name in answers. Later pages show the same moment as the
 * first.
 * @throws UsageError for invalid conditions and fields
 */
export async function listGuests(
  types: readonly GuestType[],
  input: GuestListInput,
  context: ToolContext,
  { named = false }: { named?: boolean } = {},
): Promise<GuestList> {
  const { store, timeZone } = context;
  const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
  const then = input.at === undefined || cursor ? null : await resolveMoment(input.at, 'end', context);
  const at = cursor?.pins[0] ?? then?.at ?? context.now;
  const question = readQuestion(input, guestBook(types), { now: at, timeZone }, input.at !== undefined);
  const asked: Asked = {
    types,
    input,
    named,
    question,
    // Before history is complete, only some guests are known, so none are listed.
    pinned: cursor?.seq ?? (then?.beforeHistory ? 0 : then?.seq),
    at,
    offset: cursor?.offset ?? 0,
    limit: input.limit ?? DEFAULT_LIMIT,
  };
  const page = await (question.group === null ? rowPage(asked, context) : groupPage(asked, context));
  return {
    rows: page.rows,
    total: page.total,
    ...(page.unseen > 0 && { unseen_total: page.unseen }),
    ...(page.nextOffset !== null && {
      next_cursor: encodeCursor({ seq: page.seq, offset: page.nextOffset, pins: [at] }, input),
    }),
    ...(input.at !== undefined && { at: formatTime(at, timeZone) }),
    ...(await beginningOf(store, then, timeZone)),
    ...hints(...(then?.beforeHistory ? [BEFORE_HISTORY] : page.hints)),
  };
}

interface ListPage {
  rows: Row[];
  total: number;
  /** How many of these are out of sight. */
  unseen: number;
  seq: number;
  nextOffset: number | null;
  hints: (string | undefined)[];
}

async function rowPage(asked: Asked, context: ToolContext): Promise<ListPage> {
  const { types, input, named, question, limit, offset } = asked;
  const { store, timeZone } = context;
  const full = input.detail === 'full';
  const found = await chooseGuests(asked, store);
  const guests = await withParts(store, found.guests, question.needs as ReadonlySet<GuestPart>);
  const rows = (guests as SeenGuest[]).map(guest => ({
    ...(named && { resource: guestKey({ type: guest.type, id: guest.vmid }) }),
    ...guestRow(guest.row, { full, timeZone }),
    ...columnsOf(question.show, guest, timeZone),
  }));
  const fitted = fitPage(rows, { offset, total: found.total, limit });
  const slim = full ? { rows: fitted.rows, left: [] } : slimRows(fitted.rows, question.show);
  const beside = { total: found.total, shown: slim.rows.length, left: slim.left };
  return {
    rows: slim.rows,
    total: found.total,
    unseen: found.unseen,
    seq: found.seq,
    nextOffset: fitted.nextOffset,
    hints: [
      await listHint(types, input, beside, store),
      ...(await conditionHints(asked, found.total, context, found.judged)),
      unjudgedHint(found.unjudged, question),
    ],
  };
}

async function groupPage(asked: Asked, context: ToolContext): Promise<ListPage> {
  const { question, limit, offset } = asked;
  const { selection, seq } = await selectionOf(asked, context.store);
  const { matching, unjudged } = selection;
  const groups = groupFacts(matching, question.group!, context.timeZone, guestSums);
  const { rows } = groups;
  const fitted = fitPage(rows.slice(offset), { offset, total: rows.length, limit });
  return {
    rows: fitted.rows,
    total: rows.length,
    unseen: unseenAmong(matching),
    seq,
    nextOffset: fitted.nextOffset,
    hints: [
      ...groupHints(matching, groups),
      ...(await conditionHints(asked, matching.length, context)),
      unjudgedHint(unjudged, question),
    ],
  };
}

async function conditionHints(
  asked: Asked,
  total: number,
  { store, timeZone }: ToolContext,
  judged: readonly GuestFacts[] = [],
) {
  const { input, question, types, at } = asked;
  if (input.cursor !== undefined) return [];
  const book = guestBook(types);
  const clock = { now: at, timeZone };
  const select = async (where: typeof question.where, fields: readonly string[] = []) => {
    const { choosing } = readQuestion(
      { where: input.where, group: [...(input.group ?? []), ...fields] },
      book,
      clock,
      input.at !== undefined,
    );
    // All of them have just been read where nothing but the same keys is asked for.
    const isRead = judged.length > 0 && where.length === 0 && isOfConfigsAlone(asked);
    if (isRead && choosing.keys?.every(key => question.choosing.keys?.includes(key))) return judged;
    return (await selectionOf({ ...asked, question: { ...question, where, choosing } }, store)).selection
      .matching;
  };
  return whereHints(question, total, { book, clock, select });
}

/** Whether guests are chosen by conditions on their configurations and nothing else. */
function isOfConfigsAlone({ input, question }: Asked): boolean {
  const { node, status, name, tag, pool, template } = input;
  const filtered = [node, status, name, tag, pool, template].some(one => one !== undefined);
  return !filtered && question.where.every(bound => bound.needs === 'config');
}

import { formatTime } from '../../history/moment.ts';
import { namePattern } from '../../history/name-pattern.ts';
import { decodeCursor, encodeCursor } from '../../mcp/define/cursor.ts';
import { flag, listArguments, nodeText, text, word } from '../../mcp/define/input.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { GuestType } from '../../model/resource.ts';
import { GUEST_STATUS_WORDS, isStatus } from '../../model/status.ts';
import type { GuestFilter, StoreReader } from '../../model/store.ts';
import { BEFORE_HISTORY, beginningOf } from '../changes/history-start.ts';
import { DEFAULT_LIMIT, fitPage } from '../format/page.ts';
import { nodeSights } from '../in-sight.ts';
import { resolveMoment } from '../moments.ts';
import { type GuestFact, guestFact } from './fact.ts';
import { type GuestListInput, hasTag, listHint } from './hints.ts';
import { loadGuests } from './load.ts';
import { guestRow, slimRows } from './rows.ts';
import { GUEST_SORTS, type GuestSort, sortGuests } from './sort.ts';
import type { GuestFacts } from './sources.ts';

const COLUMNS: Record<GuestSort, string> = {
  vmid: 'id',
  name: 'name',
  node: 'nodeId',
  status: 'status',
  cpus: 'cpuCores',
  memory: 'memoryBytes',
  disk: 'diskSize',
  uptime: 'uptime',
};

/** Other words that people have for a status. */
const STATUS_SYNONYMS = { hibernated: 'suspended', crashed: 'error', halted: 'error', failed: 'error' };

/** Arguments of list_vms and list_containers. */
export const guestListArguments = {
  node: nodeText('Only on this node.'),
  status: word(
    GUEST_STATUS_WORDS,
    'running, stopped, paused, suspended, error, unknown, or a QEMU word.',
    STATUS_SYNONYMS,
  ),
  name: text('Part of the name, or a pattern with *.'),
  tag: text('Only with this tag.'),
  pool: text('Only in this pool.'),
  template: flag('true: only templates; false: none.'),
  at: text('As it was then: 7d, "yesterday 18:00", a date, run:41.'),
  ...listArguments(GUEST_SORTS),
};

/** The columns of both lists, for their output schemas. */
export const GUEST_COLUMNS =
  'vmid, name, node, status, cpus, memory_gib, boot_disk_gib; if set tags, template, pool, lock, ha; unconfirmed {field: when it was ' +
  'last told}. Detail full: cpu_percent, memory_percent, uptime_seconds, network_in_gib, network_out_gib, disk_used_gib.';

/** One page of guests, now or as they were. Later pages show the same moment as the first. */
export async function listGuests(
  type: GuestType,
  input: GuestListInput,
  context: ToolContext,
): Promise<{
  rows: Row[];
  total: number;
  next_cursor?: string;
  at?: string;
  history_starts_at?: string;
  unseen_total?: number;
  hint?: string;
}> {
  const { store } = context;
  const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
  const asked = input.at === undefined || cursor ? null : await resolveMoment(input.at, 'end', context);
  const at = cursor?.pins[0] ?? asked?.at ?? context.now;
  const offset = cursor?.offset ?? 0;
  const limit = input.limit ?? DEFAULT_LIMIT;
  const full = input.detail === 'full';
  // Of some guests it is known what they were before history is whole; how many others there were is not.
  const pinned = cursor?.seq ?? (asked?.beforeHistory ? 0 : asked?.seq);
  const { seq, unseen, ...page } = await pageAt(type, input, { pinned, at, limit, offset }, context);
  const fitted = fitPage(page.rows, { offset, total: page.total, limit });
  const { rows, left } = full ? { rows: fitted.rows, left: [] } : slimRows(fitted.rows);
  const hint = asked?.beforeHistory
    ? BEFORE_HISTORY
    : await listHint(type, input, { total: page.total, shown: rows.length, left }, store);
  return {
    rows,
    total: page.total,
    ...(unseen > 0 && { unseen_total: unseen }),
    ...(fitted.nextOffset !== null && {
      next_cursor: encodeCursor({ seq, offset: fitted.nextOffset, pins: [at] }, input),
    }),
    ...(input.at !== undefined && { at: formatTime(at, context.timeZone) }),
    ...(await beginningOf(store, asked, context.timeZone)),
    ...(hint !== undefined && { hint }),
  };
}

/** Rows of a page, how many match in all, and the place in the sequence they show: `pinned` where there is one. */
interface GuestPage {
  rows: Row[];
  total: number;
  /** How many of these are out of sight. */
  unseen: number;
  seq: number;
}

async function pageAt(
  type: GuestType,
  input: GuestListInput,
  { pinned, at, limit, offset }: { pinned: number | undefined; at: number; limit: number; offset: number },
  context: ToolContext,
): Promise<GuestPage> {
  const { store } = context;
  const shown = { full: input.detail === 'full', timeZone: context.timeZone };
  if (input.at !== undefined && pinned !== undefined) {
    const guests = await loadGuests(store, [type], NO_PARTS, { seq: pinned, at, shown: 'then' });
    return { ...pageOf(guests, input, offset, shown), seq: pinned };
  }
  if (await mustBeViewed(type, pinned, input, store)) {
    const seq = pinned ?? (await store.lastCommit())?.seq ?? 0;
    const guests = await loadGuests(store, [type], NO_PARTS, { seq, at, shown: 'resumed' });
    return { ...pageOf(guests, input, offset, shown), seq };
  }
  const page = await currentPage(type, input, { limit, offset }, context);
  return { ...page, seq: pinned ?? page.seq };
}

/**
 * Whether the store's own list will not do: something has changed since the first page, or guests out of sight, which the
 * store would sort by what they were, are to be sorted by what they are.
 */
async function mustBeViewed(
  type: GuestType,
  seq: number | undefined,
  { sort }: GuestListInput,
  store: StoreReader,
): Promise<boolean> {
  if (seq !== undefined && (await store.countVersions({ after: seq }, 1)) > 0) return true;
  const byPresent = sort === 'status' || sort === 'uptime';
  return byPresent && (await countUnseen(type, {}, store)) > 0;
}

async function countUnseen(type: GuestType, filter: GuestFilter, store: StoreReader): Promise<number> {
  return (await store.guests(type, { ...filter, seen: false }, undefined, { limit: 1 })).total;
}

async function currentPage(
  type: GuestType,
  input: GuestListInput,
  page: { limit: number; offset: number },
  { store, timeZone }: ToolContext,
): Promise<GuestPage> {
  const { node, status, name, tag, pool, template } = input;
  const sort = { by: COLUMNS[input.sort ?? 'vmid'], order: input.order ?? 'asc' };
  const filter = { node, status, name, tag, pool, template };
  const { rows, ...list } = await store.guestPage(type, filter, sort, page);
  const [nodes, unseen] = await Promise.all([nodeSights(store), countUnseen(type, filter, store)]);
  const shown = { full: input.detail === 'full', timeZone };
  return { ...list, unseen, rows: rows.map(guest => guestRow(guestFact(guest, nodes), shown)) };
}

const NO_PARTS: ReadonlySet<never> = new Set();

function pageOf(
  guests: readonly GuestFacts[],
  input: GuestListInput,
  offset: number,
  shown: { full: boolean; timeZone: string },
): Omit<GuestPage, 'seq'> {
  const fits = input.name === undefined ? () => true : namePattern(input.name);
  const matching = guests.filter(({ row }) => matches(row!, input) && fits(row!.name ?? ''));
  const sorted = sortGuests(matching, input.sort ?? 'vmid', input.order ?? 'asc');
  return {
    rows: sorted.slice(offset, offset + ROWS_AT_MOST).map(({ row }) => guestRow(row!, shown)),
    total: matching.length,
    unseen: matching.filter(({ row }) => row!.out !== null).length,
  };
}

/** No page has more. */
const ROWS_AT_MOST = 500;

function matches(guest: GuestFact, input: GuestListInput): boolean {
  return (
    (input.node === undefined || guest.node === input.node) &&
    (input.status === undefined || isStatus(guest.status, input.status)) &&
    (input.tag === undefined || hasTag(guest.tags, input.tag)) &&
    (input.pool === undefined || guest.pool === input.pool) &&
    (input.template === undefined || guest.template === input.template)
  );
}

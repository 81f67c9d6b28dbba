import type { GuestFilter } from '../../model/filter.ts';
import type { GuestType } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { nodeSights } from '../in-sight.ts';
import type { Question } from '../where/question.ts';
import { columnFilter } from './column-filter.ts';
import { guestFact } from './fact.ts';
import type { GuestListInput } from './list-input.ts';
import { type Chosen, chooseByConfig, type SeenGuest, type Selection, selectGuests } from './select.ts';
import { type GuestSort, sortGuests } from './sort.ts';
import type { GuestFacts } from './sources.ts';

/** What one page of guests is made from. */
export interface Asked {
  types: readonly GuestType[];
  input: GuestListInput;
  /** Rows begin with the guest's name in answers: `vm/101`. */
  named: boolean;
  question: Question<GuestFacts>;
  /** The place in the sequence that is shown, if it is not the present. */
  pinned: number | undefined;
  /** The moment of that place (ms). */
  at: number;
  offset: number;
  limit: number;
}

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

/** The guests of a page, how many match in all, and which place in the sequence they show. */
export interface Found {
  guests: GuestFacts[];
  total: number;
  unseen: number;
  seq: number;
  /** Guests of which it is unknown whether they match. */
  unjudged: readonly GuestFacts[];
  /** All guests, where conditions on their configurations alone were judged: what is known of these, and no rows. */
  judged?: readonly GuestFacts[];
}

/** Chooses the guests of a page: by the store's own filters and order if these will do, else from all guests. */
export async function chooseGuests(asked: Asked, store: StoreReader): Promise<Found> {
  const { input, offset, limit } = asked;
  if (!(await mustBeSelected(asked, store))) {
    const served = servedByColumns(asked);
    const chosen = await chosenOf(served, store);
    if (chosen !== null) {
      const judged = [...chosen.values()].flatMap(({ guests }) => guests);
      return { ...(await currentGuests(served, chosen, store)), judged };
    }
  }
  const { selection, seq } = await selectionOf(asked, store);
  const { matching, unjudged } = selection;
  const sorted = sortGuests(matching, input.sort ?? 'vmid', input.order ?? 'asc');
  return {
    guests: sorted.slice(offset, offset + limit),
    total: matching.length,
    unseen: unseenAmong(matching),
    seq,
    unjudged,
  };
}

/** The same, with conditions as filters where the store's columns mean the same: `status=running`, `tag=prod`. */
function servedByColumns(asked: Asked): Asked {
  const input = { ...asked.input };
  const where = asked.question.where.filter(({ condition }) => {
    const filter = columnFilter(condition);
    if (filter === null || input[filter.column] !== undefined) return true;
    input[filter.column] = filter.value;
    return false;
  });
  return { ...asked, input, question: { ...asked.question, where } };
}

/** How many of these are out of sight. */
export function unseenAmong(guests: readonly SeenGuest[]): number {
  return guests.filter(({ row }) => row.out !== null).length;
}

/** All guests that match at the moment shown, and that place in the sequence. */
export async function selectionOf(
  { types, input, question, pinned, at }: Asked,
  store: StoreReader,
): Promise<{ selection: Selection; seq: number }> {
  const select = (moment: Parameters<typeof selectGuests>[4]) =>
    selectGuests(store, types, input, question, moment);
  if (input.at !== undefined && pinned !== undefined)
    return { selection: await select({ seq: pinned, at, shown: 'then' }), seq: pinned };
  const seq = pinned ?? (await store.lastCommit())?.seq ?? 0;
  const selection = await select(null);
  // Something may have changed since that place, even while it was read.
  return (await store.countVersions({ after: seq }, 1)) === 0
    ? { selection, seq }
    : { selection: await select({ seq, at, shown: 'resumed' }), seq };
}

/**
 * Whether the store's own list will not do: it is for a past moment, something has changed since the first page, or guests out of
 * sight would have to be sorted by their present state, which the store does not know.
 */
async function mustBeSelected({ types, input, pinned }: Asked, store: StoreReader): Promise<boolean> {
  if (pinned !== undefined && input.at !== undefined) return true;
  if (pinned !== undefined && (await store.countVersions({ after: pinned }, 1)) > 0) return true;
  const byPresent = input.sort === 'status' || input.sort === 'uptime';
  return byPresent && isAnyUnseen(types, store);
}

async function isAnyUnseen(types: readonly GuestType[], store: StoreReader): Promise<boolean> {
  const lists = await Promise.all(
    types.map(type => store.guests(type, { seen: false }, undefined, { limit: 1 })),
  );
  return lists.some(({ rows }) => rows.length > 0);
}

/** The guests of each type chosen by conditions on configurations alone; empty without conditions, null if they need more. */
async function chosenOf(
  { types, question }: Asked,
  store: StoreReader,
): Promise<ReadonlyMap<GuestType, Chosen> | null> {
  if (question.where.length === 0) return new Map();
  const chosen = await Promise.all(
    types.map(async type => [type, await chooseByConfig(store, type, question)] as const),
  );
  const known = chosen.filter((one): one is readonly [GuestType, Chosen] => one[1] !== null);
  return known.length === chosen.length ? new Map(known) : null;
}

/** Guests that match everything but the conditions, and whose configuration is not known well enough to judge these. */
async function unjudgedOf(
  types: readonly GuestType[],
  filter: GuestFilter,
  chosen: ReadonlyMap<GuestType, Chosen>,
  store: StoreReader,
): Promise<GuestFacts[]> {
  const lists = await Promise.all(
    types
      .filter(type => chosen.has(type))
      .flatMap(type => [
        store.guests(type, { ...filter, configUnread: true }),
        store.guests(type, { ...filter, ids: chosen.get(type)!.unjudged }),
      ]),
  );
  return lists.flatMap(({ rows }) => rows.map(({ type, id }) => ({ type, vmid: id, config: null })));
}

/** The page as the store filters and sorts it; of two types, the first rows of both together. */
async function currentGuests(
  { types, input, pinned, offset, limit }: Asked,
  chosen: ReadonlyMap<GuestType, Chosen>,
  store: StoreReader,
): Promise<Found> {
  const { node, status, name, tag, pool, template, order = 'asc', sort = 'vmid' } = input;
  const filter = { node, status, name, tag, pool, template };
  const several = types.length > 1;
  const page = several ? { limit: offset + limit } : { limit, offset };
  const by = { by: COLUMNS[sort], order };
  const [lists, nodes, unjudged] = await Promise.all([
    Promise.all(
      types.map(type => store.guestPage(type, { ...filter, ids: chosen.get(type)?.ids }, by, page)),
    ),
    nodeSights(store),
    unjudgedOf(types, filter, chosen, store),
  ]);
  const guests = lists.flatMap(list =>
    list.rows.map(guest => ({ type: guest.type, vmid: guest.id, row: guestFact(guest, nodes) })),
  );
  return {
    guests: several ? sortGuests(guests, sort, order).slice(offset, offset + limit) : guests,
    total: lists.reduce((sum, list) => sum + list.total, 0),
    unseen: lists.reduce((sum, list) => sum + list.unseen, 0),
    seq: pinned ?? Math.min(...lists.map(list => list.seq)),
    unjudged,
  };
}

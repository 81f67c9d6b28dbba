import { nearest } from '../../history/resource-name.ts';
import type { GuestFilter } from '../../model/filter.ts';
import { formatKey, GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { narrowHint } from '../format/page.ts';
import { plainWord, quoted, quotedList } from '../format/text.ts';
import { printCondition } from '../where/grammar.ts';
import type { Question } from '../where/question.ts';
import type { GuestListInput } from './list-input.ts';
import type { GuestFacts } from './sources.ts';

const WORDS: { [type in GuestType | 'guest']: { one: string; many: string } } = {
  vm: { one: 'VM', many: 'VMs' },
  container: { one: 'container', many: 'containers' },
  guest: { one: 'guest', many: 'guests' },
};

const wordsOf = (types: readonly GuestType[]) => WORDS[types.length === 1 ? types[0]! : 'guest'];

/** What to try next: for an empty list, a long one, and where the other type of guest matches too. */
export async function listHint(
  types: readonly GuestType[],
  input: GuestListInput,
  { total, shown, left }: { total: number; shown: number; left: string[] },
  store: StoreReader,
): Promise<string | undefined> {
  const leftHint =
    left.length > 0 ? `Left out to be brief: ${left.join(', ')} (detail full has them).` : undefined;
  if (input.cursor !== undefined) return leftHint;
  const said = [
    leftHint,
    total === 0 ? await emptyHint(types, input, store) : undefined,
    narrowHint(total, shown, 'node, status, name, tag, pool or where'),
    await templatesHint(types, input, store),
    await unseenHint(types, input, store),
    await othersHint(types, input, store),
  ].filter(hint => hint !== undefined);
  return said.length === 0 ? undefined : said.join(' ');
}

const NAMED_AT_MOST = 5;

/** Guests that cannot be judged: they are neither in the list nor ruled out. */
export function unjudgedHint(
  guests: readonly GuestFacts[],
  { where }: Pick<Question<GuestFacts>, 'where'>,
): string | undefined {
  if (guests.length === 0) return undefined;
  const names = guests.slice(0, NAMED_AT_MOST).map(({ type, vmid }) => formatKey({ type, id: String(vmid) }));
  const open = where
    .filter(bound => guests.some(guest => bound.test(guest) === undefined))
    .map(({ condition }) => quoted(printCondition(condition)));
  const more = guests.length > names.length ? ', ...' : '';
  const is = guests.length === 1 ? '1 more is' : `${guests.length} more are`;
  return `${is} not judged: what is known does not tell ${open.join(' and ')} of them (${names.join(', ')}${more}).`;
}

/** Tells who asks for a status how many guests have an unknown one. */
async function unseenHint(
  types: readonly GuestType[],
  { node, status, name, tag, pool, template, at }: GuestListInput,
  store: StoreReader,
): Promise<string | undefined> {
  if (at !== undefined || status === undefined || status === 'unknown') return undefined;
  const filter = { node, name, tag, pool, template, seen: false };
  const total = await countOf(types, filter, store);
  return total === 0 ? undefined : `${total} more cannot be seen now: status unknown lists them.`;
}

/** Templates are stopped, but are rarely meant by a question about stopped guests. */
async function templatesHint(
  types: readonly GuestType[],
  { node, status, name, tag, pool, template, at, where = [] }: GuestListInput,
  store: StoreReader,
): Promise<string | undefined> {
  if (at !== undefined || status !== 'stopped' || template !== undefined || where.length > 0)
    return undefined;
  const total = await countOf(types, { node, status, name, tag, pool, template: true }, store);
  if (total === 0) return undefined;
  return `${total} of these ${total === 1 ? 'is a template' : 'are templates'}: template false leaves ${total === 1 ? 'it' : 'them'} out.`;
}

async function countOf(
  types: readonly GuestType[],
  filter: GuestFilter,
  store: StoreReader,
): Promise<number> {
  const lists = await Promise.all(types.map(type => store.guests(type, filter, undefined, { limit: 1 })));
  return lists.reduce((sum, { total }) => sum + total, 0);
}

async function othersHint(
  types: readonly GuestType[],
  { node, name, tag, pool, template, at, where, group }: GuestListInput,
  store: StoreReader,
): Promise<string | undefined> {
  if (at !== undefined || types.length > 1 || (name ?? tag ?? pool) === undefined) return undefined;
  if ((where ?? group ?? []).length > 0) return undefined;
  const other = GUEST_TYPES.find(one => !types.includes(one))!;
  const total = await countOf([other], { node, name, tag, pool, template }, store);
  const { one, many } = WORDS[other];
  return total === 0
    ? undefined
    : `${total} ${total > 1 ? `${many} match` : `${one} matches`} too: list_guests has both.`;
}

async function emptyHint(
  types: readonly GuestType[],
  input: GuestListInput,
  store: StoreReader,
): Promise<string> {
  const { one, many } = wordsOf(types);
  const { node, tag, pool, name, where = [] } = input;
  if (where.length > 0 && (node ?? tag ?? pool ?? name) === undefined) {
    const all = await countOf(types, {}, store);
    if (all > 0)
      return `None of the ${all} ${many} matches${where.length > 1 ? '; leave a condition out' : ''}.`;
  }
  const guests = (await Promise.all(types.map(type => store.guests(type)))).flatMap(list => list.rows);
  if (guests.length === 0)
    return `No ${one} can be seen: there is none, or the token lacks VM.Audit (proxmox-mpc test-connection tells).`;
  const near = (asked: string, known: Iterable<string>) => {
    const words = [...new Set(known)].map(plainWord).filter(word => word !== null);
    const close = nearest(asked.replaceAll('*', ''), words, 5);
    return close.length > 0
      ? `Did you mean ${quotedList(close)}?`
      : `There are ${quotedList(words.sort().slice(0, 10))}.`;
  };
  if (input.node !== undefined && !(await store.nodes()).some(node => node.id === input.node))
    return `There is no such node. ${near(
      input.node,
      (await store.nodes()).map(node => node.id),
    )}`;
  if (input.tag !== undefined && !guests.some(guest => hasTag(guest.tags, input.tag!)))
    return guests.some(guest => guest.pool === input.tag)
      ? `No ${one} has that tag, but it is a pool: ask with pool.`
      : `None of the ${guests.length} ${many} has that tag. ${near(
          input.tag,
          guests.flatMap(guest => guest.tags),
        )}`;
  if (input.pool !== undefined && !guests.some(guest => guest.pool === input.pool))
    return guests.some(guest => hasTag(guest.tags, input.pool!))
      ? `No ${one} is in a pool of that name, but it is a tag: ask with tag.`
      : `None of the ${guests.length} ${many} is in that pool. ${near(
          input.pool,
          guests.flatMap(guest => guest.pool ?? []),
        )}`;
  if (input.name !== undefined) {
    const words = guests
      .flatMap(guest => guest.name ?? [])
      .map(plainWord)
      .filter(word => word !== null);
    const close = nearest(input.name.replaceAll('*', ''), words, 5);
    if (close.length > 0) return `No name fits. Did you mean ${quotedList(close)}?`;
  }
  return `None of the ${guests.length} ${many} matches; leave a ${input.where?.length ? 'condition' : 'filter'} out.`;
}

/** Whether one of these tags is the one asked for, ignoring case as Proxmox and the store do. */
export function hasTag(tags: readonly string[], tag: string): boolean {
  return tags.some(one => one.toLowerCase() === tag.toLowerCase());
}

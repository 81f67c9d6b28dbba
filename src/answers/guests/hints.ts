import { nearest } from '../../history/resource-name.ts';
import type { Arguments } from '../../mcp/define/cursor.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { narrowHint } from '../format/page.ts';
import { plainWord, quotedList } from '../format/text.ts';
import type { GuestSort } from './sort.ts';

/** What a guest list is asked for. */
export interface GuestListInput extends Arguments {
  node?: string | undefined;
  status?: string | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  pool?: string | undefined;
  template?: boolean | undefined;
  at?: string | undefined;
  sort?: GuestSort | undefined;
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
  detail?: 'concise' | 'full' | undefined;
}

const WORDS: { [type in GuestType]: { one: string; many: string; tool: string } } = {
  vm: { one: 'VM', many: 'VMs', tool: 'list_vms' },
  container: { one: 'container', many: 'containers', tool: 'list_containers' },
};

/** What to try next: where a list is empty, where it is long, and where the other kind of guest matches too. */
export async function listHint(
  type: GuestType,
  input: GuestListInput,
  { total, shown, left }: { total: number; shown: number; left: string[] },
  store: StoreReader,
): Promise<string | undefined> {
  const leftHint =
    left.length > 0 ? `Left out to be brief: ${left.join(', ')} (detail full has them).` : undefined;
  if (input.cursor !== undefined) return leftHint;
  const hints = [
    leftHint,
    total === 0 ? await emptyHint(type, input, store) : undefined,
    narrowHint(total, shown, 'node, status, name, tag or pool'),
    await unseenHint(type, input, store),
    await othersHint(type, input, store),
  ].filter(hint => hint !== undefined);
  return hints.length === 0 ? undefined : hints.join(' ');
}

/** Who asks for those in some status is told of those of which nobody knows theirs. */
async function unseenHint(
  type: GuestType,
  { node, status, name, tag, pool, template, at }: GuestListInput,
  store: StoreReader,
): Promise<string | undefined> {
  if (at !== undefined || status === undefined || status === 'unknown') return undefined;
  const filter = { node, name, tag, pool, template, seen: false };
  const { total } = await store.guests(type, filter, undefined, { limit: 1 });
  return total === 0 ? undefined : `${total} more cannot be seen now: status unknown lists them.`;
}

async function othersHint(
  type: GuestType,
  { node, name, tag, pool, template, at }: GuestListInput,
  store: StoreReader,
): Promise<string | undefined> {
  if (at !== undefined || (name ?? tag ?? pool) === undefined) return undefined;
  const other = GUEST_TYPES.find(one => one !== type)!;
  const { total } = await store.guests(other, { node, name, tag, pool, template }, undefined, { limit: 1 });
  const { one, many, tool } = WORDS[other];
  return total === 0 ? undefined : `${total} ${total > 1 ? `${many} match` : `${one} matches`} too: ${tool}.`;
}

async function emptyHint(type: GuestType, input: GuestListInput, store: StoreReader): Promise<string> {
  const { one, many } = WORDS[type];
  const guests = (await store.guests(type)).rows;
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
  return `None of the ${guests.length} ${many} matches; leave a filter out.`;
}

/** Whether these are the tags of a guest that has this one, case ignored, as Proxmox and the store do. */
export function hasTag(tags: readonly string[], tag: string): boolean {
  return tags.some(one => one.toLowerCase() === tag.toLowerCase());
}

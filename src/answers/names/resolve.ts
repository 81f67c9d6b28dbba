import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import { nearest, parseResourceName, type ResourceName } from '../../history/resource-name.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import {
  CLUSTER,
  formatKey,
  isGuestType,
  isSettingType,
  type ResourceKey,
  type ResourceType,
  versionKey,
} from '../../model/resource.ts';
import { NEWEST_SEQ, type StoreReader } from '../../model/store.ts';
import { clusterText, plainWord, quoted, quotedList } from '../format/text.ts';
import { pastBearers, pastNote } from './past-names.ts';

interface Known extends ResourceKey {
  name: string | null;
}

/** What a person means by their words. */
export interface Meant {
  key: ResourceKey;
  /** What they should know about it: it has another name now, or its number belonged to another guest. */
  note: string | undefined;
}

type Asking = Pick<ToolContext, 'store' | 'timeZone'>;

const CANDIDATES_SHOWN = 10;

/**
 * Finds the one resource a person means: an exact vmid comes before a name. Resources that only history knows are found by type
 * and id, guests also by former names.
 * @throws UsageError with the candidates if several match, with near misses if none does, and if the name belonged to an earlier
 * life of its number, unless the answer is about `allLives`
 */
export async function resolveResource(
  asking: Asking,
  input: string,
  { allLives = false } = {},
): Promise<Meant> {
  const { store } = asking;
  const wanted = parseResourceName(input);
  const guests = await guestsByVmid(store, wanted);
  if (guests.length === 1) return meant(guests[0]!, await predecessorNote(asking, wanted, guests[0]!));
  const known = await knownResources(store, wanted.types);
  const id = wanted.vmid === null ? wanted.text : String(wanted.vmid);
  const byName = known.filter(one => one.name?.toLowerCase() === wanted.text.toLowerCase());
  const exact = byName.filter(one => one.name === wanted.text);
  for (const matches of [
    guests,
    exact.length === 1 ? exact : byName,
    await pastResources(store, wanted, id),
  ]) {
    if (matches.length === 1) return meant(matches[0]!);
    if (matches.length > 1) throw ambiguous(input, matches);
  }
  const former = await pastBearers(store, wanted);
  if (former.length === 1)
    return meant(former[0]!, pastNote(former[0]!, { timeZone: asking.timeZone, allLives }));
  throw former.length > 1 ? ambiguous(input, former) : await unknown(input, wanted, known, store);
}

/** Existing guests with that number: one row is read, however many guests there are. */
async function guestsByVmid(store: StoreReader, { vmid, types }: ResourceName): Promise<Known[]> {
  if (vmid === null) return [];
  const guests = await Promise.all(types.filter(isGuestType).map(type => store.guest(type, vmid)));
  return guests.flatMap(guest =>
    guest === null ? [] : [{ type: guest.type, id: String(guest.id), name: guest.name }],
  );
}

async function knownResources(store: StoreReader, types: readonly ResourceType[]): Promise<Known[]> {
  const lists = await Promise.all(
    types.map(async (type): Promise<Known[]> => {
      if (type === 'node') return (await store.nodes()).map(node => ({ type, id: node.id, name: node.id }));
      if (type === 'storage')
        return (await store.storages()).map(storage => ({ type, id: storage.id, name: storage.id }));
      if (type === 'cluster')
        return (await store.versionsAt(NEWEST_SEQ, [CLUSTER])).map(({ name }) => ({ ...CLUSTER, name }));
      if (isSettingType(type))
        return (await store.everythingAt(NEWEST_SEQ, type)).map(({ resourceId: id, name }) => ({
          type,
          id,
          name,
        }));
      return (await store.guests(type)).rows.map(guest => ({ type, id: String(guest.id), name: guest.name }));
    }),
  );
  return lists.flat();
}

/** Deleted resources, found by id. */
async function pastResources(store: StoreReader, wanted: ResourceName, id: string): Promise<Known[]> {
  const types = wanted.types.filter(type => isGuestType(type) === (wanted.vmid !== null));
  const versions = await store.versionsAt(
    NEWEST_SEQ,
    types.map(type => ({ type, id })),
  );
  return versions.map(version => ({ type: version.type, id: version.resourceId, name: version.name }));
}

/** A bare number means the guest that exists; says if a guest of the other type had the number before. */
async function predecessorNote(
  { store, timeZone }: Asking,
  { vmid, types }: ResourceName,
  meant: Known,
): Promise<string | undefined> {
  const others = types.filter(type => isGuestType(type) && type !== meant.type);
  const [other] = await store.versionsAt(
    NEWEST_SEQ,
    others.map(type => ({ type, id: String(vmid) })),
  );
  if (other?.change !== 'deleted') return undefined;
  const named = other.name === null ? '' : ` ${quoted(other.name)}`;
  const key = versionKey(other);
  return `${key}${named} had this number until ${formatTime(other.at, timeZone)}: ask for ${key} to see it.`;
}

function ambiguous(input: string, candidates: Known[]): UsageError {
  const shown = candidates.slice(0, CANDIDATES_SHOWN).map(one => {
    const named = one.name !== null && one.name !== one.id ? ` ${quoted(one.name)}` : '';
    return `${clusterText(formatKey(one), 80)}${named}`;
  });
  const more = candidates.length > shown.length ? ` and ${candidates.length - shown.length} more` : '';
  return new UsageError(
    `${quoted(input, 80)} fits ${candidates.length} resources: ${shown.join(', ')}${more}.`,
    {
      hint: `Name one of them with its type, such as ${clusterText(formatKey(candidates[0]!), 80)}.`,
    },
  );
}

async function unknown(
  input: string,
  wanted: ResourceName,
  known: Known[],
  store: StoreReader,
): Promise<UsageError> {
  const asked = quoted(input, 80);
  if ((await store.firstCommit()) === null)
    return new UsageError(`${asked} is unknown: nothing has been discovered yet.`, {
      hint: 'Run discover, or check the connection with proxmox-mpc test-connection.',
    });
  // The type given may be wrong.
  const elsewhere =
    wanted.types.length === 1
      ? (await knownResources(store, ['vm', 'container', 'node', 'storage'])).filter(
          one => one.id === wanted.text || one.name?.toLowerCase() === wanted.text.toLowerCase(),
        )
      : [];
  const words = known.flatMap(one => [one.name, one.id].flatMap(word => (word && plainWord(word)) ?? []));
  // A similar number is another guest, not a near miss.
  const close = wanted.vmid === null ? nearest(wanted.text, words) : [];
  const near = elsewhere.length > 0 ? elsewhere.slice(0, 3).map(formatKey) : close;
  return new UsageError(`Nothing here is called ${asked}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${quotedList(near)}?`
        : wanted.vmid === null
          ? 'find_resources searches names, addresses, tags and notes.'
          : 'list_guests shows the numbers there are; show_history tells of deleted guests.',
  });
}

function meant({ type, id }: Known, note?: string): Meant {
  return { key: { type, id }, note };
}

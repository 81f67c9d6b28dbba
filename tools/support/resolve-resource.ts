import { UsageError } from '../../src/errors.ts';
import { formatKey, isGuestType, type ResourceKey, type ResourceType } from '../../src/model/resource.ts';
import { NEWEST_SEQ, type StoreReader } from '../../src/model/store.ts';
import { nearest, parseResourceName, type ResourceName } from '../../src/state/resource-name.ts';
import { clusterText, plainWord } from './text.ts';

interface Known extends ResourceKey {
  name: string | null;
}

const CANDIDATES_SHOWN = 10;

/**
 * Finds the one resource a person means: an exact vmid beats a name. Resources that only history knows are found by
 * type and id, deleted guests by the name they had last too.
 * @throws UsageError with the candidates when several match, or with near misses when none does.
 */
export async function resolveResource(store: StoreReader, input: string): Promise<ResourceKey> {
  const wanted = parseResourceName(input);
  const guests = await guestsByVmid(store, wanted);
  if (guests.length === 1) return key(guests[0]!);
  const known = await knownResources(store, wanted.types);
  const id = wanted.vmid === null ? wanted.text : String(wanted.vmid);
  const byName = known.filter(one => one.name?.toLowerCase() === wanted.text.toLowerCase());
  const exact = byName.filter(one => one.name === wanted.text);
  for (const matches of [
    guests,
    exact.length === 1 ? exact : byName,
    await formerResources(store, wanted, id),
  ]) {
    if (matches.length === 1) return key(matches[0]!);
    if (matches.length > 1) throw ambiguous(input, matches);
  }
  const former = await formerNamesakes(store, wanted);
  if (former.length === 1) return key(former[0]!);
  throw former.length > 1 ? ambiguous(input, former) : await unknown(input, wanted, known, store);
}

/** The living guests of that number: one row read, however many guests there are. */
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
      return (await store.guests(type)).rows.map(guest => ({ type, id: String(guest.id), name: guest.name }));
    }),
  );
  return lists.flat();
}

/** Deleted resources, found by id. */
async function formerResources(store: StoreReader, wanted: ResourceName, id: string): Promise<Known[]> {
  const types = wanted.types.filter(type => isGuestType(type) === (wanted.vmid !== null));
  const versions = await store.versionsAt(
    NEWEST_SEQ,
    types.map(type => ({ type, id })),
  );
  return versions.map(version => ({ type: version.type, id: version.resourceId, name: version.name }));
}

/** Deleted guests by the name they had last. Looked for last of all: it steps through every resource there ever was. */
async function formerNamesakes(store: StoreReader, { vmid, types, text }: ResourceName): Promise<Known[]> {
  if (vmid !== null) return [];
  const ends = await Promise.all(types.filter(isGuestType).map(type => store.ends({ type })));
  const gone = ends.flat().flatMap(([, last]) => (last.change === 'deleted' ? last : []));
  const versions = await store.versionsAt(
    NEWEST_SEQ,
    gone.map(({ type, resourceId: id }) => ({ type, id })),
  );
  return versions
    .filter(({ name }) => name?.toLowerCase() === text.toLowerCase())
    .map(({ type, resourceId: id, name }) => ({ type, id, name }));
}

function ambiguous(input: string, candidates: Known[]): UsageError {
  const shown = candidates.slice(0, CANDIDATES_SHOWN).map(one => {
    const named = one.name !== null && one.name !== one.id ? ` "${clusterText(one.name, 60)}"` : '';
    return `${formatKey(one)}${named}`;
  });
  const more = candidates.length > shown.length ? ` and ${candidates.length - shown.length} more` : '';
  return new UsageError(
    `"${clusterText(input, 80)}" fits ${candidates.length} resources: ${shown.join(', ')}${more}.`,
    {
      hint: `Name one of them with its type, such as ${formatKey(candidates[0]!)}.`,
    },
  );
}

async function unknown(
  input: string,
  wanted: ResourceName,
  known: Known[],
  store: StoreReader,
): Promise<UsageError> {
  const asked = clusterText(input, 80);
  if ((await store.firstCommit()) === null)
    return new UsageError(`"${asked}" is unknown: nothing has been discovered yet.`, {
      hint: 'Run discover, or check the connection with proxmox-mpc test-connection.',
    });
  // Somebody who gave a type may have the wrong one.
  const elsewhere =
    wanted.types.length === 1
      ? (await knownResources(store, ['vm', 'container', 'node', 'storage'])).filter(
          one => one.id === wanted.text || one.name?.toLowerCase() === wanted.text.toLowerCase(),
        )
      : [];
  const near =
    elsewhere.length > 0
      ? elsewhere.slice(0, 3).map(formatKey)
      : nearest(
          wanted.text,
          known.flatMap(one => [one.name, one.id].flatMap(word => (word && plainWord(word)) ?? [])),
        );
  return new UsageError(`Nothing here is called "${asked}".`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(', ')}?`
        : 'find_resources searches names, addresses, tags and notes.',
  });
}

function key({ type, id }: Known): ResourceKey {
  return { type, id };
}

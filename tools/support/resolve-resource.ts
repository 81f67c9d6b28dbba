import { UsageError } from '../../src/errors.ts';
import { formatKey, type ResourceKey, type ResourceType } from '../../src/model/resource.ts';
import type { StoreReader } from '../../src/model/store.ts';
import { nearest, parseResourceName } from '../../src/state/resource-name.ts';

interface Known extends ResourceKey {
  name: string | null;
}

/**
 * Finds the one resource a person means: an exact vmid beats a name. Resources that only history knows are found by
 * type and id.
 * @throws UsageError with the candidates when several match, or with near misses when none does.
 */
export async function resolveResource(store: StoreReader, input: string): Promise<ResourceKey> {
  const wanted = parseResourceName(input);
  const known = await knownResources(store, wanted.types);
  const byId = known.filter(one => one.id === (wanted.vmid === null ? wanted.text : String(wanted.vmid)));
  if (byId.length === 1) return key(byId[0]!);
  if (byId.length > 1) throw ambiguous(input, byId);
  const former = await formerResource(
    store,
    wanted.types,
    wanted.vmid === null ? wanted.text : String(wanted.vmid),
  );
  const byName = known.filter(one => one.name?.toLowerCase() === wanted.text.toLowerCase());
  if (byName.length === 1) return key(byName[0]!);
  if (byName.length > 1) throw ambiguous(input, byName);
  if (former.length === 1) return former[0]!;
  if (former.length > 1)
    throw ambiguous(
      input,
      former.map(one => ({ ...one, name: null })),
    );
  const near = nearest(
    wanted.text,
    known.flatMap(one => (one.name === null ? [one.id] : [one.name, one.id])),
  );
  throw new UsageError(`Nothing here is called "${input.slice(0, 80)}".`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(', ')}?`
        : 'List what there is with list_vms, list_containers, list_nodes or list_storage.',
  });
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

async function formerResource(
  store: StoreReader,
  types: readonly ResourceType[],
  id: string,
): Promise<ResourceKey[]> {
  const versions = await store.versionsAt(
    Number.MAX_SAFE_INTEGER,
    types.map(type => ({ type, id })),
  );
  return versions.map(version => ({ type: version.type, id: version.resourceId }));
}

function ambiguous(input: string, candidates: Known[]): UsageError {
  const names = candidates
    .slice(0, 10)
    .map(one => `${formatKey(one)}${one.name && one.name !== one.id ? ` (${one.name})` : ''}`);
  return new UsageError(`"${input.slice(0, 80)}" fits ${candidates.length} resources: ${names.join(', ')}.`, {
    hint: 'Name one of them with its type, such as vm/101.',
  });
}

function key({ type, id }: Known): ResourceKey {
  return { type, id };
}

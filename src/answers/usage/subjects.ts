import { UsageError } from '../../errors.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { GuestEntity, NodeStorageEntity } from '../../model/entity.ts';
import {
  CLUSTER,
  formatKey,
  GUEST_TYPES,
  type GuestType,
  guestKey,
  isGuestType,
  isSettingType,
  type ResourceKey,
} from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import type { UsageSubject } from '../../model/usage.ts';
import { clusterText } from '../format/text.ts';
import { creations } from '../guests/created.ts';
import { resolveResource } from '../names/resolve.ts';

/** A resource whose usage is read, with its name (the cluster's text) and the node to show with it. */
export interface NamedSubject extends UsageSubject {
  name: string | null;
  on: string | null;
}

/** Most resources in one answer. */
const RESOURCES_AT_MOST = 20;

/**
 * The resources named, separated by commas; `cluster` means its nodes, a pool its guests, and a local storage that of each node.
 * @throws UsageError for names that match none or several, and for deleted resources
 */
export async function namedSubjects(
  context: ToolContext,
  resource: string,
): Promise<{ subjects: NamedSubject[]; notes: (string | undefined)[] }> {
  const names = resource.split(',').flatMap(name => (name.trim() === '' ? [] : [name.trim()]));
  if (names.length === 0 || names.length > RESOURCES_AT_MOST)
    throw new UsageError(`Name 1 to ${RESOURCES_AT_MOST} resources, with commas between.`, {
      hint: 'Such as vm/101,vm/102; top ranks them all.',
    });
  const meant = await Promise.all(names.map(name => resolveResource(context, name)));
  const found = await Promise.all(meant.map(({ key }) => subjectsOf(context.store, key)));
  const subjects = [...new Map(found.flat().map(one => [`${formatKey(one)}@${one.node}`, one])).values()];
  return { subjects: subjects.slice(0, RESOURCES_AT_MOST), notes: meant.map(({ note }) => note) };
}

async function subjectsOf(store: StoreReader, key: ResourceKey): Promise<NamedSubject[]> {
  if (key.type === CLUSTER.type) return (await store.nodes()).map(node => nodeSubject(node.id));
  if (isGuestType(key.type)) {
    const guest = await store.guest(key.type, Number(key.id));
    if (guest === null) throw gone(key);
    return guestSubjects(store, [guest]);
  }
  if (key.type === 'node') {
    if (!(await store.nodes()).some(node => node.id === key.id)) throw gone(key);
    return [nodeSubject(key.id)];
  }
  if (key.type === 'pool') return guestSubjects(store, await guestsOf(store, GUEST_TYPES, key.id));
  if (isSettingType(key.type))
    throw new UsageError(`${clusterText(formatKey(key), 80)} uses nothing itself.`, {
      hint: 'Name guests, nodes or storages; get_resource tells which guests belong to it.',
    });
  const subjects = (await storageSubjects(store)).filter(storage => storage.id === key.id);
  if (subjects.length > 0) return subjects;
  const storage = (await store.storages()).find(one => one.id === key.id);
  if (storage === undefined) throw gone(key);
  throw new UsageError(
    `${clusterText(formatKey(key), 80)} is ${storage.enabled ? 'on no node that is known' : 'disabled'}: nothing is recorded of it.`,
    { hint: 'list_storage shows where each storage is usable.' },
  );
}

function gone(key: ResourceKey): UsageError {
  return new UsageError(`${clusterText(formatKey(key), 80)} is not there any more.`, {
    hint: 'Proxmox tells the usage of what is there; show_history tells what became of it.',
  });
}

/** A node as a subject. */
export function nodeSubject(id: string): NamedSubject {
  return { type: 'node', id, node: id, perNode: false, since: null, name: null, on: null };
}

/** Guests as subjects. What Proxmox recorded before a guest was created belongs to its predecessor. */
export async function guestSubjects(
  store: StoreReader,
  guests: readonly GuestEntity[],
): Promise<NamedSubject[]> {
  const created = await creations(store, guests);
  return guests.map(({ type, id, nodeId, name }) => ({
    type,
    id: String(id),
    node: nodeId,
    perNode: false,
    since: created.get(guestKey({ type, id })) ?? null,
    name,
    on: nodeId,
  }));
}

/** Every storage that can be asked about: a shared one once, at a node that reaches it, a local one on each node. */
export async function storageSubjects(store: StoreReader): Promise<NamedSubject[]> {
  const [storages, views, nodes] = await Promise.all([store.storages(), store.nodeStorages(), store.nodes()]);
  const online = new Set(nodes.filter(node => node.status === 'online').map(node => node.id));
  const rank = ({ active, nodeId }: NodeStorageEntity) => (online.has(nodeId) ? 2 : 0) + (active ? 1 : 0);
  return storages.flatMap(({ id, shared, enabled }) => {
    if (!enabled) return [];
    const there = views
      .filter(view => view.storageId === id)
      .sort((a, b) => rank(b) - rank(a) || (a.nodeId < b.nodeId ? -1 : 1));
    return (shared ? there.slice(0, 1) : there).map(
      ({ nodeId }): NamedSubject => ({
        type: 'storage',
        id,
        node: nodeId,
        perNode: !shared,
        since: null,
        name: null,
        on: shared ? null : nodeId,
      }),
    );
  });
}

/** The guests of these types, of one pool if given, without templates. */
export async function guestsOf(
  store: StoreReader,
  types: readonly GuestType[] = GUEST_TYPES,
  pool?: string,
): Promise<GuestEntity[]> {
  const lists = await Promise.all(types.map(type => store.guests(type, { template: false, pool })));
  return lists.flatMap(list => list.rows);
}

import type { Subject, Unknown } from '../../desired/subject.ts';
import type { StandingVersion } from '../../model/change.ts';
import { DECLARABLE_TYPES, type DeclarableType } from '../../model/declaration.ts';
import type { ConfigValues, GuestEntity, StorageEntity } from '../../model/entity.ts';
import { GUEST_TYPES, type GuestType, guestKey, isGuestType } from '../../model/resource.ts';
import type { GuestConfig, JsonObject, JsonValue } from '../../model/state.ts';
import type { StoreReader } from '../../model/store.ts';
import {
  guestOutOfSight,
  type NodeSights,
  nodeSights,
  nodeSightsAt,
  versionOutOfSight,
} from '../in-sight.ts';

/** Up to this many configurations are read by guest; beyond that, all are read. */
const SOME = 500;
/** Beyond this many keys, configurations are read whole. */
const KEYS_AT_MOST = 24;

/** All resources that can be declared, as last known, guests without their configurations. */
export async function presentSubjects(
  store: StoreReader,
  types: readonly DeclarableType[] = DECLARABLE_TYPES,
): Promise<Subject[]> {
  const nodes = await nodeSights(store);
  const lists = await Promise.all(
    types.map(async type =>
      isGuestType(type)
        ? (await store.guests(type)).rows.map(guest => guestSubject(guest, nodes))
        : (await store.storages()).map(storageSubject),
    ),
  );
  return lists.flat();
}

/**
 * The same subjects, guests with their configurations, or only these `keys` of them if they are many; a configuration that was
 * never read stays null.
 */
export async function withConfigs(
  store: StoreReader,
  subjects: readonly Subject[],
  keys?: readonly string[],
): Promise<Subject[]> {
  const guests = subjects.filter(subject => isGuestType(subject.type));
  const configs = await configsOf(store, guests, keys);
  const byGuest = new Map(configs.map(one => [guestKey(one), one]));
  return subjects.map(subject => {
    const found = byGuest.get(subject.resource);
    return found === undefined
      ? subject
      : { ...subject, config: found.config, pending: found.pending ?? null };
  });
}

async function configsOf(
  store: StoreReader,
  guests: readonly Subject[],
  keys: readonly string[] | undefined,
): Promise<(ConfigValues & { type: GuestType })[]> {
  if (guests.length <= SOME)
    return store.configs(
      guests.map(({ type, resource }) => ({ type: type as GuestType, id: idOf(resource) })),
    );
  const lists = await Promise.all(
    GUEST_TYPES.map(async type =>
      keys === undefined || keys.length > KEYS_AT_MOST
        ? store.configsHolding(type, () => true)
        : (await store.configValues(type, keys, { pending: true })).map(values => ({ ...values, type })),
    ),
  );
  return lists.flat();
}

/** All resources as history knows them at a place in the sequence. */
export async function pastSubjects(
  store: StoreReader,
  seq: number,
  types: readonly DeclarableType[] = DECLARABLE_TYPES,
): Promise<Subject[]> {
  const nodes = await nodeSightsAt(store, seq);
  const lists = await Promise.all(
    types.map(async type =>
      (await store.everythingAt(seq, type)).map(version => pastSubject(version, nodes)),
    ),
  );
  return lists.flat();
}

/** The number of a guest's key. */
export function idOf(resource: string): number {
  return Number(resource.slice(resource.indexOf('/') + 1));
}

function guestSubject(guest: GuestEntity, nodes: NodeSights): Subject {
  const { type, name, nodeId: node, pool, tags, template } = guest;
  return {
    resource: guestKey(guest),
    type,
    name,
    node,
    pool,
    tags,
    template,
    incarnation: guest.incarnation,
    unknown: guestOutOfSight(guest, nodes),
    unknownFields: unconfirmedOf(guest),
    own: present({ name, node, pool, tags, template, status: guest.status, ha: guest.haState }),
    config: null,
    pending: null,
  };
}

function unconfirmedOf({ unconfirmed }: GuestEntity): { [path: string]: Unknown } {
  if (unconfirmed === null) return {};
  return Object.fromEntries(
    Object.entries(unconfirmed).map(([path, since]) => [
      path,
      { since, reason: { code: 'field-not-reported' as const } },
    ]),
  );
}

function storageSubject(storage: StorageEntity): Subject {
  const { id, enabled, shared, nodes, contentTypes: content, options } = storage;
  return {
    ...ofStorage(id, storage.incarnation),
    unknown: storage.unseenReason === null ? null : { since: storage.lastSeen, reason: storage.unseenReason },
    own: { ...present({ enabled, shared, nodes, content }), ...optionsOf(options) },
  };
}

function ofStorage(id: string, incarnation: number): Subject {
  return {
    resource: `storage/${id}`,
    type: 'storage',
    name: id,
    node: null,
    pool: null,
    tags: [],
    template: false,
    incarnation,
    unknown: null,
    unknownFields: {},
    own: {},
    config: {},
    pending: null,
  };
}

function pastSubject(version: StandingVersion, nodes: NodeSights): Subject {
  const { type, resourceId, incarnation, name, node } = version;
  const { config, pending, options, ...own } = version.state;
  if (!isGuestType(type))
    return {
      ...ofStorage(resourceId, incarnation),
      own: { ...present(own), ...optionsOf((options ?? {}) as JsonObject) },
    };
  return {
    resource: `${type}/${resourceId}`,
    type,
    name,
    node,
    pool: (own['pool'] as string | undefined) ?? null,
    tags: (own['tags'] as string[] | undefined) ?? [],
    template: own['template'] === true,
    incarnation,
    unknown: versionOutOfSight(version, nodes),
    unknownFields: {},
    own: present(own),
    config: (config as GuestConfig | undefined) ?? null,
    pending: (pending as JsonObject | undefined) ?? null,
  };
}

function optionsOf(options: JsonObject): { [path: string]: JsonValue } {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [`options.${name}`, value]));
}

function present(fields: { [path: string]: JsonValue }): { [path: string]: JsonValue } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

import type { StandingVersion } from '../../model/change.ts';
import type { Detail } from '../../model/detail.ts';
import type { GuestConfigEntity } from '../../model/entity.ts';
import { formatKey, type GuestType } from '../../model/resource.ts';
import type { GuestState } from '../../model/state.ts';
import type { StoreReader } from '../../model/store.ts';
import { nodeSights, nodeSightsAt } from '../in-sight.ts';
import { createdSince } from './created.ts';
import { guestFact, pastGuestFact } from './fact.ts';
import type { GuestBackups, GuestConfigFact, GuestFacts, GuestPart } from './sources.ts';

/** A place in the sequence at which guests are shown, and when that was (ms). */
export interface GuestMoment {
  seq: number;
  at: number;
  /**
   * `then`: as history knows them. `resumed`: as a list that began at that moment shows them. Guests that have not changed since
   * are shown as they are, others as they were, so that later pages match the first in usage, sizes and order.
   */
  shown: 'then' | 'resumed';
}

/**
 * Every guest of these types with these parts, at present or at a moment, by type and VMID; of configurations only `keys`, if
 * given.
 */
export async function loadGuests(
  store: StoreReader,
  types: readonly GuestType[],
  parts: ReadonlySet<GuestPart>,
  { moment = null, keys }: { moment?: GuestMoment | null; keys?: readonly string[] | undefined } = {},
): Promise<GuestFacts[]> {
  const lists = await Promise.all(
    types.map(type => (moment === null ? presentGuests(store, type) : guestsAt(store, type, moment))),
  );
  return withParts(store, lists.flat(), parts, keys);
}

async function presentGuests(store: StoreReader, type: GuestType): Promise<GuestFacts[]> {
  const [nodes, { rows }] = await Promise.all([nodeSights(store), store.guests(type)]);
  return rows.map(guest => ({ type, vmid: guest.id, row: guestFact(guest, nodes) }));
}

async function guestsAt(
  store: StoreReader,
  type: GuestType,
  { seq, at, shown }: GuestMoment,
): Promise<GuestFacts[]> {
  const nodes = await nodeSightsAt(store, seq);
  const past = (version: StandingVersion): GuestFacts => {
    const { config, pending, snapshots = {} } = version.state as GuestState;
    return {
      type,
      vmid: Number(version.resourceId),
      row: pastGuestFact(version, nodes, at),
      config: config === undefined ? null : { config, pending: pending ?? null, snapshots },
    };
  };
  if (shown === 'then') return (await store.everythingAt(seq, type)).map(past);
  const [current, changed] = await Promise.all([store.guests(type), store.changedKeys({ after: seq, type })]);
  const ids = new Set(changed.map(key => key.id));
  const before = ids.size === 0 ? [] : await store.versionsAt(seq, changed);
  return [
    ...current.rows
      .filter(guest => !ids.has(String(guest.id)))
      .map(guest => ({ type, vmid: guest.id, row: guestFact(guest, nodes) })),
    ...before.filter(version => version.change !== 'deleted').map(past),
  ].sort((a, b) => a.vmid - b.vmid);
}

/** Beyond this many guests, all of a type are read at once. */
const ONE_BY_ONE = 500;

/** The same guests with these parts; what a past state already holds is kept. */
export async function withParts(
  store: StoreReader,
  guests: readonly GuestFacts[],
  parts: ReadonlySet<GuestPart>,
  keys?: readonly string[],
): Promise<GuestFacts[]> {
  if (parts.size === 0) return [...guests];
  const [configs, backups, interfaces] = await Promise.all([
    parts.has('config') ? configsOf(store, guests, keys) : null,
    parts.has('backups') ? backupsOf(store, guests) : null,
    parts.has('interfaces') ? interfacesOf(store, guests) : null,
  ]);
  const partial = keys !== undefined;
  return guests.map(({ partial: wasPartial, ...guest }) => {
    const key = keyOf(guest);
    const isOpen = wasPartial || guest.config === undefined;
    return {
      ...guest,
      ...(configs && isOpen && { config: configs.get(key) ?? null, ...(partial && { partial }) }),
      ...(backups && { backups: backups(key) }),
      ...(interfaces && { interfaces: interfaces.get(key)?.data.interfaces ?? null }),
    };
  });
}

function keyOf({ type, vmid }: Pick<GuestFacts, 'type' | 'vmid'>): string {
  return formatKey({ type, id: String(vmid) });
}

async function configsOf(
  store: StoreReader,
  guests: readonly GuestFacts[],
  keys: readonly string[] | undefined,
): Promise<Map<string, GuestConfigFact>> {
  const open = guests.filter(guest => guest.partial || guest.config === undefined);
  const types = [...new Set(open.map(guest => guest.type))];
  if (keys !== undefined && open.length > ONE_BY_ONE) {
    const lists = await Promise.all(
      types.map(async type =>
        (await store.configValues(type, keys)).map(
          ({ id, config }) => [keyOf({ type, vmid: id }), { config, pending: null, snapshots: {} }] as const,
        ),
      ),
    );
    return new Map(lists.flat());
  }
  const rows =
    open.length > ONE_BY_ONE
      ? (await Promise.all(types.map(type => store.configsHolding(type, () => true)))).flat()
      : await store.configs(open.map(({ type, vmid }) => ({ type, id: vmid })));
  return new Map(rows.map(row => [keyOf({ type: row.type, vmid: row.id }), configFact(row)]));
}

/** A guest's configuration as the store keeps it. */
function configFact({ config, pending, snapshots }: GuestConfigEntity): GuestConfigFact {
  return { config, pending, snapshots };
}

async function backupsOf(
  store: StoreReader,
  guests: readonly GuestFacts[],
): Promise<(key: string) => GuestBackups | null> {
  const subjects = guests.length > ONE_BY_ONE ? undefined : guests.map(keyOf);
  const [rows, commit] = await Promise.all([store.details('backups', subjects), store.lastCommit('backups')]);
  if (commit === null) return () => null;
  const on = Map.groupBy(rows, row => row.subject);
  // Until backups are read again, it is unknown whose the backups of a reused VMID are.
  const unjudged = await createdSince(store, commit.seq);
  return key => {
    const own = unjudged.has(key) ? [] : (on.get(key) ?? []);
    return {
      on: own.map(({ data, source }) => ({ ...data, source })),
      complete: commit.complete && (!unjudged.has(key) || !on.has(key)),
    };
  };
}

async function interfacesOf(
  store: StoreReader,
  guests: readonly GuestFacts[],
): Promise<Map<string, Detail<'addresses'>>> {
  const subjects = guests.length > ONE_BY_ONE ? undefined : guests.map(keyOf);
  return new Map((await store.details('addresses', subjects)).map(row => [row.subject, row]));
}

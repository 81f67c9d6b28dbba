import type { GuestEntity } from '../../model/entity.ts';
import { versionKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';

/** When these guests were created (ms of the cluster's clock), by key; those that were there at first sight are left out. */
export async function creations(
  store: StoreReader,
  guests: readonly Pick<GuestEntity, 'type' | 'id' | 'createdAt'>[],
): Promise<ReadonlyMap<string, number>> {
  const begin = (await store.firstCommit())?.at ?? 0;
  const later = guests.filter(guest => guest.createdAt > begin);
  if (later.length === 0) return new Map();
  const resources = later.map(({ type, id }) => ({ type, id: String(id) }));
  const steps = await store.steps({ resources, changesOnly: true });
  return new Map(
    steps.filter(step => step.change === 'created').map(step => [versionKey(step), step.windowBefore]),
  );
}

/**
 * Guests created after this place in the sequence, where backups were last read: the next reading decides whose the backups
 * under their VMIDs are.
 */
export async function createdSince(store: StoreReader, seq: number): Promise<ReadonlySet<string>> {
  const steps = await store.steps({ after: seq, changesOnly: true });
  return new Set(steps.filter(({ change }) => change === 'created').map(versionKey));
}

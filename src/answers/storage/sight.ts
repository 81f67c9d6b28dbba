import type { StoreReader } from '../../model/store.ts';
import type { StorageSight } from './rows.ts';

/** When the storages were last read, as answers about them must know. */
export async function storageSight(store: StoreReader, timeZone: string): Promise<StorageSight> {
  return { readAt: (await store.lastCommit('storage'))?.observedAt ?? 0, timeZone };
}

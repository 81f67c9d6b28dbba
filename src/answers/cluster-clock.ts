import { CLOCK_OFFSET_NOTE, type StoreReader } from '../model/store.ts';
import { OFFSET_NOISE_MS, parseOffset } from '../model/time.ts';

/** How far the cluster's clock was ahead of ours when it was last read (ms, negative if behind); 0 if they agree. */
export async function clusterOffset(store: StoreReader): Promise<number> {
  const offset = parseOffset(await store.note(CLOCK_OFFSET_NOTE)) ?? 0;
  return Math.abs(offset) < OFFSET_NOISE_MS ? 0 : offset;
}

/** The present by the cluster's clock (ms), by which exceptions end. */
export async function clusterNow({ store, now }: { store: StoreReader; now: number }): Promise<number> {
  return now + (await clusterOffset(store));
}

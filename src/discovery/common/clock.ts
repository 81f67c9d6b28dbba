import { storableTime } from '../../model/limits.ts';
import { CLOCK_OFFSET_NOTE, type Store } from '../../model/store.ts';

/** The offset is known to half a second, and answers take a moment (ms). */
const NOISE_MS = 2_000;
/** An offset that moved further than this since the last run: somebody set a clock (ms). */
const JUMP_MS = 30_000;

/** How far the API's clock is ahead of ours (ms), once it has answered. */
export interface ClockOffset {
  clockOffset: () => number;
}

/** How long ago (ms). What seems to lie in the future is from before our clock was set back, and as good as old. */
export function age(at: number, now: number): number {
  return at > now ? Number.POSITIVE_INFINITY : now - at;
}

/** Our moment (ms) in the cluster's time: that of the node that answers. See NodeClocks for the others. */
export function clusterTime(context: ClockOffset, at: number): number {
  const offset = context.clockOffset();
  return Math.abs(offset) < NOISE_MS ? at : storableTime(at + offset);
}

/** What the last run tells of the clocks. */
export interface ClockMemory {
  /** Our clock and the cluster's went on together since then, so that times can be compared across runs. */
  steady: boolean;
  /** A moment (ms) that an earlier run recorded, in the cluster's time: by what our clock's offset was then. */
  recorded(at: number): number;
  /** Keeps this run's offset where it is another one: to be called once the inventory is committed. */
  remember(): Promise<void>;
}

/**
 * Compares the offset of our clock (ms) with the one the last run left in the store. To be called after the API has
 * answered: before, there is no offset.
 */
export async function recallClock({
  store,
  clockOffset,
}: ClockOffset & { store: Store }): Promise<ClockMemory> {
  const note = await store.note(CLOCK_OFFSET_NOTE);
  const former = note === null ? clockOffset : () => Number(note);
  const moved = (by: number) => note !== null && Math.abs(clockOffset() - Number(note)) >= by;
  return {
    steady: !moved(JUMP_MS),
    recorded: at => clusterTime({ clockOffset: former }, at),
    remember: async () => {
      if (note === null || moved(NOISE_MS))
        await store.saveNote(CLOCK_OFFSET_NOTE, String(Math.round(clockOffset())));
    },
  };
}

import type { Store } from '../model/store.ts';
import type { RunContext } from './context.ts';

const NOTE = 'clock-offset';
/** The offset is known to half a second, and answers take a moment (ms). */
const NOISE_MS = 2_000;
/** An offset that moved further than this since the last run: somebody set a clock (ms). */
const JUMP_MS = 30_000;

/** How long ago (ms). What seems to lie in the future is from before our clock was set back, and as good as old. */
export function age(at: number, now: number): number {
  return at > now ? Number.POSITIVE_INFINITY : now - at;
}

/** Our moment (ms) in the cluster's time: that of the node that answers. See NodeClocks for the others. */
export function clusterTime(context: Pick<RunContext, 'clockOffset'>, at: number): number {
  const offset = context.clockOffset();
  return Math.abs(offset) < NOISE_MS ? at : at + Math.round(offset);
}

/** Whether our clock and the cluster's went on together since the last run, so that times can be compared across runs. */
export async function clockSteady(context: Pick<RunContext, 'clockOffset' | 'store'>): Promise<boolean> {
  const former = await context.store.note(NOTE);
  return former === null || Math.abs(context.clockOffset() - Number(former)) < JUMP_MS;
}

/** Remembers the offset once the inventory is committed. */
export function rememberClock(context: Pick<RunContext, 'clockOffset'> & { store: Store }): Promise<void> {
  return context.store.saveNote(NOTE, String(Math.round(context.clockOffset())));
}

import type { StoreReader } from '../../model/store.ts';
import { CLOCK_OFFSET_NOTE } from '../../model/store.ts';

/** The beginning and the end of a span (ms), where it has them. */
export interface Span {
  since?: number | undefined;
  until?: number | undefined;
}

/**
 * The tasks of a span as a person means it: people name moments by our clock, tasks are dated by the cluster's. Where these
 * differ it reaches from the earlier to the later of both readings: rather a task too many than one too few.
 */
export async function taskSpan(store: StoreReader, { since, until }: Span): Promise<Span> {
  const offset = await clusterOffset(store);
  return {
    since: since === undefined ? undefined : since + Math.min(0, offset),
    until: until === undefined ? undefined : until + Math.max(0, offset),
  };
}

/** The offset is known to half a second, and answers take a moment (ms). */
const NOISE_MS = 2_000;

/** How far the cluster's clock was ahead of ours when it was last heard (ms, negative where it was behind); 0 where they agree. */
export async function clusterOffset(store: StoreReader): Promise<number> {
  const offset = Number((await store.note(CLOCK_OFFSET_NOTE)) ?? 0);
  return Math.abs(offset) < NOISE_MS ? 0 : offset;
}

import type { StoreReader } from '../../src/model/store.ts';
import { CLOCK_OFFSET_NOTE } from '../../src/model/store.ts';

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
  const offset = Number((await store.note(CLOCK_OFFSET_NOTE)) ?? 0);
  return {
    since: since === undefined ? undefined : since + Math.min(0, offset),
    until: until === undefined ? undefined : until + Math.max(0, offset),
  };
}

import type { StoreReader } from '../../model/store.ts';
import { clusterOffset } from '../cluster-clock.ts';

/** The beginning and the end of a span (ms), if it has them. */
export interface Span {
  since?: number | undefined;
  until?: number | undefined;
}

/**
 * The span of tasks that a person means: people name moments by our clock, tasks are dated by the cluster's. If these differ, it
 * covers both readings: better a task too many than one too few.
 */
export async function taskSpan(store: StoreReader, { since, until }: Span): Promise<Span> {
  const offset = await clusterOffset(store);
  return {
    since: since === undefined ? undefined : since + Math.min(0, offset),
    until: until === undefined ? undefined : until + Math.max(0, offset),
  };
}

import type { OperationState } from '../model/operation.ts';

/** Guests that are written to at once, after the first. */
export const AT_ONCE = 2;

/** When an operation whose outcome is unknown is read again in a living process, in milliseconds after it was sent. */
export const REREAD_AFTER_MS = [5_000, 30_000, 120_000] as const;

/** What became of the guests of a plan that were begun: `sent` while it is not known. */
export type Progress = ReadonlyMap<string, OperationState>;

/**
 * Which guests of a plan may be begun now, in the plan's order: the first alone, the rest two at a time, and no more once
 * any has another end than `verified` or `pending`. Empty while one has to be waited for, and when all is begun.
 */
export function nextGuests(guests: readonly string[], progress: Progress): string[] {
  const begun = [...progress.values()];
  if (begun.some(state => state !== 'sent' && !isDone(state))) return [];
  const [first] = guests;
  if (first === undefined) return [];
  const canary = progress.get(first);
  if (canary === undefined) return [first];
  if (!isDone(canary)) return [];
  const underWay = begun.filter(state => state === 'sent').length;
  return guests.filter(guest => !progress.has(guest)).slice(0, Math.max(0, AT_ONCE - underWay));
}

function isDone(state: OperationState): boolean {
  return state === 'verified' || state === 'pending';
}

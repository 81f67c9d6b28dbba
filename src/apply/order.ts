import type { OperationState } from '../model/operation.ts';

/** How many guests are written to at once, after the first. */
export const AT_ONCE = 2;

/** When an operation with an unknown outcome is read again in a living process, in milliseconds after it was sent. */
export const REREAD_AFTER_MS = [5_000, 30_000, 120_000] as const;

/** The outcomes of a plan's guests that were begun: `sent` while not known. */
export type Progress = ReadonlyMap<string, OperationState>;

/**
 * The guests of a plan that may be begun now, in the plan's order: the first alone, the rest two at a time, and none once any
 * ended other than `verified` or `pending`. Empty while a guest has to be waited for, and when all are begun.
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

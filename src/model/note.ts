import { isObject } from './state.ts';

/** Longest note (characters). */
export const NOTE_AT_MOST = 1_000_000;

/**
 * What a note of the store holds as JSON; null where there is none, or it is not what `is` expects: a store may have been restored
 * from anything.
 */
export function parseNote<T>(note: string | null, is: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(note ?? 'null');
    return is(value) ? value : null;
  } catch {
    return null;
  }
}

/** Narrows to a list whose every element is of one kind. */
export function listOf<T>(is: (value: unknown) => value is T): (value: unknown) => value is T[] {
  return (value): value is T[] => Array.isArray(value) && value.every(is);
}

/** Narrows to an object whose every value is of one kind. */
export function recordOf<T>(
  is: (value: unknown) => value is T,
): (value: unknown) => value is { [key: string]: T } {
  return (value): value is { [key: string]: T } => isObject(value) && Object.values(value).every(is);
}

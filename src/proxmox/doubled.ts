import { isDeepStrictEqual } from 'node:util';
import { isUnread, markUnread } from './unread.ts';

interface Fields {
  [field: string]: unknown;
}

/**
 * A list in which no two rows are about the same thing. PVE sends rows in no order, so which of two came first decides
 * nothing: what both agree on stands, what they contradict each other in counts as not seen, and `report` is called with it.
 */
export function joinDoubled<T>(
  rows: T[],
  about: (row: T) => string | undefined,
  report: (row: T, reason: string) => void,
): T[] {
  const known = new Map<string, T>();
  return rows.filter(row => {
    const key = about(row);
    const first = key === undefined ? undefined : known.get(key);
    if (first === undefined) {
      if (key !== undefined) known.set(key, row);
      return true;
    }
    const [one, other] = [first, row] as [Fields, Fields];
    for (const field of new Set([...Object.keys(one), ...Object.keys(other)]))
      if (!isUnread(one, field) && !isDeepStrictEqual(one[field], other[field])) {
        report(first, `${field}: told twice, not alike`);
        delete one[field];
        markUnread(one, field);
      }
    return false;
  });
}

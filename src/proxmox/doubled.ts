import { isDeepStrictEqual } from 'node:util';
import { isUnread, markUnread } from './unread.ts';

interface Fields {
  [field: string]: unknown;
}

/**
 * Merges rows about the same thing. PVE sends rows in no order, so which came first decides nothing: what both agree on is kept,
 * and fields that differ count as unread and go to `report`.
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
        report(first, `${field}: sent twice with different values`);
        delete one[field];
        markUnread(one, field);
      }
    return false;
  });
}

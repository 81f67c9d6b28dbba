/*
 * What could not be read of an answer. A field with an impossible value is left out of its row, and an unusable row out
 * of its list; neither must then pass for absent. Noted outside the values, so that whoever does not ask sees plain rows.
 */

const fields = new WeakMap<object, Set<string>>();
const lists = new WeakMap<object, 'short' | 'cut'>();

/** Notes that a field was left out of this object. */
export function markUnread(of: object, field: string): void {
  const known = fields.get(of);
  if (known === undefined) fields.set(of, new Set([field]));
  else known.add(field);
}

/** Notes that elements were left out of this list: `cut` if its end was not read. */
export function markShort(list: readonly unknown[], how: 'short' | 'cut'): void {
  lists.set(list, how);
}

/** Whether the object came with this field, which could not be read: its value is unknown, not absent. */
export function isUnread(of: object, field: string): boolean {
  return fields.get(of)?.has(field) ?? false;
}

/** Whether any field of the object could not be read. */
export function hasUnread(of: object): boolean {
  return fields.has(of);
}

/** Whether the list has every row that was sent: only then is what it lacks absent. */
export function isWhole(list: readonly unknown[]): boolean {
  return !lists.has(list);
}

/** Whether the list had more rows than are read. */
export function isCut(list: readonly unknown[]): boolean {
  return lists.get(list) === 'cut';
}

/** A field's value for an observation: null where the row lacks it, undefined where it could not be read. */
export function fieldOf<T extends object, K extends keyof T & string>(
  row: T,
  field: K,
): Exclude<T[K], undefined> | null | undefined {
  const value = row[field];
  if (value !== undefined) return value as Exclude<T[K], undefined>;
  return isUnread(row, field) ? undefined : null;
}

import { isUnread } from '../../proxmox/unread.ts';

/** A field's reported value; where it could not be read, its previous value; else null. */
export function reportedOr<T extends object, K extends keyof T & string, F>(
  row: T,
  field: K,
  previous: F | undefined,
): NonNullable<T[K]> | F | null {
  const value = row[field];
  return value ?? (isUnread(row, field) ? previous : undefined) ?? null;
}

import { ValidationError } from '../errors.ts';

/** The key of a list's last row as an opaque text: the next page starts behind it, whatever was inserted meanwhile. */
export function encodeCursor(table: string, key: (string | number)[]): string {
  return Buffer.from(JSON.stringify([table, ...key])).toString('base64url');
}

/** The key in a cursor. @throws ValidationError when it is none of this table's. */
export function decodeCursor(
  table: string,
  kinds: ('string' | 'number')[],
  cursor: string,
): (string | number)[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = undefined;
  }
  const fits = (part: unknown, kind: 'string' | 'number') =>
    typeof part === kind && (typeof part !== 'number' || Number.isSafeInteger(part));
  if (
    !Array.isArray(parts) ||
    parts[0] !== table ||
    parts.length !== kinds.length + 1 ||
    !kinds.every((kind, n) => fits(parts[n + 1], kind))
  ) {
    throw new ValidationError('after', `must be a cursor from a list of ${table}`);
  }
  return parts.slice(1);
}

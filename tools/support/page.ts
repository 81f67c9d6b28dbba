import { UsageError } from '../../src/errors.ts';

export const DEFAULT_LIMIT = 50;
/** Room for rows in one half of an answer (bytes); the rest is for what the answer rests on and hints. */
const ROW_BYTES_AT_MOST = 16_000;

/** Where a list goes on: pinned to one place in the sequence, so that every page shows the same moment. */
export interface Cursor {
  seq: number;
  offset: number;
  /** A second bound, where a list has one: the start of an interval. */
  from?: number;
}

/** The opaque text of a cursor. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(
    JSON.stringify([cursor.seq, cursor.offset, ...(cursor.from === undefined ? [] : [cursor.from])]),
  ).toString('base64url');
}

/** @throws UsageError for text that no answer gave out. */
export function decodeCursor(text: string): Cursor {
  try {
    const [seq, offset, from] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    const valid = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
    if (valid(seq) && valid(offset) && (from === undefined || valid(from)))
      return { seq, offset, ...(from !== undefined && { from }) };
  } catch {
    // Falls through to the one refusal below.
  }
  throw new UsageError('That cursor is not one of ours.', {
    hint: 'Call again without cursor to start at the first page.',
  });
}

/** As many rows as fit, at least one, and where the next page begins (null after the last). */
export function fitPage<T>(
  rows: T[],
  { offset, total, limit }: { offset: number; total: number; limit: number },
): { rows: T[]; nextOffset: number | null } {
  const fitting: T[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, limit)) {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    if (fitting.length > 0 && bytes > ROW_BYTES_AT_MOST) break;
    fitting.push(row);
  }
  const next = offset + fitting.length;
  return { rows: fitting, nextOffset: next < total && fitting.length > 0 ? next : null };
}

import type { Row } from '../../src/mcp/define-output.ts';
import { DEFAULT_LIMIT, decodeCursor, encodeCursor, fitPage } from './page.ts';

export interface ListInput {
  sort: string;
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
  /** The field that breaks ties. */
  id: string;
}

/** Sorts and pages rows of a short list that is read whole. */
export function listRows(
  rows: Row[],
  input: ListInput,
  seq: number,
): { rows: Row[]; total: number; next_cursor?: string } {
  const direction = input.order === 'desc' ? -1 : 1;
  const sorted = rows.toSorted(
    (a, b) => compare(a[input.sort], b[input.sort]) * direction || compare(a[input.id], b[input.id]),
  );
  const offset = input.cursor === undefined ? 0 : decodeCursor(input.cursor).offset;
  const total = sorted.length;
  const page = fitPage(sorted.slice(offset), { offset, total, limit: input.limit ?? DEFAULT_LIMIT });
  return {
    rows: page.rows,
    total,
    ...(page.nextOffset !== null && { next_cursor: encodeCursor({ seq, offset: page.nextOffset }) }),
  };
}

/** Ascending; what is unknown comes last. */
export function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return a < b ? -1 : 1;
}

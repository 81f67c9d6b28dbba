import { type Arguments, decodeCursor, encodeCursor } from '../../mcp/define/cursor.ts';
import type { Row } from '../../mcp/define/output.ts';
import { DEFAULT_LIMIT, fitPage } from './page.ts';

/** What a list is asked for: the call's arguments with the sort settled. */
export interface ListInput extends Arguments {
  sort: string;
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Sorts and pages rows of a short list that is read whole; `id` is the field that breaks ties. */
export function listRows(
  rows: Row[],
  input: ListInput,
  { seq, id }: { seq: number; id: string },
): { rows: Row[]; total: number; next_cursor?: string } {
  const direction = input.order === 'desc' ? -1 : 1;
  const sorted = rows.toSorted(
    (a, b) => compare(a[input.sort], b[input.sort], direction) || compare(a[id], b[id]),
  );
  const offset = input.cursor === undefined ? 0 : decodeCursor(input.cursor).offset;
  const total = sorted.length;
  const page = fitPage(sorted.slice(offset), { offset, total, limit: input.limit ?? DEFAULT_LIMIT });
  return {
    rows: page.rows,
    total,
    ...(page.nextOffset !== null && { next_cursor: encodeCursor({ seq, offset: page.nextOffset }, input) }),
  };
}

/** How many of these rows are out of sight, as an answer says it; nothing where none is. */
export function unseenTotal(rows: Row[]): { unseen_total?: number } {
  const unseen = rows.filter(row => typeof row['unseen_reason'] === 'string').length;
  return unseen > 0 ? { unseen_total: unseen } : {};
}

/** What is unknown comes last, whatever the direction (1 or -1). */
export function compare(a: unknown, b: unknown, direction = 1): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return (a < b ? -1 : 1) * direction;
}

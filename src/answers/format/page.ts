/** Rows per page unless the call says otherwise. */
export const DEFAULT_LIMIT = 50;
/** Largest size of an answer's rows (bytes); the rest is for the other fields and hints. */
const ROW_BYTES_AT_MOST = 16_000;

/** As many rows as fit, at least one, and where the next page begins (null after the last). */
export function fitPage<T>(
  rows: T[],
  { offset, total, limit }: { offset: number; total: number; limit: number },
): { rows: T[]; nextOffset: number | null } {
  const fitting = fitRows(rows.slice(0, limit));
  const next = offset + fitting.length;
  return { rows: fitting, nextOffset: next < total && fitting.length > 0 ? next : null };
}

/** As many of the first rows as fit into `bytesAtMost`, at least one. */
export function fitRows<T>(rows: T[], bytesAtMost = ROW_BYTES_AT_MOST): T[] {
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(shown(row))) + 1;
    return index > 0 && bytes > bytesAtMost;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** A row without the fields that answers omit. */
function shown(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));
}

/** Said where a page of a large cluster does not show everything that matches. */
export function narrowHint(total: number, shown: number, ways: string): string | undefined {
  return total > shown && total > 200 ? `${total} match: narrow with ${ways}.` : undefined;
}

/** A row marked with its cluster. */
export type Row = { [field: string]: unknown };

/** One cluster's page of a list. */
export interface Page {
  cluster: string;
  rows: Row[];
  /** There are more rows after these. */
  more: boolean;
}

/** The order of rows: by the first of these fields that they have. */
export interface Order {
  fields: readonly string[];
  descending: boolean;
  /** The value a row is ordered by, if no field contains it. */
  value?: (row: Row) => number | undefined;
}

/** Most bytes of rows in one answer, leaving room for its other fields. */
const BYTES_AT_MOST = 16_000;

/**
 * The first rows of all these pages together, preserving the order of each page. Stops where a page ends that has more to come,
 * since its next row may belong before the remaining ones of the others. `taken` is how many rows of each page were used.
 */
export function mergePages(
  pages: readonly Page[],
  order: Order | null,
  limit: number,
  bytesAtMost = BYTES_AT_MOST,
): { rows: Row[]; taken: Map<string, number> } {
  const taken = new Map(pages.map(({ cluster }) => [cluster, 0]));
  const rows: Row[] = [];
  let bytes = 0;
  while (rows.length < limit) {
    const heads = pages.flatMap(page => {
      const row = page.rows[taken.get(page.cluster)!];
      return row === undefined ? [] : [{ page, row }];
    });
    const ended = pages.some(page => page.more && taken.get(page.cluster) === page.rows.length);
    const next =
      order === null
        ? inTurn(pages, taken)
        : ended
          ? undefined
          : heads.reduce<(typeof heads)[number] | undefined>(
              (first, head) =>
                first === undefined || comesBefore(head.row, first.row, order) ? head : first,
              undefined,
            );
    if (next === undefined) break;
    bytes += Buffer.byteLength(JSON.stringify(next.row));
    if (bytes > bytesAtMost && rows.length > 0) break;
    rows.push(next.row);
    taken.set(next.page.cluster, taken.get(next.page.cluster)! + 1);
  }
  return { rows, taken };
}

/** How many rows each page may contribute if all together are too many: equal shares, as far as each has rows. */
export function fairShares(lengths: readonly number[], limit: number): number[] {
  const shares = lengths.map(() => 0);
  for (let left = limit; left > 0; ) {
    const open = shares.flatMap((share, at) => (share < lengths[at]! ? [at] : []));
    if (open.length === 0) break;
    for (const at of open.slice(0, left)) shares[at]! += 1;
    left -= Math.min(left, open.length);
  }
  return shares;
}

/** Without a known order: one cluster after the other. */
function inTurn(pages: readonly Page[], taken: ReadonlyMap<string, number>) {
  for (const page of pages) {
    const row = page.rows[taken.get(page.cluster)!];
    if (row !== undefined) return { page, row };
    if (page.more) return undefined;
  }
  return undefined;
}

function comesBefore(one: Row, other: Row, { fields, descending, value }: Order): boolean {
  const of = (row: Row) => (value === undefined ? sortedBy(row, fields) : value(row));
  const [a, b] = [of(one), of(other)];
  // Unknown values come last in either direction.
  if (a === undefined || b === undefined) return a !== undefined;
  if (a === b) return false;
  const smaller = typeof a === 'number' && typeof b === 'number' ? a < b : compare(String(a), String(b)) < 0;
  return smaller !== descending;
}

function compare(a: string, b: string): number {
  const [at, bt] = [Date.parse(a), Date.parse(b)];
  if (/^\d{4}-\d\d-\d\dt/.test(a) && /^\d{4}-\d\d-\d\dt/.test(b)) return at - bt;
  return a < b ? -1 : a > b ? 1 : 0;
}

const SEVERITIES: readonly unknown[] = ['critical', 'warning', 'info'];

function sortedBy(row: Row, fields: readonly string[]): unknown {
  for (const field of fields) {
    const value = row[field];
    if (value === undefined || value === null) continue;
    if (field === 'severity') return SEVERITIES.indexOf(value);
    return typeof value === 'string' ? value.toLowerCase() : value;
  }
  return undefined;
}

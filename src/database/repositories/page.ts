import { join, raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Page, PageOf, Rows } from '../../model/filter.ts';
import type { Session } from '../session/session.ts';
import type { Table } from '../sql/columns.ts';
import { decodeRows, type RawRow, selectOf } from '../sql/rows.ts';
import { pageOf } from '../sql/where.ts';

/** What a page shows. */
interface PageQuery {
  conditions: Sql;
  order: Sql;
  page: Page;
}

/** One page of a list, and the number of all its rows. */
export async function readList<E>(session: Session, table: Table<E>, query: PageQuery): Promise<Rows<E>> {
  const total = countOf(table, query.conditions);
  const { rows, numbers } = await readWith(session, table, query, { total });
  // An empty first page is all there is.
  const isAll = rows.length === 0 && query.page.limit > 0 && (query.page.offset ?? 0) === 0;
  return { rows, total: isAll ? 0 : (await numbers()).total };
}

/**
 * The same with the newest commit, in one statement and so of one moment. `apart` are the conditions of some rows that are
 * counted beside all that match.
 */
export async function readPage<E>(
  session: Session,
  table: Table<E>,
  { apart, ...query }: PageQuery & { apart: Sql },
): Promise<PageOf<E> & { apart: number }> {
  const { rows, numbers } = await readWith(session, table, query, {
    total: countOf(table, query.conditions),
    apart: countOf(table, apart),
    seq: sql`(SELECT coalesce(max(seq), 0) FROM commits)`,
  });
  return { rows, ...(await numbers()) };
}

const countOf = <E>(table: Table<E>, conditions: Sql) =>
  sql`(SELECT count(*) FROM ${raw(table.name)} AS t ${conditions})`;

/** A page and the numbers that its statement also selects. An empty page has no row to bring them along: they are asked for. */
async function readWith<E, N extends string>(
  session: Session,
  table: Table<E>,
  { conditions, order, page }: PageQuery,
  wanted: Record<N, Sql>,
) {
  type Numbers = Record<N, bigint | number | string>;
  const names = Object.keys(wanted) as N[];
  const columns = join(names.map(name => sql`${wanted[name]} AS ${raw(name)}`));
  const found = await session.select<RawRow & Numbers>(
    sql`${selectOf(session.dialect, table)}, ${columns} FROM ${raw(table.name)} AS t ${conditions} ${order} ${pageOf(page)}`,
  );
  const numbers = async () => {
    const [row] = found.length > 0 ? found : await session.select<Numbers>(sql`SELECT ${columns}`);
    return Object.fromEntries(names.map(name => [name, Number(row![name])])) as Record<N, number>;
  };
  return { rows: decodeRows(table, found, session.dialect.json), numbers };
}

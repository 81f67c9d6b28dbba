import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Page, PageOf } from '../../model/filter.ts';
import type { Session } from '../session/session.ts';
import type { Table } from '../sql/columns.ts';
import { decodeRows, type RawRow, selectOf } from '../sql/rows.ts';
import { pageOf } from '../sql/where.ts';

const NEWEST = sql`(SELECT coalesce(max(seq), 0) FROM commits)`;

/** What a page shows: `apart` are the conditions of some that are counted beside all that match. */
interface PageQuery {
  conditions: Sql;
  order: Sql;
  page: Page;
  apart?: Sql;
}

/** One page of a list, the number of all its rows and the newest commit, in one statement and so of one moment. */
export async function readPage<E>(
  session: Session,
  table: Table<E>,
  { conditions, order, page, apart }: PageQuery,
): Promise<PageOf<E> & { apart: number }> {
  const from = (some: Sql) => sql`${raw(table.name)} AS t ${some}`;
  const count = (some: Sql | undefined) =>
    some === undefined ? sql`0` : sql`(SELECT count(*) FROM ${from(some)})`;
  const numbers = sql`${count(conditions)} AS total, ${count(apart)} AS apart, ${NEWEST} AS seq`;
  const ask = <R>(query: Sql) => session.select<R & Numbers>(query);
  const rows = await ask<RawRow>(
    sql`${selectOf(session.dialect, table)}, ${numbers} FROM ${from(conditions)} ${order} ${pageOf(page)}`,
  );
  // An empty page has no row to bring the numbers along.
  const [found] = rows.length > 0 ? rows : await ask(sql`SELECT ${numbers}`);
  const { total, apart: some, seq } = found!;
  return {
    rows: decodeRows(table, rows, session.dialect.json),
    total: Number(total),
    apart: Number(some),
    seq: Number(seq),
  };
}

type Numbers = { [of in 'total' | 'apart' | 'seq']: bigint | number };

import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Page, PageOf } from '../../model/filter.ts';
import type { Session } from '../session/session.ts';
import type { Table } from '../sql/columns.ts';
import { decodeRows, type RawRow, selectOf } from '../sql/rows.ts';
import { pageOf } from '../sql/where.ts';
import { countRows } from './count.ts';

const NEWEST = sql`(SELECT coalesce(max(seq), 0) FROM commits)`;

/** One page of a list, the number of all its rows and the newest commit, in one statement and so of one moment. */
export async function readPage<E>(
  session: Session,
  table: Table<E>,
  { conditions, order, page }: { conditions: Sql; order: Sql; page: Page },
): Promise<PageOf<E>> {
  const from = sql`${raw(table.name)} AS t ${conditions}`;
  const query = sql`${selectOf(session.dialect, table)}, (SELECT count(*) FROM ${from}) AS total, ${NEWEST} AS seq
    FROM ${from} ${order} ${pageOf(page)}`;
  type PageRow = RawRow & { total: bigint | number; seq: bigint | number };
  const rows = await session.read(db => db.$queryRaw<PageRow[]>(query));
  const [first] = rows;
  if (first) return { rows: decodeRows(table, rows), total: Number(first.total), seq: Number(first.seq) };
  const [newest] = await session.read(db =>
    db.$queryRaw<{ seq: bigint | number }[]>(sql`SELECT ${NEWEST} AS seq`),
  );
  return { rows: [], total: await countRows(session, table, conditions), seq: Number(newest!.seq) };
}

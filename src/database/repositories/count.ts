import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Session } from '../session/session.ts';
import type { Table } from '../sql/columns.ts';

/** How many rows of a table meet these conditions, counting at most `atMost`. */
export async function countRows<E>(
  session: Session,
  table: Table<E>,
  conditions: Sql,
  atMost?: number,
): Promise<number> {
  const from = sql`FROM ${raw(table.name)} AS t ${conditions}`;
  const query =
    atMost === undefined
      ? sql`SELECT count(*) AS n ${from}`
      : sql`SELECT count(*) AS n FROM (SELECT 1 AS one ${from} LIMIT ${atMost}) AS counted`;
  const [row] = await session.select<{ n: bigint | number }>(query);
  return Number(row!.n);
}

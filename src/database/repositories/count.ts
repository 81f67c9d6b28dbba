import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Table } from '../columns.ts';
import type { Session } from '../session.ts';

/** How many rows of a table meet these conditions. */
export async function countRows<E>(session: Session, table: Table<E>, conditions: Sql): Promise<number> {
  const query = sql`SELECT count(*) AS n FROM ${raw(table.name)} AS t ${conditions}`;
  const [row] = await session.read(db => db.$queryRaw<{ n: bigint | number }[]>(query));
  return Number(row!.n);
}

import type { PgConnection } from './connection.ts';
import type { DumpTable } from './dump-format.ts';

/** A table's columns as the server has them, in order; none for a missing table. */
export async function columnsOf(connection: PgConnection, table: string): Promise<DumpTable['columns']> {
  const { rows } = await connection.query(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`,
    [table],
  );
  return rows;
}

import { translateError } from '../translate-error.ts';
import { adapterOf } from './adapter.ts';

/** A statement's result; `fields` are its columns with the number of their type in pg_type. */
interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: rows are whatever the query selects
  rows: any[];
  rowCount: number | null;
  fields?: { name: string; dataTypeID: number }[];
}

/** A plain connection to a PostgreSQL server, for what Prisma's client cannot express. */
export interface PgConnection {
  query(sql: string, values?: unknown[]): Promise<Answer>;
}

/** Opens a connection for `work` and closes it afterwards. @throws DatabaseError, whatever the driver threw. */
export async function withConnection<T>(
  url: string,
  work: (connection: PgConnection) => Promise<T>,
): Promise<T> {
  const adapter = await adapterOf(url, { max: 1 }).connect();
  try {
    const client = await adapter.underlyingDriver().connect();
    try {
      return await work(client as unknown as PgConnection);
    } finally {
      client.release();
    }
  } catch (error) {
    throw translateError(error);
  } finally {
    await adapter.dispose();
  }
}

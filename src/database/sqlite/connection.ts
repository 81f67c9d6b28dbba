import Database from 'better-sqlite3';
import { translateError } from '../translate-error.ts';

/** A plain connection to a SQLite file, for what Prisma's client cannot express. */
export type Connection = Database.Database;

/** Opens an existing file for `work` and closes it afterwards. @throws DatabaseError, whatever the driver threw. */
export async function withConnection<T>(
  path: string,
  work: (connection: Connection) => T | Promise<T>,
  options: { readonly?: boolean } = {},
): Promise<T> {
  let connection: Connection | undefined;
  try {
    connection = new Database(path, { fileMustExist: true, timeout: 0, ...options });
    return await work(connection);
  } catch (error) {
    throw translateError(error);
  } finally {
    connection?.close();
  }
}

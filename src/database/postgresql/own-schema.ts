import { AccessDeniedError } from '../errors.ts';
import { schemaOf } from '../options.ts';
import type { PgConnection } from './connection.ts';

/** The SQL of one of our migrations, which say `public`, for a store in a schema of its own. That schema is there already. */
export function inSchemaOf(url: string, sql: string): string {
  const schema = schemaOf(url);
  if (schema === null) return sql;
  return sql.replaceAll('CREATE SCHEMA IF NOT EXISTS "public";', '').replaceAll('"public"', `"${schema}"`);
}

const FIND = 'SELECT FROM pg_namespace WHERE nspname = $1';

/**
 * Makes the schema an address names where it is missing, which takes the right to create in the database.
 * @throws AccessDeniedError without it
 */
export async function createSchema(connection: PgConnection, url: string): Promise<void> {
  const schema = schemaOf(url);
  if (schema === null) return;
  // Asked first: the right is demanded even where there is nothing to create.
  const { rowCount } = await connection.query(FIND, [schema]);
  if (rowCount !== 0) return;
  try {
    await connection.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
  } catch (cause) {
    // Where two come at once, one of them fails although it is there then.
    const { rowCount: there } = await connection.query(FIND, [schema]);
    if (there !== 0) return;
    throw new AccessDeniedError(
      `There is no schema "${schema}" in the database, and this user may not make it.`,
      {
        hint: `Let whoever owns the database make it: CREATE SCHEMA "${schema}" AUTHORIZATION the_user;`,
        cause,
      },
    );
  }
}

/** Any number, the same in every process. */
const MIGRATION_LOCK = 20_261_121;

/** Waits until no other process migrates, restores or resets this store, and keeps others from it until the connection ends. */
export async function lockSchema(connection: PgConnection): Promise<void> {
  await connection.query('SELECT pg_advisory_lock($1, hashtext(current_schema()))', [MIGRATION_LOCK]);
}

import { AccessDeniedError } from '../errors.ts';
import { schemaOf } from '../options.ts';
import type { PgConnection } from './connection.ts';

/** A migration's SQL, which names `public`, for a store in its own schema. The schema has to exist. */
export function inSchemaOf(url: string, sql: string): string {
  const schema = schemaOf(url);
  if (schema === null) return sql;
  return sql.replaceAll('CREATE SCHEMA IF NOT EXISTS "public";', '').replaceAll('"public"', `"${schema}"`);
}

const FIND = 'SELECT FROM pg_namespace WHERE nspname = $1';

/**
 * Creates the schema that an address names where it is missing, which takes the CREATE privilege on the database.
 * @throws AccessDeniedError without it
 */
export async function createSchema(connection: PgConnection, url: string): Promise<void> {
  const schema = schemaOf(url);
  if (schema === null) return;
  // Looked up first, since the privilege is required even where there is nothing to create.
  const { rowCount } = await connection.query(FIND, [schema]);
  if (rowCount !== 0) return;
  try {
    await connection.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
  } catch (cause) {
    // Of two at the same time one fails, although the schema then exists.
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

/** An arbitrary number, the same in every process. */
const MIGRATION_LOCK = 20_261_121;

/** Waits until no other process migrates, restores or resets this store, and keeps others out until the connection ends. */
export async function lockSchema(connection: PgConnection): Promise<void> {
  await connection.query('SELECT pg_advisory_lock($1, hashtext(current_schema()))', [MIGRATION_LOCK]);
}

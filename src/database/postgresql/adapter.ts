import { PrismaPg } from '@prisma/adapter-pg';
import { schemaOf } from '../options.ts';

type Options = ConstructorParameters<typeof PrismaPg>[1];

/**
 * Creates the adapter that connects to a PostgreSQL store. With a schema of its own, that schema is the only one in the search
 * path, so that every unqualified table name refers to it.
 */
export function adapterOf(
  url: string,
  pool: { max: number; connectionTimeoutMillis?: number; application_name?: string },
  options: Options = {},
): PrismaPg {
  const schema = schemaOf(url);
  if (schema === null) return new PrismaPg({ ...pool, connectionString: url }, options);
  const address = new URL(url);
  address.searchParams.delete('schema');
  const own = address.searchParams.get('options');
  // Allowed schema names contain nothing that needs escaping here.
  address.searchParams.set('options', `${own === null ? '' : `${own} `}-c search_path="${schema}"`);
  return new PrismaPg({ ...pool, connectionString: address.href }, { ...options, schema });
}

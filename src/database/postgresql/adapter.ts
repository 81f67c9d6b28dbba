import { PrismaPg } from '@prisma/adapter-pg';
import { schemaOf } from '../options.ts';

type Options = ConstructorParameters<typeof PrismaPg>[1];

/**
 * What connects to a store of PostgreSQL. One that has a schema of its own searches no other: all that names a table
 * without a schema means that one.
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
  // Allowed names hold nothing that needs escaping here.
  address.searchParams.set('options', `${own === null ? '' : `${own} `}-c search_path="${schema}"`);
  return new PrismaPg({ ...pool, connectionString: address.href }, { ...options, schema });
}

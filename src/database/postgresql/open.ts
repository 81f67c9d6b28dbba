import type { Sql } from '@prisma/client/runtime/client';
import type { Log } from '../../log.ts';
import { PrismaClient } from '../generated/postgresql/client.ts';
import type { PrismaClient as SqliteClient } from '../generated/sqlite/client.ts';
import { nonRetaining } from '../session/non-retaining-adapter.ts';
import { logged, type QueryLog } from '../session/query-log.ts';
import type { Clients } from '../session/session.ts';
import { adapterOf } from './adapter.ts';
import { postgresqlDialect } from './dialect.ts';
import { migratePostgresql } from './migrate.ts';
import { postgresqlQueries } from './query.ts';

/** Its number in pg_type. */
const JSON_TYPE = 114;

/** How a PostgreSQL store is opened, with all defaults filled in. */
export interface PostgresqlOptions {
  url: string;
  packageRoot: string;
  autoMigrate: boolean;
  maxConnections: number;
  log: Log;
  queryLog: QueryLog;
}

/** Every cell as PostgreSQL writes it, since `decodeRows` knows what it is; but JSON is parsed as it arrives. */
const types = {
  getTypeParser: (type: number) => (type === JSON_TYPE ? JSON.parse : (text: string) => text),
};

/** Connects to a PostgreSQL store. The client and what reads past it share a pool, which gives each transaction its own connection. */
export async function openPostgresql(options: PostgresqlOptions): Promise<Clients> {
  await migratePostgresql(options);
  const pool = {
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    application_name: 'proxmox-mpc',
  };
  const lost = (error: Error) => options.log.warn('a database connection was lost', { why: error.message });
  const factory = adapterOf(options.url, pool, { onPoolError: lost, onConnectionError: lost });
  const adapter = await factory.connect();
  const connections = adapter.underlyingDriver();
  const client = new PrismaClient({
    adapter: nonRetaining({ ...factory, connect: async () => adapter }),
    errorFormat: 'minimal',
    log: options.queryLog ? [{ emit: 'event', level: 'query' }] : [],
  });
  if (options.queryLog) client.$on('query', options.queryLog);
  // The models and calls are the same; only the names of the generated types differ.
  const same = client as unknown as SqliteClient;
  return {
    dialect: postgresqlDialect,
    select: async <R extends object>({ text, values }: Sql) =>
      logged(options.queryLog, text, async () => (await connections.query<R>({ text, values, types })).rows),
    client: same,
    query: postgresqlQueries(options.url),
    queue: null,
    close: () => client.$disconnect(),
  };
}

import type { Log } from '../../log.ts';
import { PrismaClient } from '../generated/postgresql/client.ts';
import type { PrismaClient as SqliteClient } from '../generated/sqlite/client.ts';
import { nonRetaining } from '../session/non-retaining-adapter.ts';
import type { Clients, QueryLog } from '../session/session.ts';
import { adapterOf } from './adapter.ts';
import { postgresqlDialect } from './dialect.ts';
import { migratePostgresql } from './migrate.ts';
import { postgresqlQueries } from './query.ts';

/** How a PostgreSQL store is opened, with all defaults filled in. */
export interface PostgresqlOptions {
  url: string;
  packageRoot: string;
  autoMigrate: boolean;
  maxConnections: number;
  log: Log;
  queryLog: QueryLog;
}

/** Connects to a PostgreSQL store. One client suffices: its pool gives each transaction its own connection. */
export async function openPostgresql(options: PostgresqlOptions): Promise<Clients> {
  await migratePostgresql(options);
  const pool = {
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    application_name: 'proxmox-mpc',
  };
  const lost = (error: Error) => options.log.warn('a database connection was lost', { why: error.message });
  const client = new PrismaClient({
    adapter: nonRetaining(adapterOf(options.url, pool, { onPoolError: lost, onConnectionError: lost })),
    log: options.queryLog ? [{ emit: 'event', level: 'query' }] : [],
  });
  if (options.queryLog) client.$on('query', options.queryLog);
  // The models and calls are the same; only the names of the generated types differ.
  const same = client as unknown as SqliteClient;
  return {
    dialect: postgresqlDialect,
    reader: same,
    writer: same,
    query: postgresqlQueries(options.url),
    queue: null,
  };
}

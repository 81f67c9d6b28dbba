import { stat } from 'node:fs/promises';
import { StoreGoneError } from '../errors.ts';
import { nonRetaining } from '../session/non-retaining-adapter.ts';
import type { QueryLog } from '../session/query-log.ts';
import { retrying } from '../session/retry.ts';
import type { Clients } from '../session/session.ts';
import { WriteQueue } from '../session/write-queue.ts';
import { withConnection } from './connection.ts';
import { sqliteDialect } from './dialect.ts';
import { createFile, inspectFile } from './file.ts';
import { type MigrateOptions, migrateSqlite } from './migrate.ts';
import { sqliteQueries } from './query.ts';
import { openReader } from './reader.ts';
import { cacheStatements } from './statement-cache.ts';

const PRAGMAS = 'PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864';

/**
 * Opens a SQLite store, creating and migrating its file where needed. The client only writes: it has one connection, and a read
 * beside an open transaction would see its rows.
 * @throws NotADatabaseError, StorePermissionError, DatabaseOptionsError, SchemaTooNewError, MigrationEditedError ...
 */
export async function openSqlite(options: MigrateOptions & { queryLog: QueryLog }): Promise<Clients> {
  const { path } = options;
  if ((await inspectFile(path)) === 'absent') await createFile(path);
  await migrateSqlite(options);
  await retrying({ forMs: options.busyMs }, () =>
    withConnection(path, connection => {
      if (connection.pragma('journal_mode', { simple: true }) !== 'wal')
        connection.pragma('journal_mode = WAL');
    }),
  );
  const [{ PrismaClient }, { PrismaBetterSqlite3 }] = await Promise.all([
    import('../generated/sqlite/client.ts'),
    import('@prisma/adapter-better-sqlite3'),
  ]);
  const opened = await stat(path, { bigint: true });
  // No busy timeout: SQLite would block the event loop while it waits. The session waits and retries instead.
  const adapter = new PrismaBetterSqlite3(
    { url: `file:${path}`, timeout: 0 },
    { timestampFormat: 'unixepoch-ms' },
  );
  const client = new PrismaClient({
    adapter: nonRetaining(adapter, async connection => {
      cacheStatements(connection);
      await connection.executeScript(PRAGMAS);
    }),
    errorFormat: 'minimal',
    log: options.queryLog ? [{ emit: 'event', level: 'query' }] : [],
  });
  if (options.queryLog) client.$on('query', options.queryLog);
  const reader = openReader(path, options.queryLog);
  return {
    dialect: sqliteDialect,
    select: reader.select,
    client,
    stillThere: async () => {
      const found = await stat(path, { bigint: true }).catch(() => null);
      if (found?.ino !== opened.ino || found.dev !== opened.dev) throw new StoreGoneError(path);
    },
    query: sqliteQueries(path, options.packageRoot),
    queue: new WriteQueue(),
    close: async () => {
      reader.close();
      await client.$disconnect();
    },
  };
}

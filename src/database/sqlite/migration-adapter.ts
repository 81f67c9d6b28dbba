import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { AdapterFactory } from '../migrate/engine.ts';

/**
 * Connections for the schema engine that run each migration as one transaction: the engine alone would leave the first statements
 * of a failed one behind. Foreign keys are off meanwhile, because rebuilding a table would otherwise empty others, and are
 * checked before the commit. Each waits at most `busyMs` for others' locks.
 */
export function migrationFactory(path: string, busyMs = 2_000): AdapterFactory {
  const factory = new PrismaBetterSqlite3(
    { url: `file:${path}`, timeout: busyMs },
    { timestampFormat: 'unixepoch-ms' },
  );
  return {
    provider: 'sqlite',
    adapterName: factory.adapterName,
    connect: async () => whole(await factory.connect()),
    connectToShadowDb: () => factory.connectToShadowDb(),
  };
}

function whole(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const run = adapter.executeScript.bind(adapter);
  adapter.executeScript = async script => {
    await run('PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE');
    try {
      await run(script);
      const broken = await adapter.queryRaw({ sql: 'PRAGMA foreign_key_check', args: [], argTypes: [] });
      if (broken.rows.length > 0)
        throw new Error(`the migration breaks foreign keys of ${String(broken.rows[0]![0])}`);
      await run('COMMIT');
    } catch (error) {
      await run('ROLLBACK');
      throw error;
    } finally {
      await run('PRAGMA foreign_keys = ON');
    }
  };
  return adapter;
}

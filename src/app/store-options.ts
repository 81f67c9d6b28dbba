import type { Config } from '../config.ts';
import type { StoreOptions } from '../database/index.ts';
import { createLog, type Log } from '../log.ts';

/** How to open the store of a configuration, with a log of its own if ENABLE_DB_LOGGING asks for one. */
export function storeOptions(
  { database }: Pick<Config, 'database'>,
  packageRoot: string,
  log: Log,
): StoreOptions {
  const { url, provider, backupFolder, maxConnections, autoMigrate, logLevel } = database;
  return {
    url,
    provider,
    packageRoot,
    maxConnections,
    autoMigrate,
    backupFolder,
    log: logLevel === null ? log : createLog(logLevel),
    queryLog: logLevel !== null,
  };
}

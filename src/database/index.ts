import { noLog } from '../log.ts';
import { exposuresOf, exposureText } from '../private-file.ts';
import { filesOf } from './maintenance/kept-backups.ts';
import { describeTarget, parseTarget, type StoreOptions } from './options.ts';
import type { QueryLog } from './session/query-log.ts';
import { RootSession, SESSION_DEFAULTS } from './session/session.ts';
import { DatabaseStore } from './store.ts';

export * from './errors.ts';
export type { StoreOptions } from './options.ts';
export type { DatabaseStore } from './store.ts';

/**
 * Opens the store that a URL names. SQLite's file is created and migrated where needed; PostgreSQL is migrated only with
 * `autoMigrate`. The other engine's code is never loaded.
 * @throws DatabaseError of a kind that says why it cannot be opened.
 */
export async function openStore(options: StoreOptions): Promise<DatabaseStore> {
  const log = options.log ?? noLog;
  const target = parseTarget(options);
  const session = { ...SESSION_DEFAULTS, ...definedOf(options) };
  const queryLog: QueryLog = options.queryLog
    ? ({ query, duration }) => log.debug('query', { sql: query, ms: duration })
    : null;
  const common = { packageRoot: options.packageRoot, busyMs: session.busyMs, log, queryLog };
  const clients =
    target.provider === 'sqlite'
      ? await (await import('./sqlite/open.ts')).openSqlite({
          ...common,
          path: target.path,
          autoMigrate: options.autoMigrate ?? true,
        })
      : await (await import('./postgresql/open.ts')).openPostgresql({
          ...common,
          url: target.url,
          autoMigrate: options.autoMigrate ?? false,
          maxConnections: options.maxConnections ?? 5,
        });
  for (const one of await exposuresOf(await filesOf(target, options.backupFolder)))
    log.warn(exposureText(one));
  log.debug('opened the store', { at: describeTarget(target) });
  const now = options.now ?? Date.now;
  const store = new DatabaseStore(new RootSession(clients, session, now), now);
  // Before any token is issued or backup taken, so that both share the store's first line.
  await store
    .lines()
    .catch(error => log.debug('the store tells no line of its life yet', { error: String(error) }));
  return store;
}

/** The session options that were given. */
function definedOf({ busyMs, reconnectMs, transactionMs }: StoreOptions) {
  const given = Object.entries({ busyMs, reconnectMs, transactionMs }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given) as Partial<typeof SESSION_DEFAULTS>;
}

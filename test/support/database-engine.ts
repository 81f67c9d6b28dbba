import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { type DatabaseStore, openStore, type StoreOptions } from '../../src/database/index.ts';
import { type PostgresServer, startPostgres } from './database-postgres.ts';
import { packageRoot } from './database-root.ts';

export { packageRoot };

/** An engine to run a suite on. */
export interface Engine {
  name: 'sqlite' | 'postgresql';
  /** The address of a new, empty store. */
  newUrl(): Promise<string>;
  /** Options that open a store and migrate it. */
  options(url: string): StoreOptions;
  /** Opens a new store; it is closed after the suite. */
  open(more?: Partial<StoreOptions>): Promise<DatabaseStore>;
  /** The server, on PostgreSQL. */
  server(): PostgresServer;
}

/** A folder for the files of one suite, removed after it. */
export function temporaryFolder(): { path: () => string } {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mpc-database-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return { path: () => folder };
}

/** Runs the same suite on SQLite and on an actual PostgreSQL server. */
export function onBothEngines(title: string, suite: (engine: Engine) => void): void {
  describe(`${title} (sqlite)`, () => {
    const folder = temporaryFolder();
    let count = 0;
    suite(engine('sqlite', async () => `file:${join(folder.path(), `${count++}`, 'store.db')}`));
  });
  describe(`${title} (postgresql)`, () => {
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = await startPostgres();
    });
    // Registered before the suite's own hooks, so it runs after them: stores close first.
    afterAll(() => server?.stop());
    suite(
      engine(
        'postgresql',
        () => server!.createDatabase(),
        () => server!,
      ),
    );
  });
}

function engine(name: Engine['name'], newUrl: () => Promise<string>, server?: () => PostgresServer): Engine {
  const opened: DatabaseStore[] = [];
  afterAll(() => Promise.all(opened.map(store => store.close())));
  const options = (url: string): StoreOptions => ({ url, packageRoot, autoMigrate: true });
  return {
    name,
    newUrl,
    options,
    async open(more = {}) {
      const store = await openStore({ ...options(more.url ?? (await newUrl())), ...more });
      opened.push(store);
      return store;
    },
    server:
      server ??
      (() => {
        throw new Error('SQLite has no server');
      }),
  };
}

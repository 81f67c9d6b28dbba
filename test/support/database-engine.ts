import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { type DatabaseStore, openStore, type StoreOptions } from '../../src/database/index.ts';
import { type PostgresServer, startPostgres } from './database-postgres.ts';
import { packageRoot } from './database-root.ts';
import { placeStore } from './test-run.ts';

export { packageRoot };

/** An engine to run a suite on. */
export interface Engine {
  name: 'sqlite' | 'postgresql';
  /** The address of a new store with nothing in it, tables neither: for what migrates. */
  newUrl(): Promise<string>;
  /** The address of a new store with all tables and no rows, which opens faster. */
  newStore(): Promise<string>;
  /** Options that open a store and migrate it. */
  options(url: string): StoreOptions;
  /** Opens a new store twice, as two processes do; closed after the suite. */
  openTwice(): Promise<[DatabaseStore, DatabaseStore]>;
  /** Opens a new store; it is closed after the suite. */
  open(more?: Partial<StoreOptions>): Promise<DatabaseStore>;
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

/** Runs the same suite on SQLite and on an actual PostgreSQL server, which all files of a run share. */
export function onBothEngines(title: string, suite: (engine: Engine) => void): void {
  describe(`${title} (sqlite)`, () => {
    const folder = temporaryFolder();
    let count = 0;
    const newUrl = async () => `file:${join(folder.path(), `${count++}`, 'store.db')}`;
    const newStore = async () => {
      const url = await newUrl();
      await placeStore(url.slice('file:'.length));
      return url;
    };
    suite(engine('sqlite', newUrl, newStore));
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
        () => server!.createStore(),
      ),
    );
  });
}

function engine(
  name: Engine['name'],
  newUrl: () => Promise<string>,
  newStore: () => Promise<string>,
): Engine {
  const opened: DatabaseStore[] = [];
  afterAll(() => Promise.all(opened.map(store => store.close())));
  const options = (url: string): StoreOptions => ({ url, packageRoot, autoMigrate: true });
  return {
    name,
    newUrl,
    newStore,
    options,
    async openTwice() {
      const url = await newStore();
      return [await this.open({ url }), await this.open({ url })];
    },
    async open(more = {}) {
      const store = await openStore({ ...options(more.url ?? (await newStore())), ...more });
      opened.push(store);
      return store;
    },
  };
}

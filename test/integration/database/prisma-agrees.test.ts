import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { expect, it } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import { migrateStore, rollbackStore, storeStatus } from '../../../src/database/maintenance/index.ts';
import { NO_FILTERS, withSchemaEngine } from '../../../src/database/migrate/engine.ts';
import { withConnection as withPostgres } from '../../../src/database/postgresql/connection.ts';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import { type Engine, onBothEngines, packageRoot } from '../../support/database-engine.ts';

type Row = Record<string, unknown>;

/** The migrations as Prisma's command line reads them from their folder, without any code of ours. */
function asPrismaReads({ name }: Engine): MigrationList {
  const baseDir = join(packageRoot, name === 'sqlite' ? 'prisma' : 'prisma/postgresql', 'migrations');
  const folders = readdirSync(baseDir, { withFileTypes: true }).filter(entry => entry.isDirectory());
  const text = (...path: string[]) => readFileSync(join(baseDir, ...path), 'utf8');
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: text('migration_lock.toml') },
    shadowDbInitScript: '',
    migrationDirectories: folders
      .map(folder => folder.name)
      .sort()
      .map(path => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: text(path, 'migration.sql') },
        },
      })),
  };
}

/** Prisma's engine on Prisma's own adapters. */
function withPrisma<T>({ name }: Engine, url: string, work: (engine: SchemaEngine) => Promise<T>) {
  const factory =
    name === 'sqlite'
      ? new PrismaBetterSqlite3({ url }, { timestampFormat: 'unixepoch-ms' })
      : new PrismaPg({ connectionString: url, max: 1 });
  return withSchemaEngine(packageRoot, factory, work);
}

const diagnosis = (engine: Engine, url: string, migrationsList = asPrismaReads(engine)) =>
  withPrisma(engine, url, prisma =>
    prisma.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: NO_FILTERS }),
  );

const applyAll = (engine: Engine, url: string) =>
  withPrisma(engine, url, async prisma => {
    const filters = NO_FILTERS;
    const applied = await prisma.applyMigrations({ migrationsList: asPrismaReads(engine), filters });
    return applied.appliedMigrationNames;
  });

async function recorded({ name }: Engine, url: string): Promise<Row[]> {
  const sql = 'SELECT * FROM _prisma_migrations ORDER BY started_at, migration_name';
  return name === 'sqlite'
    ? withConnection(url.slice('file:'.length), connection => connection.prepare(sql).all() as Row[])
    : withPostgres(url, async connection => (await connection.query(sql)).rows as Row[]);
}

/** What no two runs share, by its type: a text, a number of milliseconds or a Date. */
const shapes = (rows: Row[]) =>
  rows.map(({ id, started_at, finished_at, ...same }) => ({
    ...same,
    id: String(id).replace(/[0-9a-f]/g, 'x'),
    started_at: Object.prototype.toString.call(started_at),
    finished_at: Object.prototype.toString.call(finished_at),
  }));

const IN_SYNC = {
  hasMigrationsTable: true,
  history: null,
  editedMigrationNames: [],
  failedMigrationNames: [],
};

onBothEngines('Prisma and this program agree on migrations', engine => {
  const names = () => asPrismaReads(engine).migrationDirectories.map(({ path }) => path);

  it('records a migration as Prisma does, with the SHA-256 of its SQL', async () => {
    const url = await engine.newUrl();
    await migrateStore(engine.options(url));
    const rows = await recorded(engine, url);
    expect(rows).toEqual(
      asPrismaReads(engine).migrationDirectories.map(({ path, migrationFile }) => ({
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        migration_name: path,
        checksum: createHash('sha256')
          .update((migrationFile.content as { value: string }).value)
          .digest('hex'),
        started_at: expect.anything(),
        finished_at: expect.anything(),
        applied_steps_count: 1,
        logs: null,
        rolled_back_at: null,
      })),
    );
    const byPrisma = await engine.newUrl();
    if (engine.name === 'sqlite') await mkdir(dirname(byPrisma.slice('file:'.length)), { recursive: true });
    await applyAll(engine, byPrisma);
    expect(shapes(rows)).toEqual(shapes(await recorded(engine, byPrisma)));
  });

  it('leaves a store that Prisma calls up to date', async () => {
    const url = await engine.newUrl();
    await migrateStore(engine.options(url));
    expect(await diagnosis(engine, url)).toEqual(IN_SYNC);
    expect(await applyAll(engine, url)).toEqual([]);
  });

  it('leaves a store whose edited migration Prisma names too', async () => {
    const url = await engine.newUrl();
    await migrateStore(engine.options(url));
    const edited = asPrismaReads(engine);
    const newest = edited.migrationDirectories.at(-1)!;
    newest.migrationFile.content = { tag: 'ok', value: '-- something else' };
    expect(await diagnosis(engine, url, edited)).toEqual({ ...IN_SYNC, editedMigrationNames: [newest.path] });
  });

  it('takes a store that Prisma migrated for its own', async () => {
    const url = await engine.newUrl();
    if (engine.name === 'sqlite') await mkdir(dirname(url.slice('file:'.length)), { recursive: true });
    expect(await applyAll(engine, url)).toEqual(names());
    const before = await recorded(engine, url);
    expect(await storeStatus(engine.options(url))).toMatchObject({
      schema: 'current',
      migrations: { applied: names(), pending: [] },
    });
    const store = await openStore({ ...engine.options(url), autoMigrate: false });
    try {
      await store.saveNote('who', 'Prisma');
      expect(await store.note('who')).toBe('Prisma');
    } finally {
      await store.close();
    }
    expect(await recorded(engine, url)).toEqual(before);
  });

  it('agrees after a rollback, and after migrating again', async () => {
    const url = await engine.newUrl();
    await migrateStore(engine.options(url));
    const newest = names().at(-1)!;
    await rollbackStore(engine.options(url));
    expect(await diagnosis(engine, url)).toEqual({
      ...IN_SYNC,
      history: { diagnostic: 'databaseIsBehind', unappliedMigrationNames: [newest] },
    });
    await migrateStore(engine.options(url));
    expect(await diagnosis(engine, url)).toEqual(IN_SYNC);
    expect(await applyAll(engine, url)).toEqual([]);

    await rollbackStore(engine.options(url));
    expect(await applyAll(engine, url)).toEqual([newest]);
    expect(await storeStatus(engine.options(url))).toMatchObject({ schema: 'current' });
    expect(await diagnosis(engine, url)).toEqual(IN_SYNC);
  });
});

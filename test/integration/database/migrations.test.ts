import { readdirSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { derivePostgresqlSchema } from '../../../scripts/derive-schema.ts';
import { diffSql, newestModels, postgresqlStub } from '../../../scripts/migration.ts';
import {
  MigrationEditedError,
  MigrationFailedError,
  MigrationPendingError,
  openStore,
  SchemaTooNewError,
} from '../../../src/database/index.ts';
import { migrateStore, rollbackStore, storeStatus } from '../../../src/database/maintenance/index.ts';
import { withConnection as withPostgres } from '../../../src/database/postgresql/connection.ts';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import { onBothEngines, packageRoot, temporaryFolder } from '../../support/database-engine.ts';
import { aGuest, startWriting, writeSome } from '../../support/database-fixtures.ts';
import { packageWith } from '../../support/database-package.ts';

const MORE = {
  name: '29990101000000_more',
  up: 'ALTER TABLE notes ADD COLUMN extra TEXT;\nCREATE TABLE added (id INTEGER PRIMARY KEY, v TEXT);\n',
  down: 'DROP TABLE added;\nALTER TABLE notes DROP COLUMN extra;\n',
};
/** Leaves rows behind that refer to rows that are gone. */
const ORPHANS = { name: '29990101000000_orphans', up: 'DELETE FROM nodes;\n' };
const BROKEN = {
  name: '29990101000000_broken',
  up: 'ALTER TABLE notes ADD COLUMN extra TEXT;\nALTER TABLE nowhere ADD COLUMN x TEXT;\n',
};

type Row = Record<string, unknown>;
type Rows = { [table: string]: Row[] };

describe('models and migrations', () => {
  const schema = readFileSync(join(packageRoot, 'prisma/schema.prisma'), 'utf8');

  it('agree on SQLite', async () => {
    const factory = new PrismaBetterSqlite3({ url: ':memory:' });
    expect(await diffSql(factory, newestModels(), schema)).toContain('This is an empty migration');
  });

  it('agree on PostgreSQL, whose schema derives from the same models', async () => {
    expect(readFileSync(join(packageRoot, 'prisma/postgresql/schema.prisma'), 'utf8')).toBe(
      derivePostgresqlSchema(schema),
    );
    const models = derivePostgresqlSchema(newestModels()!);
    expect(await diffSql(postgresqlStub, models, derivePostgresqlSchema(schema))).toContain(
      'This is an empty migration',
    );
  });

  it('come in pairs, each with a way back', () => {
    const folders = ['prisma/migrations', 'prisma/postgresql/migrations'].map(folder =>
      join(packageRoot, folder),
    );
    const [sqlite, postgresql] = folders.map(folder =>
      readdirSync(folder, { withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(({ name }) => name),
    );
    expect(sqlite).toEqual(postgresql);
    for (const folder of folders)
      for (const name of sqlite!) expect(readdirSync(join(folder, name))).toContain('down.sql');
  });
});

onBothEngines('migrating', engine => {
  const folder = temporaryFolder();
  let newer: string;
  let broken: string;
  let edited: string;
  beforeAll(async () => {
    newer = await packageWith(join(folder.path(), 'newer'), [MORE]);
    broken = await packageWith(join(folder.path(), 'broken'), [BROKEN]);
    edited = await packageWith(join(folder.path(), 'edited'), [], { edit: true });
  });

  /** A store with a little of everything, closed. */
  async function populated(): Promise<string> {
    const url = await engine.newStore();
    const store = await openStore(engine.options(url));
    const { commit } = await startWriting(store);
    await commit(writer => writeSome(writer));
    await store.saveCluster({ name: 'lab', rootFingerprint: null, firstSeen: 1, quorate: true });
    await store.saveNote('k', 'v');
    await store.close();
    return url;
  }
  /** Every row of the store's own tables, by table and column name. */
  async function everything(url: string): Promise<Rows> {
    const ask = (sql: string) =>
      engine.name === 'sqlite'
        ? withConnection(url.slice('file:'.length), connection => connection.prepare(sql).all() as Row[])
        : withPostgres(url, async connection => (await connection.query(sql)).rows as Row[]);
    const tables = await ask(
      engine.name === 'sqlite'
        ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_prisma%'"
        : "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name NOT LIKE '_prisma%'",
    );
    const rows = await Promise.all(
      tables.map(async ({ name }) => [name, await ask(`SELECT * FROM "${name}"`)]),
    );
    return Object.fromEntries(rows) as Rows;
  }
  /** Whatever both schemas have a place for is the same, row by row; a table the older one lacks is all that may go. */
  function expectKept(before: Rows, after: Rows): void {
    const common = Object.keys(before).filter(table => table in after);
    expect(common).toContain('state_snapshots');
    for (const table of common) {
      expect(after[table], table).toHaveLength(before[table]!.length);
      for (const [n, row] of before[table]!.entries()) {
        const same = Object.entries(row).filter(([column]) => column in after[table]![n]!);
        expect(after[table]![n], table).toMatchObject(Object.fromEntries(same));
      }
    }
  }
  async function intact(url: string, root = packageRoot): Promise<void> {
    const store = await openStore({ ...engine.options(url), packageRoot: root });
    expect(await store.guest('vm', 101)).toEqual(aGuest(101));
    expect(await store.countVersions({})).toBe(1);
    expect(await store.note('k')).toBe('v');
    await store.close();
  }

  it('goes down and up over every migration there is, with all data the older schema holds kept', async () => {
    const url = await populated();
    const options = engine.options(url);
    const { applied } = (await storeStatus(options)).migrations;
    const rolledBack: string[] = [];
    const stepDown = async () => rolledBack.push((await rollbackStore(options)).migration);
    let held = await everything(url);
    while (rolledBack.length < applied.length - 1) {
      await stepDown();
      const older = await everything(url);
      expectKept(held, older);
      held = older;
    }
    expect(await migrateStore(options)).toEqual(applied.slice(1));
    expectKept(held, await everything(url));
    await intact(url);

    rolledBack.length = 0;
    for (const _ of applied) await stepDown();
    expect(rolledBack).toEqual(applied.toReversed());
    expect(await everything(url)).toEqual({});
    await expect(rollbackStore(options)).rejects.toThrow('no migration to roll back');
    expect(await migrateStore(options)).toEqual(applied);
    expect(await storeStatus(options)).toMatchObject({ schema: 'current', rows: { nodes: 0 } });
  });

  it('goes up and down over a migration of a newer version with all data kept', async () => {
    const url = await populated();
    const options = { ...engine.options(url), packageRoot: newer };
    expect(await migrateStore(options)).toEqual([MORE.name]);
    expect(await migrateStore(options)).toEqual([]);
    await intact(url, newer);
    expect((await rollbackStore(options)).migration).toBe(MORE.name);
    await intact(url);
    expect(await storeStatus(options)).toMatchObject({
      schema: 'pending',
      migrations: { pending: [MORE.name] },
      rows: {},
    });
    expect(await migrateStore(options)).toEqual([MORE.name]);
    await intact(url, newer);
  });

  it('waits for an order where it may not migrate by itself', async () => {
    if (engine.name === 'postgresql') {
      const fresh = await engine.newUrl();
      const { autoMigrate: _, ...untold } = engine.options(fresh);
      await expect(openStore(untold)).rejects.toThrow(MigrationPendingError);
    }
    const url = await populated();
    const waiting = openStore({ ...engine.options(url), packageRoot: newer, autoMigrate: false });
    await expect(waiting).rejects.toThrow(MigrationPendingError);
    await intact(url);
  });

  it('refuses a store that is newer, and a migration edited after it was applied', async () => {
    const url = await populated();
    await migrateStore({ ...engine.options(url), packageRoot: newer });
    await expect(openStore(engine.options(url))).rejects.toThrow(SchemaTooNewError);
    await expect(openStore(engine.options(url))).rejects.toMatchObject({
      message: expect.stringContaining(MORE.name),
      hint: expect.stringContaining('Update proxmox-mpc'),
    });
    expect(await storeStatus(engine.options(url))).toMatchObject({ schema: 'too_new' });
    await rollbackStore({ ...engine.options(url), packageRoot: newer });
    await expect(openStore({ ...engine.options(url), packageRoot: edited })).rejects.toThrow(
      MigrationEditedError,
    );
    expect(await storeStatus({ ...engine.options(url), packageRoot: edited })).toMatchObject({
      schema: 'edited',
    });
    await intact(url);
  });

  it('leaves the store as it was when a migration fails', async () => {
    const url = await populated();
    const failing = migrateStore({ ...engine.options(url), packageRoot: broken });
    await expect(failing).rejects.toThrow(MigrationFailedError);
    await expect(failing).rejects.toMatchObject({ cause: expect.anything() });
    await intact(url);
    // What failed left no column behind that the next try would stumble over.
    expect(await migrateStore({ ...engine.options(url), packageRoot: newer })).toEqual([MORE.name]);
  });

  it('leaves the store as it was when a migration or its way back would leave rows without what they refer to', async () => {
    const url = await populated();
    const orphans = await packageWith(join(folder.path(), 'orphans'), [ORPHANS]);
    await expect(migrateStore({ ...engine.options(url), packageRoot: orphans })).rejects.toThrow(
      MigrationFailedError,
    );
    await intact(url);
    const oneWay = await packageWith(join(folder.path(), 'orphans-back'), [{ ...MORE, down: ORPHANS.up }]);
    const options = { ...engine.options(url), packageRoot: oneWay };
    await migrateStore(options);
    await expect(rollbackStore(options)).rejects.toThrow(MigrationFailedError);
    await intact(url, oneWay);
  });

  it('leaves a new store empty when its first migration fails', async () => {
    const url = await engine.newUrl();
    const unfit = await packageWith(join(folder.path(), 'unfit'), [
      { ...BROKEN, name: '19990101000000_before_all' },
    ]);
    const opening = openStore({ ...engine.options(url), packageRoot: unfit });
    await expect(opening).rejects.toThrow(MigrationFailedError);
    const store = await openStore(engine.options(url));
    expect(await store.nodes()).toEqual([]);
    await store.close();
  });

  it('leaves the store as it was when a rollback fails', async () => {
    const url = await populated();
    const stuck = await packageWith(join(folder.path(), 'stuck'), [
      { ...MORE, down: 'DROP TABLE added; DROP TABLE nowhere;' },
    ]);
    const options = { ...engine.options(url), packageRoot: stuck };
    await migrateStore(options);
    await expect(rollbackStore(options)).rejects.toThrow(MigrationFailedError);
    await intact(url, stuck);
    const oneWay = await packageWith(join(folder.path(), 'one-way'), [{ name: MORE.name, up: MORE.up }]);
    await expect(rollbackStore({ ...options, packageRoot: oneWay })).rejects.toThrow('has no way back');
  });

  it('migrates once when several open at once', async () => {
    const url = await engine.newUrl();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(engine.options(url))));
    for (const store of stores) await store.close();
    const known = readdirSync(join(packageRoot, 'prisma/migrations')).filter(name => /^\d/.test(name));
    expect((await storeStatus(engine.options(url))).migrations).toEqual({
      applied: known.sort(),
      pending: [],
    });
  });

  if (engine.name === 'sqlite')
    it('keeps the last three backups, and puts back what a killed migration left', async () => {
      const url = await populated();
      const path = url.slice('file:'.length);
      const options = { ...engine.options(url), packageRoot: newer };
      for (let n = 0; n < 3; n++) {
        await migrateStore(options);
        await rollbackStore(options);
      }
      const backups = async () =>
        (await readdir(dirname(path))).filter(name => name.startsWith(`${basename(path)}.backup-`));
      expect(await backups()).toHaveLength(3);

      await migrateStore(options);
      const interrupt = (name: string) =>
        withConnection(
          path,
          connection =>
            void connection.exec(
              `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${name}' AND rolled_back_at IS NULL; DELETE FROM notes`,
            ),
        );
      await interrupt(MORE.name);
      expect(await storeStatus(options)).toMatchObject({ schema: 'failed' });
      await intact(url, newer);

      const fresh = await engine.newUrl();
      await (await openStore(engine.options(fresh))).close();
      await withConnection(
        fresh.slice(5),
        connection => void connection.exec('UPDATE _prisma_migrations SET finished_at = NULL'),
      );
      await (await openStore(engine.options(fresh))).close();

      // A backup that somebody threw away cannot be put back: nothing is touched.
      await interrupt(MORE.name);
      for (const name of await backups()) await rm(join(dirname(path), name));
      await expect(openStore(options)).rejects.toMatchObject({
        code: 'migration_interrupted',
        hint: expect.stringContaining('db restore'),
      });
    });

  if (engine.name === 'postgresql')
    it('forgets a migration that was killed, of which PostgreSQL kept nothing, and applies it', async () => {
      const url = await populated();
      const options = { ...engine.options(url), packageRoot: newer };
      await withPostgres(url, connection =>
        connection.query(
          `INSERT INTO _prisma_migrations (id, checksum, migration_name, applied_steps_count) VALUES ('x', 'c', '${MORE.name}', 0)`,
        ),
      );
      expect(await storeStatus(options)).toMatchObject({ schema: 'failed' });
      expect(await migrateStore(options)).toEqual([MORE.name]);
      await intact(url, newer);
      // Also where all was applied and only a trace of a killed attempt is left.
      await withPostgres(url, connection =>
        connection.query(
          `INSERT INTO _prisma_migrations (id, checksum, migration_name, applied_steps_count) VALUES ('y', 'c', '${MORE.name}', 0)`,
        ),
      );
      expect(await migrateStore(options)).toEqual([]);
      expect(await storeStatus(options)).toMatchObject({ schema: 'current' });
    });
});

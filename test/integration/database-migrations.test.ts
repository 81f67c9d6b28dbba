import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { derivePostgresqlSchema } from '../../scripts/derive-schema.ts';
import { diffSql, newestModels, postgresqlStub } from '../../scripts/migration.ts';
import {
  MigrationEditedError,
  MigrationFailedError,
  MigrationPendingError,
  openStore,
  SchemaTooNewError,
} from '../../src/database/index.ts';
import { withConnection } from '../../src/database/sqlite/connection.ts';
import { migrateStore, rollbackStore, storeStatus } from '../../src/database/upkeep/index.ts';
import { onBothEngines, packageRoot, temporaryFolder } from '../support/database-engine.ts';
import { aGuest, aNode, aVersion, startWriting } from '../support/database-fixtures.ts';
import { packageWith } from '../support/database-package.ts';

const MORE = {
  name: '29990101000000_more',
  up: 'ALTER TABLE notes ADD COLUMN extra TEXT;\nCREATE TABLE added (id INTEGER PRIMARY KEY, v TEXT);\n',
  down: 'DROP TABLE added;\nALTER TABLE notes DROP COLUMN extra;\n',
};
const BROKEN = {
  name: '29990101000000_broken',
  up: 'ALTER TABLE notes ADD COLUMN extra TEXT;\nALTER TABLE nowhere ADD COLUMN x TEXT;\n',
};

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
    const url = await engine.newUrl();
    const store = await openStore(engine.options(url));
    const { commit } = await startWriting(store);
    await commit(async writer => {
      await writer.upsertNodes([aNode()]);
      await writer.upsertGuests('vm', [aGuest(101)]);
      await writer.insertVersions([aVersion(101)]);
    });
    await store.saveNote('k', 'v');
    await store.close();
    return url;
  }
  async function intact(url: string, root = packageRoot): Promise<void> {
    const store = await openStore({ ...engine.options(url), packageRoot: root });
    expect(await store.guest('vm', 101)).toEqual(aGuest(101));
    expect(await store.countVersions({})).toBe(1);
    expect(await store.note('k')).toBe('v');
    await store.close();
  }

  it('goes up and down over every migration with all data kept', async () => {
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
    await rollbackStore(options);
    // The first migration's way back leaves nothing; then everything can come again.
    await rollbackStore(options);
    await expect(rollbackStore(options)).rejects.toThrow('no migration to roll back');
    await (await openStore(engine.options(url))).close();
    expect(await storeStatus(engine.options(url))).toMatchObject({ schema: 'current' });
  });

  it('waits for an order where it may not migrate by itself', async () => {
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
    expect((await storeStatus(engine.options(url))).migrations.applied).toHaveLength(1);
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
      const first = (await storeStatus(engine.options(fresh))).migrations.applied[0]!;
      await withConnection(
        fresh.slice(5),
        connection =>
          void connection.exec(
            `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${first}'`,
          ),
      );
      await (await openStore(engine.options(fresh))).close();
    });
});

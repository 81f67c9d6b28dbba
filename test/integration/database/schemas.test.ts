import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClustersRunner } from '../../../src/clusters/runner.ts';
import { AccessDeniedError, openStore } from '../../../src/database/index.ts';
import {
  backupStore,
  migrateStore,
  resetStore,
  restoreStore,
  rollbackStore,
  storeStatus,
} from '../../../src/database/maintenance/index.ts';
import { withConnection } from '../../../src/database/postgresql/connection.ts';
import { checkPlan } from '../../../src/database/postgresql/query-plan.ts';
import { noLog } from '../../../src/log.ts';
import { packageRoot, temporaryFolder } from '../../support/database-engine.ts';
import { type PostgresServer, startPostgres } from '../../support/database-postgres.ts';
import { type Lab, startLab } from '../../support/lab.ts';

const folder = temporaryFolder();
let server: PostgresServer;
let database: string;
let home: Lab;
let lab: Lab;
beforeAll(async () => {
  server = await startPostgres();
  database = await server.createDatabase();
  // Both at once: neither migration may wait for, or trip over, the other.
  [home, lab] = await Promise.all([
    startLab({ guests: 4, clusterName: 'home', databaseUrl: `${database}?schema=home` }),
    startLab({ guests: 4, seed: 7, clusterName: 'lab', databaseUrl: `${database}?schema=my-lab` }),
  ]);
  await Promise.all([home.discover({ deep: true }), lab.discover({ deep: true })]);
});
afterAll(async () => {
  await Promise.all([home.close(), lab.close()]);
  await server.stop();
});

const optionsOf = (schema: string) => ({
  url: `${database}?schema=${schema}`,
  packageRoot,
  autoMigrate: true,
  backupFolder: join(folder.path(), 'copies'),
});
const guestsOf = async (one: Lab) => (await one.call('list_guests', { limit: 100 })).guests;

test('two clusters in two schemas of one database know nothing of each other', async () => {
  home.sim.world.rename(100, 'renamed-at-home');
  home.sim.clock.advance(60_000);
  await home.discover({ deep: true });
  const changed = async (one: Lab) =>
    (await one.call('show_history', { resource: 'vm/100', since: '2026-01-01' })).history.filter(
      entry => entry.change === 'updated',
    );
  expect(await changed(home)).toHaveLength(1);
  expect(await changed(lab)).toEqual([]);
  // Each has the numbers of a store of its own.
  expect((await lab.store.lastRun())!.id).toBeLessThan((await home.store.lastRun())!.id);
  const both = createClustersRunner(
    new Map([
      ['home', home.runner],
      ['lab', lab.runner],
    ]),
    noLog,
  );
  const { structuredContent } = await both.run('query_sql', {
    sql: 'SELECT name FROM guests WHERE vmid = 100',
  });
  const { rows } = structuredContent as { rows: string[][] };
  expect(rows).toEqual([
    ['home', 'renamed-at-home'],
    ['lab', (await guestsOf(lab)).find(row => row.vmid === 100)!.name],
  ]);
});

test('a discovery in one does not keep the other waiting', async () => {
  const lease = await home.store.acquireLease('somebody', 60_000);
  const other = await lab.store.acquireLease('somebody else', 60_000);
  expect([lease, other]).toEqual([expect.anything(), expect.anything()]);
  await Promise.all([home.store.releaseLease(lease!), lab.store.releaseLease(other!)]);
});

// Kills: the tables of the neighbour are read by their whole name.
test.each([
  'SELECT * FROM "my-lab".vms',
  'SELECT * FROM "my-lab"."guest_configs" AS guests',
  'SELECT * FROM home.vms',
  'SELECT (SELECT count(*) FROM "my-lab".vms) AS n FROM guests',
  'WITH guests AS (SELECT * FROM "my-lab".vms) SELECT * FROM guests',
  'SELECT * FROM guests UNION ALL SELECT * FROM "my-lab".vms',
  'SELECT schemaname FROM pg_catalog.pg_tables',
  'SELECT * FROM information_schema.tables',
])('SQL asked of one reads nothing of the other: %s', async sql => {
  await expect(home.call('query_sql', { sql })).rejects.toThrow(/SQL/);
});

test('a plan that reads the other schema is refused, whatever words led to it', async () => {
  const plan = (schema: string) =>
    withConnection(optionsOf('home').url, connection =>
      checkPlan(connection, `SELECT * FROM "${schema}"."vms"`, [], 'home'),
    );
  await plan('home');
  await expect(plan('my-lab')).rejects.toThrow(/more than the views/);
});

test('upkeep of one leaves the other as it is', async () => {
  const before = await guestsOf(lab);
  const [homes, labs] = [optionsOf('home'), optionsOf('my-lab')];
  expect((await storeStatus(homes)).at).toMatch(/\?schema=home$/);
  expect((await storeStatus(homes)).sizeBytes).toBeGreaterThan(100_000);
  const file = join(folder.path(), 'home.dump');
  await backupStore(homes, file);
  await home.store.close();
  await rollbackStore(homes);
  expect((await storeStatus(homes)).schema).toBe('pending');
  expect(await migrateStore(homes)).toHaveLength(1);
  await resetStore(homes);
  expect((await storeStatus(homes)).rows['vms']).toBe(0);
  await restoreStore(homes, file);
  expect((await storeStatus(homes)).rows['vms']).toBeGreaterThan(0);
  // Its copies are its own: those of the other are neither counted nor dropped with them.
  await resetStore(optionsOf('third')).catch(() => {});
  expect(readdirSync(homes.backupFolder).map(name => name.split('.backup-')[0])).toEqual(
    Array(3).fill(expect.stringMatching(/\+home$/)),
  );
  expect((await storeStatus(labs)).schema).toBe('current');
  expect(await guestsOf(lab)).toEqual(before);
  // A backup of one goes into a schema that never was.
  await restoreStore(optionsOf('elsewhere'), file);
  const moved = await openStore(optionsOf('elsewhere'));
  expect((await moved.guest('vm', 100))!.name).toBe('renamed-at-home');
  await moved.close();
  await home.restart();
  expect((await guestsOf(home)).length).toBeGreaterThan(0);
});

test('a user who may use one schema and make none is enough, and is told what to ask for', async () => {
  await withConnection(database, async connection => {
    await connection.query("CREATE ROLE mpc_narrow LOGIN PASSWORD 'narrow'");
    await connection.query('CREATE SCHEMA given AUTHORIZATION mpc_narrow');
  });
  try {
    const url = Object.assign(new URL(database), { username: 'mpc_narrow', password: 'narrow' }).href;
    const options = (schema: string) => ({ ...optionsOf(schema), url: `${url}?schema=${schema}` });
    const store = await openStore(options('given'));
    expect(await store.lastCommit()).toBeNull();
    await store.close();
    const refusal = await openStore(options('not-given')).catch(error => error);
    expect(refusal).toBeInstanceOf(AccessDeniedError);
    expect(refusal.hint).toContain('CREATE SCHEMA "not-given"');
  } finally {
    await withConnection(database, async connection => {
      await connection.query('DROP SCHEMA given CASCADE');
      await connection.query('DROP ROLE mpc_narrow');
    });
  }
});

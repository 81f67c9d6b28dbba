import { open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { createDiscovery } from '../../../src/discovery/index.ts';
import { noLog } from '../../../src/log.ts';
import { changeSomething, expectHealed, expectNothingFalse, whenAsked } from '../../support/after-fault.ts';
import { startOwnPostgres } from '../../support/database-postgres.ts';
import { type Lab, type LabOptions, startLab } from '../../support/lab.ts';
import { startSmallDisk } from '../../support/small-disk.ts';
import { SOAK } from '../../support/soak.ts';

let lab: Lab;
const begin = async (options: LabOptions = {}) => {
  lab = await startLab({ discovered: true, guests: 8, ...options });
  lab.sim.clock.advance(60_000);
};
/** What the lab's store lies on, where that is to be taken away afterwards. */
let ground: (() => Promise<void>) | null = null;
afterEach(async () => {
  await lab.close();
  await ground?.();
  ground = null;
});

const ask = () => lab.call('list_vms', { max_age_seconds: 0 });
const path = () => join(lab.folder, 'store.db');

describe('a store that another program keeps locked', () => {
  // Kills: failing the call where there is an old answer, and a lock that outlasts the program that held it.
  test.each([0, 4, 9])('from the moment %i calls were made: told, nothing lost, then healed', async calls => {
    await begin({ busyMs: 200 });
    changeSomething(lab);
    const other = new Database(path());
    const asked = ask();
    await whenAsked(lab, calls, () => other.exec('BEGIN EXCLUSIVE'));
    const first = await asked;
    const answer = first.source === 'store' ? first : await ask();
    expect(answer).toMatchObject({ source: 'store', stale: { reason: expect.stringMatching(/locked/) } });
    expect(answer.total).toBeGreaterThan(0);
    other.exec('ROLLBACK');
    other.close();
    await expectNothingFalse(lab);
    await expectHealed(lab);
  });
});

// Kills: "it is slow": whoever waits longer for the lock than for the refresh heard of the refresh only.
test('a lock that outlasts the patience of who asks is told as such, not as a slow refresh', async () => {
  await begin();
  const { client, store } = lab;
  const patient = createDiscovery({
    ...{ client, store, log: noLog, configMaxAgeMs: 300_000, waitMs: 300 },
    now: () => lab.sim.clock.now(),
  });
  const other = new Database(path());
  other.exec('BEGIN IMMEDIATE');
  const request = { facets: new Set(['inventory'] as const), guests: new Set<string>(), deep: false };
  const answer = await patient.ensure({ ...request, maxAgeMs: 0 });
  expect(answer).toMatchObject({
    source: 'store',
    stale: { reason: { text: expect.stringMatching(/could not begin.*locked/) } },
  });
  other.exec('ROLLBACK');
  other.close();
  await patient.close();
});

// Kills: a half-written run that counts as a whole one, and failing for ever after.
test('a disk that fills up before or within a run is told, and nothing false is left once there is room', async () => {
  const disk = await startSmallDisk();
  ground = disk.close;
  await begin({ databaseUrl: disk.url });
  for (const calls of SOAK ? [0, 5, 12] : [0, 8]) {
    changeSomething(lab, calls);
    const asked = lab.discover({ deep: true }).catch((error: Error) => error);
    await whenAsked(lab, calls, () => disk.fill(lab.store));
    await asked;
    const { stale, source } = await ask();
    expect({ source, reason: stale?.reason }).toEqual({
      source: 'store',
      reason: expect.stringMatching(/full/),
    });
    await disk.free(lab.store);
    await expectNothingFalse(lab);
    await expectHealed(lab);
  }
});

describe('a store file that', () => {
  // Kills: writing on into a file that nobody will ever find again.
  test('is deleted while the program runs is missed, and made anew by the next start', async () => {
    await begin();
    for (const name of await readdir(lab.folder)) await rm(join(lab.folder, name));
    const answer = await ask();
    expect(answer).toMatchObject({
      source: 'store',
      stale: { reason: expect.stringMatching(/deleted or replaced/) },
    });
    expect(answer.total).toBeGreaterThan(0);
    await lab.restart();
    await expectHealed(lab);
    expect((await lab.store.versions({})).every(version => version.change === 'discovered')).toBe(true);
  });

  // Kills: answering from a damaged file as if nothing were wrong, or dying of it.
  test.each<{ how: string; spoil: () => Promise<void> }>([
    {
      how: 'is overwritten',
      spoil: async () => {
        const file = await open(path(), 'r+');
        const { size } = await file.stat();
        await file.write(Buffer.alloc(size, 'garbage'), 0, size, 0);
        await file.close();
      },
    },
    { how: 'is cut short', spoil: () => truncate(path(), 5_000) },
  ])('$how while the program runs is refused', async ({ spoil }) => {
    await begin();
    const checkpoint = new Database(path());
    checkpoint.pragma('wal_checkpoint(TRUNCATE)');
    checkpoint.close();
    await spoil();
    await expect(lab.restart().then(ask)).rejects.toThrow(/damaged|not a SQLite|no SQLite/);
    await rm(path());
    await rm(`${path()}-wal`, { force: true });
    await rm(`${path()}-shm`, { force: true });
    await lab.restart().catch(() => lab.restart());
    await expectHealed(lab);
  });
});

// Kills: a pool that keeps dead connections, and a run whose facets are half committed on another server's word.
test('PostgreSQL that restarts before or within a run leaves nothing false, and is told while it is down', {
  timeout: 120_000,
}, async () => {
  const server = await startOwnPostgres();
  ground = server.stop;
  await begin({ databaseUrl: await server.createStore() });
  for (const calls of SOAK ? [0, 5, 12] : [8]) {
    changeSomething(lab, calls);
    const run = lab.discover({ deep: true }).catch(() => {});
    await whenAsked(lab, calls, () => server.restart!());
    await run;
    await expectNothingFalse(lab);
    await expectHealed(lab);
  }
  const up = await server.pause!();
  await expect(ask()).rejects.toThrow(/database server cannot be reached/);
  await up();
  await expectHealed(lab);
});

// Kills: a note parsed and taken for what it should be: each look would fail for ever, or date everything by NaN.
describe('notes of the store that hold something else', () => {
  const odd = [
    '',
    'x',
    'NaN',
    '1e999',
    'null',
    '[null]',
    '[1]',
    '{"pve1":null}',
    '{"pve1":[null]}',
    '{"pve1":[{}]}',
  ];

  test('count as none, whatever it is', async () => {
    await begin();
    for (const value of odd) await lookWith(value);
    await expectNothingFalse(lab);
  });

  async function lookWith(value: string) {
    const database = new Database(path());
    const keys = database.prepare('SELECT key FROM notes').pluck().all() as string[];
    expect(keys.length).toBeGreaterThanOrEqual(4);
    database.prepare('UPDATE notes SET value = ?').run(value);
    database.close();
    await lab.restart();
    lab.sim.clock.advance(60_000);
    changeSomething(lab);
    const { stale, as_of } = await ask();
    expect(stale).toBeUndefined();
    expect(as_of).toMatch(/^20\d\d-/);
    for (const tool of [
      'show_history',
      'diff_state',
      'check_health',
      'get_cluster_status',
      'list_tasks',
    ] as const)
      expect(await lab.call(tool)).toHaveProperty('source');
  }
});

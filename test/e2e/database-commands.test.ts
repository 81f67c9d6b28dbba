import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreStatus } from '../../src/database/maintenance/index.ts';
import { type PostgresServer, startPostgres } from '../support/database-postgres.ts';
import {
  type Ended,
  ended,
  ROOT,
  type Run,
  runProgram,
  spawnProgram,
  startWorld,
  type World,
} from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { SOAK } from '../support/soak.ts';

const ENGINES = ['sqlite', 'postgresql'] as const;
type Engine = (typeof ENGINES)[number];
/** Both engines have the same. */
const migrations = (await readdir(join(ROOT, 'prisma/migrations'))).filter(name => /^\d/.test(name)).sort();

let world: World;
let server: PostgresServer;
/** A month takes a while to play: its first days into SQLite, all of it and into PostgreSQL in the soak. */
const SEEDED: Engine[] = SOAK ? ['sqlite', 'postgresql'] : ['sqlite'];
/** The last day that is played (from 1); the one after the month is the demo's. */
const LAST_DAY = SOAK ? 31 : 3;
beforeAll(async () => {
  [world, server] = await Promise.all([startWorld(), startPostgres()]);
});
afterAll(async () => {
  await server?.stop();
  await world?.close();
}, 180_000);

let stores = 0;
async function newUrl(engine: Engine): Promise<string> {
  if (engine === 'postgresql') return server.createDatabase();
  const folder = join(world.folder, `store-${stores++}`);
  await mkdir(folder);
  return `file:${join(folder, 'store.db')}`;
}

/** What is refused before a store is opened is the same on both engines: on PostgreSQL in the soak. */
const refusing = (engine: Engine) => SOAK || engine === 'sqlite';

/** Nobody's maintenance needs a Proxmox. */
const withoutProxmox = (url: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...world.env,
  PROXMOX_URL: '',
  PROXMOX_TOKEN: '',
  DATABASE_URL: url,
  ...env,
});

describe.each(ENGINES)('db on %s', engine => {
  let url: string;
  let backup: string;
  /** The rows of the store as it was filled. */
  let filled: StoreStatus['rows'];

  const db = async (
    args: string[],
    { at = url, env = {}, run = runHere }: { at?: string; env?: NodeJS.ProcessEnv; run?: Run } = {},
  ) => {
    const ended = await run(['db', ...args], withoutProxmox(at, env));
    expect(ended.stdout + ended.stderr).not.toContain(':secret@');
    return ended;
  };
  const discover = () => runHere(['discover'], { ...world.env, DATABASE_URL: url });
  const status = async (at = url): Promise<StoreStatus> => {
    const { code, stdout, stderr } = await db(['status', '--json'], { at });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as StoreStatus;
  };
  const succeed = async (...args: string[]) => {
    const { code, stdout, stderr } = await db(args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const fail = async (args: string[], wanted: number, says: string, at = url) => {
    const { code, stdout, stderr } = await db(args, { at });
    expect(stderr).toContain(says);
    expect([code, stdout]).toEqual([wanted, '']);
  };

  beforeAll(async () => {
    url = await newUrl(engine);
    backup = join(world.folder, `backup-${engine}`);
  });

  test('status tells what migrate and discover have done', async () => {
    if (engine === 'postgresql') {
      const early = await discover();
      expect(early.code).toBe(1);
      expect(early.stderr).toContain('db migrate');
      expect(early.stderr).toContain('DATABASE_AUTO_MIGRATE=true');
      expect(await status()).toMatchObject({ schema: 'pending', rows: {}, lastRun: null });
      expect(await succeed('status')).toContain('run `proxmox-mpc db migrate`');
    } else await fail(['status'], 1, 'DATABASE_URL');
    // As processes of their own: the engine that migrates, and the client of each database, are in the bundle.
    const applied = await db(['migrate'], { run: runProgram });
    expect(applied).toEqual({ code: 0, stdout: `Applied ${migrations.join(', ')}.\n`, stderr: '' });
    expect(await succeed('migrate')).toBe('The store is up to date.\n');
    const first = await runProgram(['discover'], { ...world.env, DATABASE_URL: url });
    expect(first.code, first.stderr).toBe(0);
    const now = await status();
    filled = now.rows;
    expect(now).toMatchObject({ provider: engine, schema: 'current', lastRun: { status: 'completed' } });
    expect(filled).toMatchObject({ cluster: 1, nodes: 3, vms: 9, containers: 3 });
    const told = await succeed('status');
    expect(told).toMatch(/schema +current/);
    expect(told).toMatch(/last discovery +run 1 completed/);
    expect(told).toMatch(/vms +9\n/);
  });

  test('backup writes a private file, never over another', async () => {
    // What a first try left.
    await rm(backup, { force: true });
    expect(await succeed('backup', backup)).toBe(`Wrote ${backup}.\n`);
    expect((await stat(backup)).mode & 0o777).toBe(0o600);
    const before = await readFile(backup);
    await fail(['backup', backup], 1, 'exists already');
    expect(await readFile(backup)).toEqual(before);
  });

  if (refusing(engine))
    test('what destroys does nothing that nobody confirmed', async () => {
      for (const args of [['reset'], ['restore', backup], ['rollback'], ['prune', '--days', '1']])
        await fail(args, 2, 'Add --yes');
      // Nobody is asked about what cannot be done.
      await fail(['restore', join(world.folder, 'nowhere')], 1, 'There is no file');
      if (engine === 'sqlite') {
        const nowhere = `file:${join(world.folder, 'no-store.db')}`;
        for (const args of [['rollback'], ['prune', '--days', '1']]) await fail(args, 1, 'no store', nowhere);
      }
      expect((await status()).rows).toEqual(filled);
    });

  if (refusing(engine))
    test('restore refuses what is no whole backup, and leaves the store as it was', async () => {
      const whole = await readFile(backup);
      const broken = {
        text: Buffer.from('this was never a backup of anything, whoever says so'),
        cut: whole.subarray(0, Math.floor(whole.length * 0.6)),
      };
      for (const [name, bytes] of Object.entries(broken)) {
        const file = join(world.folder, `${name}-${engine}`);
        await writeFile(file, bytes);
        await fail(['restore', file, '--yes'], 1, file);
      }
      await fail(['restore', join(world.folder, 'nowhere'), '--yes'], 1, 'nowhere');
      expect((await status()).rows).toEqual(filled);
    });

  test('reset empties the store and keeps a copy; restore brings all of it back', async () => {
    const said = await succeed('reset', '--yes');
    const copy = /^The store is empty\. The store as it was is kept in (.+)\.\n$/.exec(said)![1]!;
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    const empty = await status();
    expect(empty).toMatchObject({ schema: 'current', lastRun: null });
    expect(Object.values(empty.rows).filter(count => count > 0)).toEqual([]);
    expect(await succeed('restore', backup, '--yes')).toContain(`Restored ${backup}.`);
    expect((await status()).rows).toEqual(filled);
  });

  test('rollback and migrate again keep what both schemas hold', async () => {
    const said = await succeed('rollback', '--yes');
    const newest = migrations.at(-1)!;
    expect(said).toContain(`Undid ${newest}. The store as it was is kept in `);
    const older = await status();
    expect(older).toMatchObject({ schema: 'pending', migrations: { pending: [newest] } });
    expect(await succeed('migrate')).toBe(`Applied ${newest}.\n`);
    expect((await status()).rows).toEqual(filled);
    const again = await discover();
    expect(again.code, again.stderr).toBe(0);
    expect((await status()).rows).toMatchObject({ vms: 9, details: filled['details'] });
  });

  if (refusing(engine))
    test('seed fills no store that holds a history, and prune takes nothing that is young', async () => {
      await fail(['seed'], 2, 'The store holds the history of');
      await fail(['prune', '--yes'], 2, 'how many days to keep');
      await fail(['prune', '--yes', '--days', '0.5'], 2, '--days "0.5"');
      expect(await succeed('prune', '--yes', '--days', '365')).toBe('Nothing is older than 365 days.\n');
      expect((await status()).rows).toMatchObject({ vms: 9 });
    });

  if (!SEEDED.includes(engine)) return;
  test('seed fills an empty store with days long past; prune takes the old part of them', async () => {
    const at = await newUrl(engine);
    const { code, stdout, stderr } = await seed(withoutProxmox(at, { DATABASE_AUTO_MIGRATE: 'true' }));
    expect([code, stdout], stderr).toEqual([SOAK ? 0 : null, '']);
    expect(stderr).toContain('day 1 of 31: ');
    if (SOAK) expect(stderr).toContain('the store holds 31 days');
    const seeded = await status(at);
    expect(seeded.rows).toMatchObject({ cluster: 1, nodes: 3 });
    // More than were there at the first look: of each day a few.
    expect(seeded.rows['state_snapshots']).toBeGreaterThan(SOAK ? 250 : 100);
    expect(seeded.rows['tasks']).toBeGreaterThan(5 * LAST_DAY);
    await fail(['seed'], 2, 'The store holds the history of demo already.', at);
    const days = SOAK ? '10' : '29';
    const prune = (...args: string[]) => db(['prune', '--yes', ...args], { at });
    expect((await prune('--days', days)).stdout).toContain(`Dropped what is older than ${days} days: `);
    const { rows } = await status(at);
    for (const table of ['state_snapshots', 'tasks', 'log_lines', 'discovery_runs']) {
      expect(rows[table], table).toBeGreaterThan(0);
      expect(rows[table], table).toBeLessThan(seeded.rows[table]!);
    }
    for (const table of ['vms', 'containers', 'storage', 'guest_configs'])
      expect(rows[table], table).toBe(seeded.rows[table]);
    const kept = { PROXMOX_MPC_HISTORY_DAYS: days };
    expect((await db(['prune', '--yes'], { at, env: kept })).stdout).toBe(
      `Nothing is older than ${days} days.\n`,
    );
  }, 300_000);
});

/** Plays a month, in the soak to its end. */
async function seed(env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawnProgram(['db', 'seed'], env);
  child.stdin.end();
  let said = '';
  child.stderr.on('data', text => {
    said += text;
    if (said.includes(`day ${LAST_DAY + 1} of 31: `)) child.kill('SIGKILL');
  });
  return ended(child);
}

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { openStore } from '../../src/database/index.ts';
import { brokenChains, differencesFromTruth, inventedChanges } from '../support/compare-truth.ts';
import {
  type Ended,
  ended,
  ROOT,
  runProgram,
  spawnProgram,
  startWorld,
  type World,
} from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { SOAK, times } from '../support/soak.ts';

/** `npm run test:soak` asks for more. */
const KILLS = times(2, 200);
const BIG = SOAK ? { guests: 10_000, heapMb: 192 } : { guests: 1_000, heapMb: 60 };

let world: World;
let path: string;
afterEach(() => world.close());
const begin = async (guests: number) => {
  world = await startWorld({ guests });
  path = join(world.folder, 'store.db');
  world.env['DATABASE_URL'] = `file:${path}`;
};
const ARGS = ['discover', '--deep', '--json'];
const discover = (): Promise<Ended> => runHere(ARGS, world.env);
const discoverWith = (nodeArgs: string[]): Promise<Ended> => runProgram(ARGS, world.env, '', nodeArgs);

/**
 * The file is whole, and nothing stands in it that did not happen. With `exact`, also all that did. Returns how many
 * changes it tells: what only became known later, as since when a young guest runs, is none.
 */
async function examine({ exact = false } = {}): Promise<number> {
  const file = new Database(path);
  expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(file.pragma('foreign_key_check')).toEqual([]);
  // The dead process's lease runs out by itself; here nobody waits for it.
  file.exec('UPDATE lease SET expires_at = 0');
  file.close();
  const store = await openStore({ url: `file:${path}`, packageRoot: ROOT });
  try {
    const versions = await store.versions({});
    expect(inventedChanges(versions, world.sim.truth.events)).toEqual([]);
    expect(await brokenChains(store)).toEqual([]);
    if (exact) expect(await differencesFromTruth(store, world.sim)).toEqual([]);
    return versions.filter(({ change, windowAfter }) => change !== 'discovered' || windowAfter === null)
      .length;
  } finally {
    await store.close();
  }
}

// Kills: judging tasks apart from what they prove, commits that are half written, and anything due that only memory knows.
test(`killed at ${KILLS} points of a discovery: the store is whole, nothing false is in it, the next run heals`, {
  timeout: 300_000 + KILLS * 10_000,
}, async () => {
  await begin(12);
  expect((await discover()).code).toBe(0);
  const { sim } = world;
  sim.requests.reset();
  expect((await discover()).code).toBe(0);
  const calls = sim.requests.count();
  let killed = 0;
  for (let turn = 0; turn < KILLS; turn++) {
    const [running] = sim.world.find({ type: 'qemu', status: 'running', ha: false });
    const [doomed] = sim.world.find({ type: 'lxc', ha: false, template: false });
    if (running !== undefined) sim.world.stop(running);
    if (doomed !== undefined) sim.world.reuseVmid(doomed, { type: 'lxc', name: `turn-${turn}` });
    const edited = sim.world.createGuest({ type: 'qemu', start: true }).vmid;
    sim.world.editConfig(edited, { memory: 1024 + turn });
    sim.requests.reset();
    const child = spawnProgram(['discover', '--deep'], world.env);
    const end = ended(child);
    // Every part of a run in turn, and the moments between its calls, where it commits.
    const tenths = Math.min(KILLS, 10);
    const at = Math.floor((calls * (turn % tenths) + calls * Math.random()) / tenths);
    while (sim.requests.count() <= at && child.exitCode === null) await sleep(1);
    await sleep(Math.random() * 20);
    if (child.kill('SIGKILL')) killed++;
    await end;
    await examine();
  }
  expect(killed).toBeGreaterThanOrEqual(KILLS / 2);
  const healed = await discover();
  expect(healed.stderr).toBe('');
  expect(healed.code).toBe(0);
  const changes = await examine({ exact: true });
  expect((await discover()).code).toBe(0);
  expect(await examine({ exact: true })).toBe(changes);
});

// Kills: holding all there is of anything longer than needed; and a store that a dying process leaves half written.
test(`a heap of ${BIG.heapMb} MB is enough for ${BIG.guests} guests; one that is too small leaves a whole store`, {
  timeout: 400_000,
}, async () => {
  await begin(BIG.guests);
  const tooSmall = await discoverWith(['--max-semi-space-size=1', '--max-old-space-size=24']);
  expect(tooSmall.code).not.toBe(0);
  expect(tooSmall.stderr).toMatch(/heap|memory/i);
  await examine();
  const { code, stderr } = await discoverWith([
    '--max-semi-space-size=4',
    `--max-old-space-size=${BIG.heapMb}`,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const file = new Database(path, { readonly: true });
  const count = (table: string) => file.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  expect(Number(count('vms')) + Number(count('containers'))).toBe(BIG.guests);
  expect(count('guest_configs')).toBe(BIG.guests);
  const falsehoods = file.prepare("SELECT count(*) FROM state_snapshots WHERE change_type <> 'discovered'");
  expect(falsehoods.pluck().get()).toBe(0);
  file.close();
});

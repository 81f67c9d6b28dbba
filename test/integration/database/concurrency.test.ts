import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import { onBothEngines, packageRoot, temporaryFolder } from '../../support/database-engine.ts';
import { times } from '../../support/soak.ts';

const support = (name: string) => join(packageRoot, 'test/support', name);
const ROUNDS = times(2, 2_000);
/** Compiled once for all these processes. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'mpc-test-compiled') };
const KILLS = times(2, 200);

async function work(url: string, name: string, rounds: number) {
  const child = spawn(process.execPath, [support('database-worker.ts'), url, name, String(rounds)], { env });
  let out = '';
  let err = '';
  child.stdout.on('data', chunk => {
    out += chunk;
  });
  child.stderr.on('data', chunk => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`a worker failed: ${err}`);
  return JSON.parse(out) as { written: number; transactions: number; reads: number; failures: string[] };
}

onBothEngines('processes on one store', engine => {
  const processes = engine.name === 'sqlite' ? 8 : times(4, 8);

  it(`${processes} of them lose nothing and meet no busy error in ${ROUNDS} rounds of each`, {
    timeout: 600_000,
  }, async () => {
    // Nobody has opened the store before: the processes also race to migrate it.
    const url = await engine.newUrl();
    const results = await Promise.all(
      Array.from({ length: processes }, (_, n) => work(url, `p${n}`, ROUNDS)),
    );
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    const store = await engine.open({ url });
    const notes = await store.repositories.notes.findMany();
    const written = results.reduce((sum, result) => sum + result.written, 0);
    expect(notes.filter(({ key }) => /^p\d/.test(key))).toHaveLength(written);
    if (engine.name === 'sqlite') {
      // SQLite has one writer at a time, so reading before writing is safe there.
      const transactions = results.reduce((sum, result) => sum + result.transactions, 0);
      expect(Number(await store.note('counter'))).toBe(transactions);
    }
    // Each process got its turns, at reading too.
    expect(Math.min(...results.map(({ reads }) => reads))).toBeGreaterThan(0);
  });
});

describe('kill -9 in the middle of a bulk write', () => {
  const folder = temporaryFolder();
  it(`leaves an intact store with whole transactions, ${KILLS} times`, {
    timeout: 300_000 + KILLS * 5_000,
  }, async () => {
    const path = join(folder.path(), 'store.db');
    const url = `file:${path}`;
    let commits = 0;
    for (let n = 0; n < KILLS; n++) {
      const child = spawn(process.execPath, [support('database-killed.ts'), url], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      // The first one lives to see a commit, however slow the machine is.
      if (n === 0) await once(child.stdout, 'data');
      await sleep(100 + Math.random() * 400);
      child.kill('SIGKILL');
      await once(child, 'close');

      const found = await withConnection(path, connection => ({
        integrity: connection.pragma('integrity_check', { simple: true }),
        halves: connection
          .prepare('SELECT seq, count(*) AS n FROM state_snapshots GROUP BY seq HAVING n <> 2000')
          .all(),
        lonely: connection
          .prepare(
            'SELECT seq FROM commits WHERE changes <> 2000 OR seq NOT IN (SELECT seq FROM state_snapshots)',
          )
          .all(),
        names: connection.prepare('SELECT count(DISTINCT name) FROM vms').pluck().get(),
        last: connection
          .prepare("SELECT 'at-' || max(seq) = (SELECT max(name) FROM vms LIMIT 1) FROM commits")
          .pluck()
          .get(),
        commits: connection.prepare('SELECT count(*) FROM commits').pluck().get() as number,
      }));
      expect(found).toMatchObject({ integrity: 'ok', halves: [], lonely: [] });
      expect(found.names).toBeLessThanOrEqual(1);
      if (found.commits > 0) expect(found.last).toBe(1);
      commits = found.commits;

      const store = await openStore({ url, packageRoot });
      // The dead process's lease runs out by itself; here nobody waits for it.
      await store.transaction(tx => tx.notes.upsertMany([{ key: 'alive', value: String(n) }]));
      await withConnection(path, connection => void connection.exec('UPDATE lease SET expires_at = 0'));
      await store.close();
    }
    expect(commits).toBeGreaterThan(0);
  });
});

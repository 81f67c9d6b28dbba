import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../../src/database/sqlite/connection.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { times } from '../../support/soak.ts';

/** Runs kept, and after how many of them the older ones go. */
const KEPT = 500;
const TRIMMED_EVERY = 50;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ discovered: true, guests: 5 });
});
afterAll(() => lab.close());

async function idle(times: number): Promise<void> {
  for (let refresh = 0; refresh < times; refresh++) {
    lab.sim.clock.advance(30_000);
    await lab.discover({ facets: ['inventory'] });
  }
}

/** So many runs more like the last one, as if they had been: hundreds of refreshes cost ten seconds. */
const likeTheLast = (runs: number) =>
  withConnection(join(lab.folder, 'store.db'), connection => {
    const columns = 'started_at, finished_at, status, facets, api_calls, counts, unseen, warnings, error';
    const copy = `
      INSERT INTO discovery_runs (${columns}) SELECT ${columns} FROM discovery_runs ORDER BY id DESC LIMIT 1;
      INSERT INTO commits (run_id, facet, at, observed_at, complete, changes)
        SELECT run_id + 1, facet, at, observed_at, complete, changes
        FROM commits WHERE run_id = (SELECT max(id) - 1 FROM discovery_runs);`;
    connection.exec(`BEGIN IMMEDIATE; ${copy.repeat(runs)} COMMIT`);
  });

/** What the store's file holds, free pages apart. */
const contents = () =>
  withConnection(join(lab.folder, 'store.db'), connection => {
    const one = (sql: string) => connection.prepare(sql).pluck().get() as number;
    return {
      runs: one('SELECT count(*) FROM discovery_runs'),
      commits: one('SELECT count(*) FROM commits'),
      pages: one('PRAGMA page_count') - one('PRAGMA freelist_count'),
      filePages: one('PRAGMA page_count'),
    };
  });

test('idle refreshes without end add no version, and no more to the file than the runs that are kept', async () => {
  const versions = await lab.store.countVersions({});
  // As many runs as there ever are: the next ones bring the first trimming.
  const most = KEPT + TRIMMED_EVERY - 2;
  const copied = times(most - (TRIMMED_EVERY - 2), 0);
  await idle(most - copied - 1);
  await likeTheLast(copied);
  await idle(1);
  const full = await contents();
  const further = times(2, 10) * TRIMMED_EVERY + 2;
  await idle(further);
  const later = await contents();
  expect(await lab.store.countVersions({})).toBe(versions);
  expect((await lab.store.lastRun())!.id).toBeGreaterThan(most + further);
  expect(later.runs).toBeLessThan(KEPT + TRIMMED_EVERY);
  expect(later.runs).toBeGreaterThan(KEPT - TRIMMED_EVERY);
  // Inventory and tasks are committed by each run.
  expect(later.commits).toBeLessThan(2 * (KEPT + TRIMMED_EVERY));
  expect(full.runs).toBe(most + 1);
  expect(later.pages).toBeLessThanOrEqual(full.pages);
  // Pages let go are taken again, if not always the same.
  expect(later.filePages).toBeLessThanOrEqual(full.filePages * 1.05);
});

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DatabaseStore, openStore } from '../../../src/database/index.ts';
import { UnseenReader } from '../../../src/discovery/common/unseen.ts';
import { readFreshness } from '../../../src/discovery/schedule/read-freshness.ts';
import type { Facet } from '../../../src/model/facet.ts';
import { ourTime } from '../../../src/model/time.ts';
import { packageRoot, temporaryFolder } from '../../support/database-engine.ts';
import { startWriting } from '../../support/database-fixtures.ts';

const folder = temporaryFolder();
let stores = 0;
let store: DatabaseStore;
beforeEach(async () => {
  const url = `file:${join(folder.path(), `${stores++}.db`)}`;
  store = await openStore({ url, packageRoot, autoMigrate: true });
});
afterEach(() => store.close());

/** What an answer from these facets rests on, where they were read at these moments. */
async function freshness(read: Partial<Record<Facet, number>>, facets: Facet[], failure: unknown = null) {
  const { lease, runId } = await startWriting(store);
  for (const [facet, observedAt] of Object.entries(read) as [Facet, number][])
    await store.commitFacet(
      lease,
      { runId, facet, observedAt: ourTime(observedAt), complete: true },
      async () => {},
    );
  return readFreshness(new UnseenReader(store), new Set(facets), await store.lastCommits(facets), failure);
}

test('an answer is as old as each of its facets, and live where nothing failed', async () => {
  expect(await freshness({ inventory: 100, config: 50 }, ['inventory', 'config', 'tasks'])).toEqual({
    asOf: { inventory: 100, config: 50, tasks: null },
    ...{ source: 'live', stale: null, unseen: [] },
  });
});

// A first reading of the configurations that ended early made none of them young.
test('a facet whose age is zero counts as never read', async () => {
  expect(await freshness({ config: 0 }, ['config'])).toMatchObject({
    asOf: { config: null },
    source: 'live',
  });
});

test('after a failure the store answers, as old as its oldest facet', async () => {
  const failure = new Error('no API');
  expect(
    await freshness(
      { inventory: 100, config: 50, storage: 70 },
      ['inventory', 'config', 'storage', 'tasks'],
      failure,
    ),
  ).toMatchObject({
    source: 'store',
    stale: {
      since: 50,
      reason: { code: 'failed', error: 'unexpected', text: expect.stringContaining('no API') },
    },
  });
  expect(await freshness({}, [], failure)).toMatchObject({ source: 'store', stale: { since: null } });
});

test('after a failure a store that knows nothing of what is asked answers nothing', async () => {
  const failure = new Error('no API');
  for (const facets of [['inventory'], ['inventory', 'tasks']] as Facet[][])
    await expect(freshness({}, facets, failure)).rejects.toBe(failure);
});

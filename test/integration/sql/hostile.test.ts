import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FACETS } from '../../../src/model/facet.ts';
import { checkQuery } from '../../../src/sql/check.ts';
import { BOUNDED, REFUSED, STOPPED } from '../../support/hostile-sql.ts';
import { SOAK } from '../../support/soak.ts';
import { onBothStores } from '../../support/sql-labs.ts';

const prepare = async (lab: Parameters<Parameters<typeof onBothStores>[1]['prepare']>[0]) => {
  await lab.discover({ facets: [...FACETS], deep: true });
};

onBothStores('hostile statements', { guests: 60, prepare }, (lab, engine) => {
  /** What a statement could have moved. */
  const traces = async () => ({
    files: (await readdir(lab().folder)).filter(name => !/-(?:wal|shm)$/.test(name)).sort(),
    nodes: await lab().store.nodes(),
    guests: await lab().store.guests('vm'),
    newest: await lab().store.lastCommit(),
    seals: await lab().store.note('store: key of seals'),
  });

  test('refuses every one before anything is read', async () => {
    expect(REFUSED.length).toBeGreaterThan(60);
    const before = await traces();
    const asked = lab().sim.requests.count();
    for (const [what, sql] of REFUSED) {
      const result = await lab().runner.run('query_sql', { sql, max_age_seconds: 0 });
      expect(result.isError, what).toBe(true);
    }
    expect(lab().sim.requests.count()).toBe(asked);
    expect(await traces()).toEqual(before);
  });

  // Every second one on PostgreSQL, which itself ends what takes too long; all in the soak.
  test.each(
    STOPPED.filter((_, at) => SOAK || engine === 'sqlite' || at % 2 === 0),
  )('stops %s, and answers others meanwhile', async (_, sql) => {
    let stopped = false;
    const query = lab()
      .store.query(checkQuery(sql), { limit: 10, given: {}, now: 0, withinMs: 400 })
      .finally(() => {
        stopped = true;
      });
    const outcome = expect(query).rejects.toMatchObject({ code: 'query-limit' });
    await lab().call('list_vms', { max_age_seconds: 3_600 });
    expect(stopped).toBe(false);
    await outcome;
    expect((await lab().call('query_sql', { sql: 'select count(*) from guests' })).rows).toEqual([[60]]);
  });

  test.each(BOUNDED)('bounds the answer to %s', async (_, sql) => {
    const result = await lab().runner.run('query_sql', { sql, limit: 1_000 });
    expect(result.isError).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(result.structuredContent))).toBeLessThanOrEqual(20_000);
  });

  test('lets no statement wait for its turn beyond its time', async () => {
    const [, sql] = STOPPED[0]!;
    const queries = Array.from({ length: 6 }, () =>
      lab().store.query(checkQuery(sql), { limit: 10, given: {}, now: 0, withinMs: 500 }),
    );
    const outcomes = await Promise.allSettled(queries);
    expect(outcomes.map(outcome => outcome.status)).toEqual(Array(6).fill('rejected'));
    expect(await lab().call('query_sql', { sql: 'select 1 as one' })).toMatchObject({ rows: [[1]] });
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDay } from '../../../src/simulator/day.ts';
import { brokenChains, differencesFromTruth } from '../../support/compare-truth.ts';
import { type PostgresServer, startPostgres } from '../../support/database-postgres.ts';
import { startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

// Kills the idea that what holds on SQLite holds on PostgreSQL: integers, times and JSON are its own.
test('a day is recorded on PostgreSQL as it happened, and told', async () => {
  const lab = await startLab({ guests: 20, databaseUrl: await server.createStore() });
  try {
    await lab.discover();
    await runDay(lab.sim, {
      ...(!SOAK && { until: '13:00' }),
      onStep: async () => {
        lab.sim.clock.advance(60_000);
        await lab.discover();
      },
    });
    await lab.discover({ deep: true });
    expect(await differencesFromTruth(lab.store, lab.sim)).toEqual([]);
    expect(await brokenChains(lab.store)).toEqual([]);
    const diff = await lab.call('diff_state', { from: 'run:1' });
    expect(diff.total).toBeGreaterThan(10);
    const [change] = diff.changes;
    const history = await lab.call('show_history', { resource: change!.resource });
    expect(history.history.some((entry: { resource: string }) => entry.resource === change!.resource)).toBe(
      true,
    );
    expect((await lab.call('list_vms', { at: 'run:1' })).total).toBeGreaterThan(0);
    await expect(lab.call('show_history', { resource: 'vm/999' })).rejects.toThrow('vm/999');
    await expect(lab.call('diff_state', { from: 'seq~zzzzzzzzz' })).rejects.toThrow('another store');
  } finally {
    await lab.close();
  }
});

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DatabaseStore, openStore } from '../../../src/database/index.ts';
import { createDiscovery, type Discovery } from '../../../src/discovery/index.ts';
import { noLog } from '../../../src/log.ts';
import { FACETS } from '../../../src/model/facet.ts';
import { changeSomething, expectHealed, expectNothingFalse, whenAsked } from '../../support/after-fault.ts';
import { type Lab, PACKAGE_ROOT, startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';

const HOUR = 3_600_000;
let lab: Lab;
let other: { store: DatabaseStore; discovery: Discovery };

beforeEach(async () => {
  lab = await startLab({ discovered: true, guests: 16 });
  lab.sim.clock.advance(60_000);
  const now = () => lab.sim.clock.now();
  const url = `file:${join(lab.folder, 'store.db')}`;
  const store = await openStore({ url, packageRoot: PACKAGE_ROOT, now });
  const discovery = createDiscovery({ store, client: lab.client, log: noLog, configMaxAgeMs: 300_000, now });
  other = { store, discovery };
});
afterEach(async () => {
  await other.discovery.close();
  await other.store.close();
  await lab.close();
});

/** What a sleep of the machine does to a lease on SQLite: its end is past, by the clock that judges it. */
function expire(): void {
  const database = new Database(join(lab.folder, 'store.db'));
  database.pragma('busy_timeout = 5000');
  database.prepare('UPDATE lease SET expires_at = 1').run();
  database.close();
}

const everything = { facets: new Set(FACETS), guests: new Set<string>(), deep: true };
const asked = SOAK ? [1, 3, 6, 12, 24, 40] : [1, 6, 24];

describe.each(asked)('after %i requests', calls => {
  // Kills: "the lease is gone" as an answer, and what was read before the sleep as if it were true after it.
  test('the machine sleeps: the caller sees what is true when it wakes', async () => {
    changeSomething(lab, calls);
    const run = lab.discover({ deep: true });
    await whenAsked(lab, calls, () => {
      lab.sim.clock.advance(HOUR);
      changeSomething(lab, calls + 1);
      expire();
    });
    expect(await run).toMatchObject({ status: 'completed', error: null });
    await expectNothingFalse(lab);
    const answer = await lab.call('list_vms');
    expect(answer).toMatchObject({ source: 'live' });
    expect(answer.stale).toBeUndefined();
    await expectHealed(lab);
  });

  test('another process takes over, and both callers are answered', async () => {
    changeSomething(lab, calls);
    const mine = lab.call('diff_state', { from: '1h', max_age_seconds: 0 });
    let theirs: Promise<unknown> = Promise.resolve();
    await whenAsked(lab, Math.min(calls, 6), async () => {
      expire();
      theirs = other.discovery.discover(everything);
      await new Promise(resolve => setTimeout(resolve, calls * 5));
    });
    const [answer] = await Promise.all([mine, theirs]);
    expect(answer).toMatchObject({ source: 'live' });
    expect(answer.stale).toBeUndefined();
    expect(answer.total).toBeGreaterThan(0);
    await expectNothingFalse(lab);
    await expectHealed(lab);
  });
});

// Kills: starting over for ever while another process takes the lease again and again.
test('a lease that is lost each time ends with what failed', async () => {
  const thief = setInterval(expire, 1);
  try {
    await expect(lab.discover({ deep: true })).rejects.toThrow('lease');
  } finally {
    clearInterval(thief);
  }
  await expectHealed(lab);
});

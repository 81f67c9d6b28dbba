import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import { recallClock } from '../../../src/discovery/common/clock.ts';
import { packageRoot, temporaryFolder } from '../../support/database-engine.ts';

const folder = temporaryFolder();
let stores = 0;

/** What a run recalls that finds this offset in the store of the last one, and that note after it. */
async function recall(former: string | null, offset: number) {
  const url = `file:${join(folder.path(), `${stores++}.db`)}`;
  const store = await openStore({ url, packageRoot, autoMigrate: true });
  try {
    if (former !== null) await store.saveNote('clock-offset', former);
    const clock = await recallClock({ store, clockOffset: () => offset });
    await clock.remember();
    return { ...clock, note: await store.note('clock-offset') };
  } finally {
    await store.close();
  }
}

test.each([
  ['0', 29_999, true],
  ['0', 30_000, false],
  ['-15000', 15_000, false],
  ['-15000', 14_999, true],
  [null, 3_600_000, true],
])('from %s to %i the clocks went on together: %s', async (former, offset, steady) => {
  expect((await recall(former, offset)).steady).toBe(steady);
});

test('a moment is read by the offset of then', async () => {
  expect((await recall('5000', 90_000)).recorded(1_000_000)).toBe(1_005_000);
  expect((await recall(null, 90_000)).recorded(1_000_000)).toBe(1_090_000);
});

test.each([
  [null, 0.4, '0'],
  ['0', 1_999, '0'],
  ['0', -2_000.4, '-2000'],
])('from %s to %i, %s is kept', async (former, offset, kept) => {
  expect((await recall(former, offset)).note).toBe(kept);
});

import { describe, expect, test } from 'vitest';
import { age, clusterTime, recallClock } from '../../src/discovery/clock.ts';
import type { Store } from '../../src/model/store.ts';

test('what seems to lie in the future is as good as old', () => {
  expect([age(10, 15), age(15, 15), age(16, 15)]).toEqual([5, 0, Number.POSITIVE_INFINITY]);
});

test('an offset is added where it is more than noise, in whole milliseconds', () => {
  const at = (offset: number) => clusterTime({ clockOffset: () => offset }, 1_000_000);
  expect([at(1_999), at(-1_999), at(2_000), at(-2_000.6)]).toEqual([
    1_000_000, 1_000_000, 1_002_000, 997_999,
  ]);
});

describe('what the last run tells of the clocks', () => {
  /** A store that remembers one note. */
  const recall = async (note: string | null, offset: number) => {
    const saved: string[] = [];
    const store = {
      note: async () => note,
      saveNote: async (_: string, text: string) => {
        saved.push(text);
      },
    } as unknown as Store;
    return { saved, ...(await recallClock({ store, clockOffset: () => offset })) };
  };

  test.each([
    ['0', 29_999, true],
    ['0', 30_000, false],
    ['-15000', 15_000, false],
    ['-15000', 14_999, true],
    [null, 3_600_000, true],
  ])('from %s to %i they went on together: %s', async (note, offset, steady) =>
    expect((await recall(note, offset)).steady).toBe(steady));

  test('a moment is read by the offset of then', async () => {
    expect((await recall('5000', 90_000)).recorded(1_000_000)).toBe(1_005_000);
    expect((await recall(null, 90_000)).recorded(1_000_000)).toBe(1_090_000);
  });

  test.each([
    [null, 0.4, ['0']],
    ['0', 1_999, []],
    ['0', -2_000.4, ['-2000']],
  ])('from %s to %i %j is kept', async (note, offset, kept) => {
    const clock = await recall(note, offset);
    await clock.remember();
    expect(clock.saved).toEqual(kept);
  });
});

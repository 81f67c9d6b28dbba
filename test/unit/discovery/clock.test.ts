import { expect, test } from 'vitest';
import { age, lookedAt, recallClock } from '../../../src/discovery/common/clock.ts';
import { clusterTime, ourTime, toClusterTime } from '../../../src/model/time.ts';

test('what seems to lie in the future is as good as old', () => {
  expect([age(10, 15), age(15, 15), age(16, 15)]).toEqual([5, 0, Number.POSITIVE_INFINITY]);
});

test('an offset is added where it is more than noise, in whole milliseconds', () => {
  const at = (offset: number) => toClusterTime(ourTime(1_000_000), offset);
  expect([at(1_999), at(-1_999), at(2_000), at(-2_000.6)]).toEqual([
    1_000_000, 1_000_000, 1_002_000, 997_999,
  ]);
});

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
/** What a run recalls that finds the former offset in the store, and sees everything boot so much later than before. */
const recall = (
  former: number | null,
  offset: number,
  later: readonly number[] = [],
  elapsed = (former ?? offset) - offset + 60_000,
) => {
  const boots = later.map(by => ({ was: ourTime(NOW - 9 * HOUR), is: ourTime(NOW - 9 * HOUR + by) }));
  return recallClock(former, { clockOffset: () => offset }, { boots, elapsed });
};

test.each<[number | null, number, boolean]>([
  [0, 29_999, true],
  [0, 30_000, false],
  [-15_000, 15_000, false],
  [-15_000, 14_999, true],
  [null, HOUR, true],
])('from %s to %i the clocks went on together: %s', (former, offset, steady) => {
  expect(recall(former, offset)).toMatchObject({ steady, redateBy: 0 });
});

test('a moment is read by the offset of then, and by both where a clock was set', () => {
  expect(recall(5_000, 90_000, [], 60_000).recorded(ourTime(1_000_000))).toBe(1_005_000);
  expect(recall(null, 90_000).recorded(ourTime(1_000_000))).toBe(1_090_000);
  expect(recall(5_000, 90_000, [], 60_000).bounds(ourTime(1_000_000))).toEqual([1_005_000, 1_090_000]);
});

// Kills: telling whose clock was set by one thing that runs, which may have been started anew just then.
test.each<[string, number, number, number[], number]>([
  ['ours went ahead', 0, -2 * HOUR, [2 * HOUR, 2 * HOUR - 9_000, 2 * HOUR + 9_000], 2 * HOUR],
  ['ours went ahead, and one was restarted', 0, -2 * HOUR, [2 * HOUR, 2 * HOUR, 11 * HOUR], 2 * HOUR],
  ['ours went back', -2 * HOUR, 0, [-2 * HOUR, -2 * HOUR], -2 * HOUR],
  ['ours went ahead by little', 0, -40_000, [40_000, 52_000, 28_000], 40_000],
  // Kills: moments that seem to lie in the future taken for none, since nothing that runs told whose clock went back.
  ['ours went back, and nothing that runs tells', -2 * HOUR, 0, [], -2 * HOUR],
  ['ours went back, and all was restarted', -2 * HOUR, 0, [9 * HOUR, 9 * HOUR], -2 * HOUR],
  ["the cluster's went back, and one was restarted", 0, -2 * HOUR, [0, 0, 2 * HOUR], 0],
  ['nobody can tell', 0, -2 * HOUR, [], 0],
  ['all was restarted', 0, -2 * HOUR, [9 * HOUR, 9 * HOUR], 0],
])('which clock was set: $0', (_, former, offset, later, redateBy) => {
  const clock = recall(former, offset, later);
  expect(clock).toMatchObject({ redateBy, steady: redateBy !== 0 });
  if (redateBy === 0) return;
  // A moment that is moved along means the same in the cluster's time.
  expect(clock.recorded(ourTime(NOW + redateBy))).toBe(NOW + former);
  expect(clock.bounds(ourTime(NOW + redateBy))).toContain(NOW + former);
  expect(clock.looked({ at: clusterTime(NOW + 2 * HOUR), observedAt: ourTime(NOW) })).toBe(NOW + former);
});

test.each<number[][]>([
  [[0, 9_000, -9_000]],
  [[]],
])("the cluster's clock went ahead, and ours on: %j", later => {
  expect(recall(0, 2 * HOUR, later, 60_000)).toMatchObject({ redateBy: 0, steady: false });
});

test('our clock did not go ahead by more than has passed by it', () => {
  expect(recall(0, -2 * HOUR, [2 * HOUR], 2 * HOUR).redateBy).toBe(2 * HOUR);
  expect(recall(0, -2 * HOUR, [2 * HOUR], HOUR).redateBy).toBe(0);
});

test('no look was after its commit', () => {
  expect(lookedAt(0, { at: clusterTime(NOW), observedAt: ourTime(NOW + HOUR) })).toBe(NOW);
  expect(lookedAt(-HOUR, { at: clusterTime(NOW + 5_000), observedAt: ourTime(NOW + HOUR) })).toBe(NOW);
  expect(lookedAt(null, { at: clusterTime(NOW), observedAt: ourTime(NOW - 5_000) })).toBe(NOW - 5_000);
});

test.each<[number | null, number, string | null]>([
  [null, 0.4, '0'],
  [0, 1_999, null],
  [0, -2_000.4, '-2000'],
])('from %s to %i, %s is kept', async (former, offset, kept) => {
  const saved: string[] = [];
  await recall(former, offset).remember({ saveNote: async (_, value) => void saved.push(value) });
  expect(saved).toEqual(kept === null ? [] : [kept]);
});

import { expect, test } from 'vitest';
import { age, clusterTime } from '../../../src/discovery/common/clock.ts';

test('what seems to lie in the future is as good as old', () => {
  expect([age(10, 15), age(15, 15), age(16, 15)]).toEqual([5, 0, Number.POSITIVE_INFINITY]);
});

test('an offset is added where it is more than noise, in whole milliseconds', () => {
  const at = (offset: number) => clusterTime({ clockOffset: () => offset }, 1_000_000);
  expect([at(1_999), at(-1_999), at(2_000), at(-2_000.6)]).toEqual([
    1_000_000, 1_000_000, 1_002_000, 997_999,
  ]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UsageRow } from '../../../src/pages/facts.ts';
import { chartOf } from '../../../src/pages/usage/chart.ts';
import { figure, placeOf, untilText } from '../../../src/pages/usage/words.ts';

const START = Date.UTC(2026, 10, 20);
const row = (values: (number | null)[], rest: Partial<UsageRow> = {}): UsageRow => ({
  resource: 'storage/nas',
  metric: 'storage',
  unit: 'GiB',
  min: 1,
  median: 2,
  p95: 3,
  max: 4,
  points: values.map((value, at) => [new Date(START + at * 3_600_000).toISOString(), value]),
  ...rest,
});

test('a gap is a gap: no line leads over it, and no value is lost or made up', () => {
  const values = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })), {
    minLength: 2,
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      values,
      fc.option(fc.double({ min: 1, max: 1e6, noNaN: true }), { nil: undefined }),
      (given, capacity) => {
        const chart = chartOf(row(given, capacity === undefined ? {} : { capacity }))!;
        expect(chart.runs.flat().map(({ value }) => value)).toEqual(given.filter(value => value !== null));
        const gaps = given.filter(
          (value, at) => value !== null && (at === 0 || given[at - 1] === null),
        ).length;
        expect(chart.runs).toHaveLength(gaps);
        for (const { x, value } of chart.runs.flat()) {
          expect(x >= 0 && x <= 1).toBe(true);
          expect(value).toBeLessThanOrEqual(chart.top);
        }
      },
    ),
  );
  expect(chartOf(row([])), 'letters must do').toBeNull();
  expect(chartOf(row([0, 0], { max: 0 }))!.top).toBe(1);
  expect(chartOf(row([20, 40], { unit: '%', max: 40 }))!.top, 'of all CPUs').toBe(100);
});

test('no day is told that the answer does not tell', () => {
  expect(untilText(row([1]))).toBeNull();
  expect(untilText(row([1], { until_full: { why: 'cannot be told: it does not grow' } }))).toEqual({
    text: 'cannot be told: it does not grow',
    soon: false,
  });
  const full = { at: '2027-01-03', earliest: '2026-12-20' };
  expect(untilText(row([1], { until_full: full }))?.text).toBe(
    'Full about 2027-01-03 (2026-12-20 at the earliest)',
  );
  expect(untilText(row([1], { until_full: { ...full, latest: '2027-02-01' } }))?.text).toBe(
    'Full about 2027-01-03 (between 2026-12-20 and 2027-02-01)',
  );
});

test('figures are read easily, and each storage of its node is told apart', () => {
  expect([
    figure(12_000, 'GiB'),
    figure(1234.5678, '%'),
    figure(0.25, 'MiB/s'),
    figure(undefined, '%'),
  ]).toEqual(['12,000 GiB', '1,234.5678 %', '0.25 MiB/s', '–']);
  expect(placeOf(row([], { node: 'pve1' }))).toBe(' on pve1');
  expect(placeOf(row([], { resource: 'vm/1', name: 'web', node: 'pve1' }))).toBe(' web');
});

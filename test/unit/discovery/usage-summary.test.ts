import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarise } from '../../../src/discovery/usage/summarise.ts';
import type { UsageRow } from '../../../src/proxmox/index.ts';
import { propertyRuns } from '../../support/soak.ts';

const END = 1_795_154_400;
const GIB = 1024 ** 3;

/** Rows up to the end, each so many seconds, with a value or a gap. */
function rowsOf(values: readonly (number | null)[], step: number): UsageRow[] {
  return values.map((value, index) => {
    const time = END - (values.length - 1 - index) * step;
    return value === null ? { time } : { time, used: value * GIB, total: 100 * GIB };
  });
}

const series = fc.record({
  values: fc.array(fc.option(fc.integer({ min: 1, max: 100 }), { nil: null }), {
    minLength: 2,
    maxLength: 400,
  }),
  step: fc.constantFrom(60, 1800, 21_600, 604_800),
});

describe('what rows of a round robin database come to', () => {
  test('are the numbers of what was recorded: a gap is a gap, never a zero', () => {
    fc.assert(
      fc.property(series, ({ values, step }) => {
        const facts = summarise(rowsOf(values, step), 'storage', null)!;
        const known = values.filter(value => value !== null).sort((a, b) => a - b);
        const summary = facts.metrics.storage;
        expect(summary === undefined).toBe(known.length === 0);
        if (summary === undefined) return;
        expect(summary.min / GIB).toBeCloseTo(known[0]!, 3);
        expect(summary.max / GIB).toBeCloseTo(known.at(-1)!, 3);
        expect(summary.median / GIB).toBeCloseTo(known[Math.ceil(known.length / 2) - 1]!, 3);
        expect(summary.points.length).toBeLessThanOrEqual(60);
        for (const point of summary.points) if (point !== null) expect(point / GIB).toBeGreaterThan(0.99);
        const each = facts.everyMs / facts.stepMs;
        const groups = summary.points.map((_, index) => {
          const last = values.length - (summary.points.length - 1 - index) * each;
          return values.slice(Math.max(0, last - each), Math.max(0, last));
        });
        for (const [index, group] of groups.entries())
          expect(summary.points[index] === null, JSON.stringify(group)).toBe(
            group.every(value => value === null),
          );
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  test('tells of each gap from when until when, also of one too short to be a point', () => {
    const [gap, rows] = [null, Array<number | null>(1440).fill(5)];
    rows.splice(0, 10, ...Array(10).fill(gap));
    rows.splice(700, 5, ...Array(5).fill(gap));
    rows.splice(1400, 1, gap);
    const at = (index: number) => (END - (1439 - index) * 60) * 1000;
    const { gaps, points } = summarise(rowsOf(rows, 60), 'storage', null)!.metrics.storage!;
    expect(points.slice(1)).not.toContain(null);
    expect(gaps).toEqual([
      { from: at(699), to: at(704) },
      { from: at(1399), to: at(1400) },
    ]);
    const ended = rowsOf([5, 5, ...Array(8).fill(gap)], 60);
    expect(summarise(ended, 'storage', null)!.metrics.storage!.gaps).toEqual([
      { from: (END - 8 * 60) * 1000, to: END * 1000 },
    ]);
    const many = Array.from({ length: 400 }, (_, index) => (index % 3 === 0 ? gap : 5));
    expect(summarise(rowsOf(many, 60), 'storage', null)!.metrics.storage!.gaps.length).toBe(10);
  });

  test('what was recorded before a guest was created is none of its usage', () => {
    const rows = rowsOf(
      Array.from({ length: 60 }, (_, index) => (index < 30 ? 90 : 10)),
      60,
    );
    const { metrics, from, everyMs } = summarise(rows, 'storage', (END - 30 * 60) * 1000)!;
    expect(metrics.storage!.max / GIB).toBeCloseTo(10);
    expect(metrics.storage!.points.slice(0, 30)).toEqual(Array(30).fill(null));
    expect(from + 60 * everyMs).toBe(END * 1000);
    expect(summarise(rows, 'storage', (END + 60) * 1000)!.metrics).toEqual({});
  });

  test('rows of the old files before those of the new ones, reaching into them, are read as one', () => {
    const old = rowsOf(Array(50).fill(20), 43_200).map(row => ({ ...row, time: row.time - 10 * 86_400 }));
    const facts = summarise([...old, ...rowsOf(Array(480).fill(40), 1800)], 'storage', null)!;
    expect(facts.stepMs).toBe(1_800_000);
    expect(facts.metrics.storage!.points.length).toBeLessThanOrEqual(60);
    expect(facts.metrics.storage!.min / GIB).toBeCloseTo(20);
    expect(facts.metrics.storage!.now! / GIB).toBeCloseTo(40);
  });

  test('a storage that was enlarged has its capacity since then', () => {
    const rows = rowsOf(Array(60).fill(30), 1800).map((row, index) => ({
      ...row,
      total: (index < 20 ? 50 : 100) * GIB,
    }));
    const { capacity, capacitySince } = summarise(rows, 'storage', null)!.metrics.storage!;
    expect(capacity).toBe(100 * GIB);
    expect(capacitySince).toBe((END - 40 * 1800) * 1000);
  });

  test('the newest value is one of the newest rows, or none', () => {
    expect(summarise(rowsOf([5, 6, 7, null, null], 60), 'storage', null)!.metrics.storage!.now).toBe(7 * GIB);
    expect(summarise(rowsOf([5, 6, null, null, null], 60), 'storage', null)!.metrics.storage!.now).toBeNull();
  });

  test('no rows, one row, or rows of one time tell nothing', () => {
    for (const rows of [[], rowsOf([5], 60), [...rowsOf([5], 60), ...rowsOf([6], 60)]])
      expect(summarise(rows, 'storage', null)).toBeNull();
  });
});

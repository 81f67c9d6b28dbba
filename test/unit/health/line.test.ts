import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineOf, type Sample, type UntilFull, untilFull } from '../../../src/health/line.ts';
import { propertyRuns } from '../../support/soak.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 28);
const CAPACITY = 1_000;

/** Looks at a value over so many days up to now, in equal steps. */
function watched(value: (day: number) => number, { days = 30, looks = 60 } = {}): Sample[] {
  return Array.from({ length: looks }, (_, index) => {
    const day = (index * days) / (looks - 1);
    return { at: NOW - (days - day) * DAY, value: value(day) };
  });
}

const noises = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 });
const kept = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 });
const noiseAt = (noise: readonly number[], day: number, days: number) =>
  noise[Math.round((day / days) * 59)] ?? 0;
const dated = (full: UntilFull) => ('why' in full ? null : full);
const runs = { numRuns: propertyRuns(150) };

describe('a date that something is full', () => {
  test('is told of steady growth under noise, and the true one lies within its spread', () => {
    const growing = fc.record({
      start: fc.integer({ min: 50, max: 400 }),
      perDay: fc.double({ min: 4, max: 15, noNaN: true }),
      noise: noises,
      share: fc.double({ min: 0, max: 1.5, noNaN: true }),
    });
    fc.assert(
      fc.property(growing, ({ start, perDay, noise, share }) => {
        const days = 30;
        const looks = watched(day => start + perDay * day + noiseAt(noise, day, days) * perDay * share);
        const truth = NOW + ((CAPACITY - start - perDay * days) / perDay) * DAY;
        fc.pre(truth > NOW + DAY && truth < NOW + 170 * DAY);
        const full = dated(untilFull(looks, CAPACITY))!;
        expect(full.earliest).toBeLessThanOrEqual(Math.ceil(truth));
        expect(full.latest ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(Math.floor(truth));
        expect(full.at).toBeGreaterThanOrEqual(full.earliest);
        expect(full.at).toBeLessThanOrEqual(full.latest ?? Number.POSITIVE_INFINITY);
      }),
      runs,
    );
  });

  test('does not hang on where the gaps are', () => {
    fc.assert(
      fc.property(fc.double({ min: 4, max: 15, noNaN: true }), kept, (perDay, isKept) => {
        const all = watched(day => 300 + perDay * day);
        const some = all.filter((_, index) => isKept[index] || index === 0 || index > 50);
        fc.pre(some.length >= 20);
        const [whole, gappy] = [untilFull(all, CAPACITY), untilFull(some, CAPACITY)];
        expect(Object.keys(gappy)).toEqual(Object.keys(whole));
        if ('at' in whole && 'at' in gappy) expect(Math.abs(whole.at - gappy.at)).toBeLessThan(60_000);
      }),
      runs,
    );
  });

  test('is never told of what does not grow, whatever the noise', () => {
    const still = fc.record({
      perDay: fc.double({ min: -10, max: 0, noNaN: true }),
      noise: noises,
      size: fc.double({ min: 0, max: 200, noNaN: true }),
      looks: fc.integer({ min: 0, max: 60 }),
      days: fc.double({ min: 0.1, max: 400, noNaN: true }),
      isKept: kept,
    });
    fc.assert(
      fc.property(still, ({ perDay, noise, size, looks, days, isKept }) => {
        const series = watched(day => 500 + (perDay * day) / days + noiseAt(noise, day, days) * size, {
          days,
          looks,
        }).filter((_, index) => isKept[index]);
        expect(untilFull(series, CAPACITY)).toHaveProperty('why');
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  test.each<[string, number, number, number]>([
    ['noise', 0, 50, 0.001],
    ['noise that hangs together', 0.9, 20, 0.01],
    ['a random walk', 1, 10, 0.06],
  ])('is hardly ever told of %s', (_, memory, size, share) => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
      return seed / 2 ** 32 - 0.5;
    };
    const dates = Array.from({ length: 1_000 }, () => {
      let level = 0;
      const series = watched(() => {
        level = memory * level + size * (random() + random() + random());
        return Math.min(990, Math.max(0, 500 + level));
      });
      return dated(untilFull(series, CAPACITY));
    });
    expect(dates.filter(Boolean).length / dates.length).toBeLessThanOrEqual(share);
  });

  test.each<[string, (day: number) => number, string, object?]>([
    ['an hour', day => 500 + day * 2_000, 'too-little', { days: 1 / 24 }],
    ['four days', day => 500 + day * 20, 'too-little', { days: 4 }],
    ['seven looks', day => 500 + day * 20, 'too-little', { looks: 7 }],
    ['one step up', day => (day > 20 ? 700 : 500), 'no-growth'],
    ['growth that ended', day => 500 + 15 * Math.min(day, 18), 'stopped'],
    ['a saw', day => 500 + 30 * (day % 7), 'not-steady'],
    ['a pendulum', day => 500 + 50 * Math.sin(day), 'not-steady'],
    ['what shrinks', day => 900 - 5 * day, 'no-growth'],
    ['what is full', day => 700 + 10 * day, 'full'],
    ['growth that takes years', day => 500 + day / 10, 'too-slow'],
  ])('cannot be told of %s', (_, value, why, how) => {
    const full = untilFull(watched(value, how), CAPACITY);
    expect(full).toHaveProperty('why');
    // Which of two reasons is named where both hold is no matter of truth.
    if (why !== 'not-steady') expect(full).toEqual({ why });
  });

  test('is open towards the end where growth has only just begun', () => {
    const looks = watched(day => 300 + Math.max(0, day - 12) * 20);
    const full = dated(untilFull(looks, CAPACITY));
    expect(full).toMatchObject({ latest: null });
    expect(full!.earliest).toBeLessThanOrEqual(NOW + 18 * DAY);
  });

  test('and every number beside it are numbers, whatever is put in', () => {
    const any = fc.record({
      samples: fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 4e12 }),
          value: fc.double({ min: 0, max: 2 ** 53, noNaN: true }),
        }),
        { maxLength: 40 },
      ),
      capacity: fc.double({ min: 0, max: 2 ** 53, noNaN: true }),
    });
    fc.assert(
      fc.property(any, ({ samples, capacity }) => {
        const sorted = samples.sort((a, b) => a.at - b.at);
        const full = dated(untilFull(sorted, capacity));
        for (const value of [...Object.values(lineOf(sorted) ?? {}), ...Object.values(full ?? {})])
          if (value !== null) expect(Number.isFinite(value)).toBe(true);
      }),
      runs,
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTime, parseMoment } from '../../../src/history/moment.ts';

const zones = ['UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'America/St_Johns', 'Africa/Monrovia'];
const edges = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 8.64e15, -8.64e15, 8.64e15 + 2],
  ...[Number.MAX_VALUE, Number.MIN_VALUE, -0, 0.5, 253_402_300_799_999, 253_402_300_800_000, 2 ** 63],
];

// Kills: a calendar that throws at what it does not reach.
test('every number has a text', () => {
  const numbers = fc.oneof(fc.constantFrom(...edges), fc.double(), fc.maxSafeInteger());
  fc.assert(
    fc.property(numbers, fc.constantFrom(...zones), (at, zone) => {
      expect(formatTime(at, zone)).toMatch(
        /^(?:[+-]?\d{4,6}-\d\d-\d\dT[\d:]+(?:Z|[+-][\d:]+)|no time \(.+\))$/,
      );
    }),
    { examples: edges.map(at => [at, 'Pacific/Kiritimati']) },
  );
});

// Kills: a moment that one engine's calendar does not reach.
test.each([
  '999999999h',
  '999999999w',
  '-271821-04-20T00:00Z',
  '+275760-09-13T00:00Z',
  '0001-01-01',
  '9999-12-31',
])('%s is a moment both engines can compare', text => {
  const moment = parseMoment(text, { now: Date.UTC(2026, 10, 20), timeZone: 'UTC', edge: 'end' });
  const { at } = moment as { at: number };
  expect(at).toBeGreaterThanOrEqual(0);
  expect(at).toBeLessThanOrEqual(253_402_300_799_999);
});

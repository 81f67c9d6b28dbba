import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Era,
  earliestShown,
  possibleDates,
  withReading,
} from '../../../src/discovery/common/node-eras.ts';
import { beganAt, endedAt, possibleStarts, type TaskClock } from '../../../src/discovery/tasks/dates.ts';
import { clusterTime, nodeTime } from '../../../src/model/time.ts';
import type { Upid } from '../../../src/model/upid.ts';
import { propertyRuns } from '../../support/soak.ts';

const SECOND = 1_000;
const BOOT = 1_700_000_000_000;
const OFFSETS = [0, 20_000, -20_000, 90_000, -90_000, 400_000, 3_600_000, -3_600_000];

/** A node whose clock is set once; it is read by chance, and its tasks last `readFor` seconds before the present look. */
const life = fc.record({
  was: fc.constantFrom(...OFFSETS),
  is: fc.constantFrom(...OFFSETS),
  setAt: fc.integer({ min: 1_000, max: 9_000 }),
  reads: fc.array(fc.integer({ min: 600, max: 9_990 }), { maxLength: 8 }),
  readFor: fc.integer({ min: 20, max: 8_000 }),
  started: fc.double({ min: 0, max: 1, noNaN: true }),
  ran: fc.integer({ min: 0, max: 400 }),
  lag: fc.integer({ min: 0, max: 12_000 }),
});
const PRESENT = BOOT + 10_000 * SECOND;

function stage({ was, is, setAt, reads, readFor, started, ran, lag }: ReturnType<typeof drawn>) {
  const at = (seconds: number) => BOOT + seconds * SECOND;
  const offset = (moment: number) => (moment < at(setAt) ? was : is);
  const node = (moment: number) => nodeTime(Math.floor((moment + offset(moment)) / SECOND) * SECOND);
  const read = [...reads, 500, 9_999].sort((a, b) => a - b).map(at);
  const eras = read.reduce<Era[]>(
    (sofar, moment) => withReading(sofar, offset(moment), clusterTime(moment)),
    [],
  );
  const readTo = PRESENT - readFor * SECOND;
  const began = readTo + started * (PRESENT - readTo);
  const ended = Math.min(began + ran * SECOND, PRESENT);
  const upid: Upid = {
    ...{ node: 'pve2', pid: 1, pstart: Math.floor((began - BOOT) / 10), startedAt: node(began) },
    ...{ type: 'qmstart', id: '101', user: 'root@pam' },
  };
  const clock: TaskClock = {
    dates: moment => possibleDates(eras, moment),
    bootAt: clusterTime(BOOT + lag),
    readTo: clusterTime(readTo),
    present: clusterTime(PRESENT),
  };
  return { eras, clock, upid, began, ended, node };
}
const drawn = () => fc.sample(life, 1)[0]!;

// Kills: a task dated by its node's clock as it is now, though that has been set since.
test("tasks are dated as they were when their node's clock is set, whenever it was read", () => {
  fc.assert(
    fc.property(life, one => {
      const { clock, upid, began, ended, node } = stage(one);
      const start = beganAt(upid, clock);
      expect(Math.abs(start - began)).toBeLessThanOrEqual(12_000);
      const off = Math.abs(one.was - one.is);
      const end = endedAt(node(ended), upid, start, clock);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(Math.abs(end - ended)).toBeLessThanOrEqual(
        16_000 + (began < BOOT + one.setAt * SECOND ? off : 0),
      );
    }),
    { numRuns: propertyRuns(300) },
  );
});

test('among the possible dates is the true one, and nothing is asked for too late', () => {
  fc.assert(
    fc.property(life, one => {
      const { eras, clock, upid, began, node } = stage(one);
      const dates = possibleDates(eras, node(began));
      expect(dates.some(date => Math.abs(date - began) <= SECOND)).toBe(true);
      expect(possibleStarts(upid, clock).some(date => Math.abs(date - began) <= SECOND)).toBe(true);
      expect(earliestShown(eras, clusterTime(Math.floor(began)))).toBeLessThanOrEqual(node(began) + SECOND);
    }),
    { numRuns: propertyRuns(300) },
  );
});

const clockOf = (given: Partial<TaskClock>): TaskClock => ({
  dates: at => possibleDates([], at),
  ...{ bootAt: clusterTime(BOOT), readTo: clusterTime(BOOT + 5_000_000), present: clusterTime(PRESENT) },
  ...given,
});
const upidAt = (seconds: number, pstart: number): Upid => ({
  ...{ node: 'pve2', pid: 1, pstart, startedAt: nodeTime(BOOT + seconds * SECOND) },
  ...{ type: 'qmstart', id: '101', user: 'root@pam' },
});

// Kills: ticks believed where the clock gives no cause for doubt, of an earlier boot, or of a machine that counts them otherwise.
test.each<[string, Partial<TaskClock>, number, number, number]>([
  ['could have begun when it says, whatever its ticks', {}, 6_000, 1, 6_000],
  ['cannot have been there before, by its ticks', {}, 4_000, 600_000, 5_994],
  ['cannot have begun yet, by its ticks', {}, 11_000, 600_000, 5_994],
  ['says nothing that can be, as the clock is', {}, 4_000, 1, 4_000],
  ['is of a node whose boot is not known, as the clock is', { bootAt: null }, 4_000, 600_000, 4_000],
  ['is of a node that was out of sight, when it says', { readTo: null }, 4_000, 600_000, 4_000],
  ['is of an earlier boot', { bootAt: clusterTime(BOOT + 9_000_000) }, 6_000, 1, 6_000],
])('a task that %s', (_, given, says, pstart, began) => {
  expect(beganAt(upidAt(says, pstart), clockOf(given))).toBe(BOOT + began * SECOND);
});

// Kills: a new era at each reading of a clock that is off by about as much as readings differ.
test('a clock that drifts past what may be noise leaves one date', () => {
  const drift = [2_600, 3_200, 2_900, 3_400, 2_700];
  const eras = drift.reduce<Era[]>(
    (sofar, ahead, n) => withReading(sofar, ahead, clusterTime(BOOT + n * 300 * SECOND)),
    [],
  );
  expect(eras).toHaveLength(1);
  expect(possibleDates(eras, nodeTime(BOOT + 600 * SECOND))).toHaveLength(1);
});

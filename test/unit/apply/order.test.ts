import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AT_ONCE, nextGuests } from '../../../src/apply/order.ts';
import type { OperationState } from '../../../src/model/operation.ts';

const ends = fc.constantFrom<OperationState>(
  'verified',
  'verified',
  'verified',
  'pending',
  'failed',
  'unknown',
  'reverted',
  'not_sent',
);
const good = (state: OperationState) => state === 'verified' || state === 'pending';

test('the first goes alone, the rest two at a time, and none once one has failed', () => {
  const life = fc.record({
    ends: fc.array(ends, { maxLength: 25 }),
    picks: fc.infiniteStream(fc.nat()),
  });
  fc.assert(
    fc.property(life, ({ ends: planned, picks }) => {
      const guests = planned.map((_, index) => `vm/${100 + index}`);
      const progress = new Map<string, OperationState>();
      const underWay = () => guests.filter(guest => progress.get(guest) === 'sent');
      let failed = false;
      for (;;) {
        const next = nextGuests(guests, progress);
        if (failed) expect(next).toEqual([]);
        for (const guest of next) {
          expect(progress.has(guest)).toBe(false);
          progress.set(guest, 'sent');
        }
        const running = underWay();
        expect(running.length).toBeLessThanOrEqual(progress.size === 1 ? 1 : AT_ONCE);
        if (running.includes(guests[0]!)) expect(running).toEqual([guests[0]]);
        if (running.length === 0) break;
        const over = running[picks.next().value! % running.length]!;
        const end = planned[guests.indexOf(over)]!;
        progress.set(over, end);
        failed ||= !good(end);
      }
      // In order, and all of them unless one failed.
      expect([...progress.keys()]).toEqual(guests.slice(0, progress.size));
      if (!failed) expect(progress.size).toBe(guests.length);
    }),
    { numRuns: 500 },
  );
});

test('a plan without guests begins nothing', () => {
  expect(nextGuests([], new Map())).toEqual([]);
});

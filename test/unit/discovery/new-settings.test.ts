import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confirmed } from '../../../src/discovery/datacenter/absent.ts';
import type { ListKnown, SettingSeen } from '../../../src/discovery/datacenter/seen.ts';
import { ourTime } from '../../../src/model/time.ts';
import { ProxmoxError } from '../../../src/proxmox/proxmox-error.ts';

const seen = (id: string): SettingSeen => ({
  id,
  state: {},
  unread: [],
  detail: { topic: 'pool', subject: id, source: '', data: { comment: null }, observedAt: ourTime(0) },
});
const known: ListKnown = { versions: new Map(), facts: [], lastWhole: ourTime(1), clockAhead: 0 };

// Kills: a request for each of thousands of rows that name what is not there, in every run; and one that is there waiting
// for ever behind those that are not.
test('new rows cost a bounded number of requests a run, and none that is there is passed over for ever', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 1, max: 900 }),
      async (at, count) => {
        const there = `p${Math.min(at, count - 1)}`;
        const items = Array.from({ length: count }, (_, n) => seen(`p${n}`));
        for (let run = 0, found = false; !found; run++) {
          expect(run).toBeLessThan(100);
          let asked = 0;
          const api = {
            get: async (_: unknown, __: unknown, query?: { poolid: string }) => {
              asked += 1;
              if (query?.poolid !== there) throw new ProxmoxError('not-found', 'no such pool');
              return [];
            },
          };
          const time = 1_795_000_000_000 + run * 61_043;
          const kept = await confirmed(api as never, 'pool', items, known, time);
          expect(asked).toBeLessThanOrEqual(Math.min(count, 200));
          expect(kept.every(({ id }) => id === there)).toBe(true);
          found = kept.length === 1;
        }
      },
    ),
    { numRuns: 20 },
  );
});

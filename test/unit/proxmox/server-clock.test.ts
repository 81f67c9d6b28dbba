import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ServerClock } from '../../../src/proxmox/server-clock.ts';
import { propertyRuns } from '../../support/soak.ts';

/** Asks a server whose clock is `ahead` of ours: sends at `at`, and is answered after `there` and `back` (ms). */
function ask(clock: ServerClock, ahead: number, [at, there, back]: readonly [number, number, number]): void {
  const dated = Math.floor((at + there + ahead) / 1000) * 1000;
  clock.answered(dated, at, at + there + back);
}

describe('the clock of a server', () => {
  const ahead = fc.integer({ min: -86_400_000, max: 86_400_000 });
  const moment = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_600_000 });
  const slow = fc.integer({ min: 0, max: 4_000 });

  // Kills: the last answer alone, which may have taken long.
  test('is known as well as the quickest of its answers told it, or better', () => {
    fc.assert(
      fc.property(ahead, fc.array(fc.tuple(moment, slow, slow), { minLength: 1 }), (ahead, asked) => {
        const clock = new ServerClock();
        for (const one of asked) ask(clock, ahead, one);
        const quickest = Math.min(...asked.map(([, there, back]) => there + back));
        expect(Math.abs(clock.aheadMs! - ahead)).toBeLessThanOrEqual((1_000 + quickest) / 2);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test('is known to a tenth of a second after a second of answers', () => {
    fc.assert(
      fc.property(ahead, moment, (ahead, from) => {
        const clock = new ServerClock();
        for (let at = from; at < from + 1_100; at += 60) ask(clock, ahead, [at, 20, 20]);
        expect(Math.abs(clock.aheadMs! - ahead)).toBeLessThanOrEqual(100);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test('is learnt anew once one of the two was set by two seconds', () => {
    fc.assert(
      fc.property(ahead, fc.integer({ min: 2_100, max: 10_000 }), moment, (ahead, by, at) => {
        const clock = new ServerClock();
        for (const now of [ahead, ahead + by, ahead]) {
          ask(clock, now, [at, 20, 20]);
          expect(Math.abs(clock.aheadMs! - now)).toBeLessThanOrEqual(520);
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test('is not known before an answer', () => expect(new ServerClock().aheadMs).toBeUndefined());
});

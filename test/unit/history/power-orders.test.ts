import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Seen } from '../../../src/history/acts.ts';
import { causesOf } from '../../../src/history/causes.ts';
import { aTask } from '../../support/database-fixtures.ts';
import { propertyRuns } from '../../support/soak.ts';

type Status = 'running' | 'stopped' | 'paused';
/** What a VM is after a task, by what it was (recorded on PVE 9.2); null where the task fails. */
const POWER: { [type: string]: { [was in Status]: Status | null } } = {
  qmstart: { stopped: 'running', running: null, paused: null },
  qmstop: { stopped: 'stopped', running: 'stopped', paused: 'stopped' },
  qmshutdown: { stopped: 'stopped', running: 'stopped', paused: 'stopped' },
  qmpause: { stopped: null, running: 'paused', paused: 'paused' },
  qmresume: { stopped: null, running: 'running', paused: 'running' },
  qmsuspend: { stopped: null, running: 'stopped', paused: null },
};

// Kills: whoever found done what was to be done, and the last to do it left out for somebody before.
test('of power tasks in any order the last that did something is named, and none that did nothing', () => {
  const some = fc.array(
    fc.record({
      type: fc.constantFrom(...Object.keys(POWER)),
      gap: fc.integer({ min: 1, max: 9 }),
      lasts: fc.nat(4),
    }),
    { minLength: 1, maxLength: 7 },
  );
  fc.assert(
    fc.property(fc.constantFrom<Status[]>('running', 'stopped', 'paused'), some, (from, ran) => {
      let status: Status = from;
      let second = 101;
      const did: string[] = [];
      const tasks = ran.map(({ type, gap, lasts }, n) => {
        const upid = `UPID:pve1:0000010${n}:0000000${n}:00000001:${type}:101:root@pam:`;
        const [startTime, endTime] = [(second + gap) * 1_000, (second + gap + lasts) * 1_000];
        second += gap + lasts;
        const after = POWER[type]![status];
        if (after !== null && after !== status) did.push(upid);
        status = after ?? status;
        const end = after === null ? { status: 'error', exitStatus: 'failed' } : { status: 'ok' };
        return aTask(n, { upid, type, startTime, endTime, ...end });
      });
      if (status === from) return;
      const seen: Seen = {
        ...{ change: 'updated', facet: 'inventory', windowAfter: 100_000, windowBefore: 300_000 },
        fields: [{ path: 'status', from, to: status }],
      };
      const named = causesOf(seen, tasks, []).causes.map(({ upid }) => upid);
      // Who resumed a guest that was off before only went on with what the start had done.
      if (!(from === 'stopped' && status === 'running')) expect(named).toContain(did.at(-1));
      else expect(named.length).toBeGreaterThan(0);
      expect(named.filter(upid => !did.includes(upid!))).toEqual([]);
    }),
    { numRuns: propertyRuns(300) },
  );
});

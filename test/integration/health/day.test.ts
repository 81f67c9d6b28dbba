import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDay } from '../../../src/simulator/day.ts';
import { startHealthyLab } from '../../support/healthy.ts';
import type { Lab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startHealthyLab();
});
afterAll(() => lab.close());

/** What is at least a warning now: `check resource`, worse ones marked. */
async function warnings(): Promise<string[]> {
  const { findings, total, unseen } = await lab.call('check_health', { severity: 'warning', limit: 500 });
  expect(findings).toHaveLength(total);
  for (const { what } of unseen ?? []) expect(what).toMatch(/^(?:\d+ guests? on node|backups|details of)/);
  return findings.map(
    one => `${one.severity === 'critical' ? '! ' : ''}${one.check} ${one.resource} since ${one.since}`,
  );
}

/** In `npm test` until the VM's VMID was given to another; the VM that is suspended and the storage that is lost are in the soak. */
const UNTIL = SOAK ? '24:00' : '13:15';

/** What comes (+) and goes (-) with each step of the day that is seen 100 s after it; nothing does with the others. */
const EXPECTED: { [at: string]: string[] } = {
  // The backup that fails at 10:00 takes two minutes.
  '10:20': ['+ backup-failed vm/109 since 2026-11-20T10:00:00+00:00'],
  '10:40': ['+ ! backup-job-storage backup-job/backup-nightly since undefined'],
  '11:00': ['- ! backup-job-storage backup-job/backup-nightly since undefined'],
  '12:00': ['+ ! node-offline node/pve3 since 2026-11-20T12:01:40+00:00'],
  '12:30': ['- ! node-offline node/pve3 since 2026-11-20T12:01:40+00:00'],
  '13:10': ['+ backup-of-predecessor vm/107 since undefined'],
  '17:00': ['+ guest-suspended vm/104 since 2026-11-20T17:01:40+00:00'],
  '17:30': ['- guest-suspended vm/104 since 2026-11-20T17:01:40+00:00'],
  '18:30': [
    '+ backup-job-storage backup-job/backup-nightly since undefined',
    '+ storage-unreachable storage/nas since 2026-11-20T18:31:40+00:00',
  ],
  '19:00': [
    '- backup-job-storage backup-job/backup-nightly since undefined',
    '- storage-unreachable storage/nas since 2026-11-20T18:31:40+00:00',
  ],
};

test('a healthy cluster has nothing above info; a day has exactly what happened', async () => {
  let before = await warnings();
  expect(before).toEqual([]);
  const seen: typeof EXPECTED = {};
  await runDay(lab.sim, {
    until: UNTIL,
    onStep: async ({ at }) => {
      lab.sim.clock.advance(100_000);
      const now = await warnings();
      const moved = [
        ...now.filter(one => !before.includes(one)).map(one => `+ ${one}`),
        ...before.filter(one => !now.includes(one)).map(one => `- ${one}`),
      ].sort();
      if (moved.length > 0) seen[at] = moved;
      before = now;
    },
  });
  expect(seen).toEqual(Object.fromEntries(Object.entries(EXPECTED).filter(([at]) => at < UNTIL)));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeRows } from '../../../src/answers/changes/rows.ts';
import { type AuthorTally, compareAuthors, type ShownCause } from '../../support/compare-authors.ts';
import { startLab } from '../../support/lab.ts';
import { anyStep, heal, type Step, take } from '../../support/random-life.ts';

/** The same lives each time; SOAK=seconds looks at others for longer; SEED=number starts where a failure was found. */
const SOAK_S = Number(process.env['SOAK'] ?? 0);
const seed = Number(process.env['SEED'] ?? (SOAK_S > 0 ? Date.now() % 1_000_000 : 12));
/** Share of the recorded acts that are named at least. */
const NAMED_AT_LEAST = 0.99;

/** Nobody can do this to a guest: it stands for a revert, which leaves a line. */
const unreal = (step: Step) => step.do === 'mutate' && step.what === 'applyPending';
/** Everything can be seen; only what people do, time and looks. */
const calm = (step: Step) =>
  !unreal(step) && (step.do === 'mutate' || step.do === 'advance' || step.do === 'discover');

// Kills: whatever ran in the window, or within half a minute of it, for a cause.
test.each([
  { life: 'calm', steps: calm, length: 60 },
  { life: 'wild', steps: (step: Step) => !unreal(step), length: 40 },
])('of a $life life nobody is named who had no part, and hardly anybody is missed', {
  timeout: (SOAK_S + 300) * 1000,
}, async ({ life, steps, length }) => {
  const total: AuthorTally = { false: [], recorded: 0, missed: [] };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 12_000),
      fc.constantFrom(0, 300_000, -300_000),
      fc.array(anyStep.filter(steps), { minLength: 20, maxLength: length }),
      async (rowLagMs, clockOffset, life) => {
        const tally = await authorsOf(life, rowLagMs, clockOffset);
        total.false.push(...tally.false);
        total.recorded += tally.recorded;
        total.missed.push(...tally.missed);
        if (process.env['PRINT'] === undefined) expect(tally.false).toEqual([]);
      },
    ),
    {
      seed,
      numRuns: SOAK_S > 0 ? 1_000_000 : 3,
      ...(SOAK_S > 0 ? { interruptAfterTimeLimit: (SOAK_S * 1000) / 2 } : { endOnFailure: true }),
    },
  );
  if (process.env['PRINT'] !== undefined)
    console.log(
      life,
      total.false.length,
      'false',
      total.missed.length,
      'missed of',
      total.recorded,
      total.false.slice(0, 40),
      total.missed.slice(0, 30),
    );
  expect(total.recorded).toBeGreaterThan(5);
  if (life === 'calm')
    expect(total.missed.length / total.recorded, total.missed.join('\n')).toBeLessThanOrEqual(
      1 - NAMED_AT_LEAST,
    );
});

async function authorsOf(steps: Step[], rowLagMs: number, clockOffset: number): Promise<AuthorTally> {
  const lab = await startLab({ guests: 6, rowLagMs });
  try {
    lab.sim.world.setClockOffset('pve2', clockOffset);
    await lab.discover({ deep: true });
    const { seq } = (await lab.store.lastCommit())!;
    for (const step of steps) {
      await take(lab, step, { after: null });
      // Whole seconds cannot tell what came before a look from what came after it, nor a guest from what is restored over it, nor
      // what a node starts as it comes back from what is done to that in the same second, while Proxmox holds the guest's lock.
      if (step.do === 'discover' || step.do === 'node' || (step.do === 'mutate' && step.what === 'reuse'))
        lab.sim.clock.advance(1_000);
    }
    heal(lab);
    await lab.discover({ deep: true });
    const versions = (await lab.store.versions({ after: seq })).reverse();
    const facts = versions.map(version => ({
      ...version,
      key: { type: version.type, id: version.resourceId },
    }));
    const rows = await changeRows(facts, { store: lab.store, timeZone: 'UTC' });
    return compareAuthors(
      versions,
      index => (rows[index]!['causes'] ?? []) as ShownCause[],
      lab.sim.truth.events,
    );
  } finally {
    await lab.close();
  }
}

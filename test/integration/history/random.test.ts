import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Store } from '../../../src/model/store.ts';
import {
  brokenChains,
  differencesFromTruth,
  inventedChanges,
  rowsBesideHistory,
  untoldDifferences,
  windowsBesideTruth,
} from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { anyStep, heal, overcounted, type Step, take } from '../../support/random-life.ts';
import { secondToken } from '../../support/second-token.ts';

/** What the other process's token may see. */
type Narrow = Parameters<Lab['sim']['world']['setRights']>[1];

/** The same lives each time; SOAK=seconds looks at others for longer; SEED=number starts where a failure was found. */
const SOAK_S = Number(process.env['SOAK'] ?? 0);
const seed = Number(process.env['SEED'] ?? (SOAK_S > 0 ? Date.now() % 1_000_000 : 22));

test('whatever happens, history tells nothing that did not happen and heals afterwards', {
  timeout: (SOAK_S + 300) * 1000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 12_000),
      fc.constantFrom(0, 300_000, -300_000),
      fc.constantFrom<Narrow[]>(
        [{ path: '/pool/prod', role: 'PVEVMUser' }],
        [
          { path: '/', role: 'PVEAuditor' },
          { path: '/pool', role: 'NoAccess' },
        ],
        [],
      ),
      fc.array(anyStep, { minLength: 10, maxLength: 40 }),
      async (rowLagMs, clockOffset, narrow, steps) => {
        expect(await problemsOf(steps, rowLagMs, clockOffset, narrow)).toEqual([]);
      },
    ),
    {
      seed,
      // Some 130 steps, or as many as the soak has time for.
      numRuns: SOAK_S > 0 ? 1_000_000 : 5,
      ...(SOAK_S > 0 ? { interruptAfterTimeLimit: SOAK_S * 1000 } : { endOnFailure: true }),
    },
  );
});

async function problemsOf(
  steps: Step[],
  rowLagMs: number,
  clockOffset: number,
  narrow: Narrow,
): Promise<string[]> {
  const crash: { after: number | null } = { after: null };
  const lab = await startLab({ guests: 12, rowLagMs, wrapStore: store => failing(store, crash) });
  lab.sim.world.setClockOffset('pve2', clockOffset);
  lab.sim.world.setRights(lab.sim.tokens.none, narrow);
  const other = async () => {
    const narrower = secondToken(lab, lab.sim.tokens.none);
    await narrower.discover().finally(() => narrower.close());
  };
  try {
    const problems: string[] = [];
    let seq = 0;
    const look = async (label: string) => {
      const versions = await lab.store.versions({ after: seq });
      seq = (await lab.store.lastCommit())?.seq ?? 0;
      // What HA does in between is its own; the truth has only what was asked of it.
      const invented = inventedChanges(versions, lab.sim.truth.events).filter(one => !one.includes(' ha: '));
      problems.push(...invented.map(one => `${label}: ${one}`));
    };
    for (const [index, step] of steps.entries()) {
      await take(Object.assign(lab, { other }), step, crash);
      if (step.do === 'discover' || step.do === 'other') await look(`step ${index}`);
      if (problems.length > 0) return problems;
    }
    heal(lab);
    crash.after = null;
    // The first look notices what came back, the second one sees it whole.
    await lab.discover({ deep: true });
    lab.sim.clock.advance(20_000);
    await lab.discover({ deep: true });
    await look('in the end');
    problems.push(...(await differencesFromTruth(lab.store, lab.sim)));
    problems.push(...(await brokenChains(lab.store)));
    problems.push(...overcounted(await lab.store.versions({}), lab.sim.truth.events));
    problems.push(...(await untoldDifferences(lab.store)));
    problems.push(...(await rowsBesideHistory(lab.store)));
    if (clockOffset === 0 && !steps.some(step => step.do === 'skew'))
      problems.push(...windowsBesideTruth(await lab.store.versions({}), lab.sim.truth.events));
    const before = await lab.store.countVersions({});
    lab.sim.clock.advance(60_000);
    await lab.discover();
    if ((await lab.store.countVersions({})) !== before) problems.push('an idle look added versions');
    return problems;
  } finally {
    await lab.close();
  }
}

/** A store whose process dies in one of the next commits. */
function failing(store: Store, crash: { after: number | null }): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== 'commitFacet') return typeof value === 'function' ? value.bind(target) : value;
      const commitFacet: Store['commitFacet'] = (lease, options, write) =>
        target.commitFacet(lease, options, async commit => {
          const result = await write(commit);
          if (crash.after !== null && crash.after-- <= 0) {
            crash.after = null;
            throw new Error('the process dies here');
          }
          return result;
        });
      return commitFacet;
    },
  });
}

import { afterEach, expect, test } from 'vitest';
import { FIELDS } from '../../../src/model/field-catalogue.ts';
import type { ResourceType } from '../../../src/model/resource.ts';
import { runDay } from '../../../src/simulator/day.ts';
import { brokenChains, differencesFromTruth, inventedChanges } from '../../support/compare-truth.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { SOAK } from '../../support/soak.ts';

let lab: Lab;
afterEach(() => lab.close());

/** Whether docs/fields.md has this path as something that makes history. */
function isDeclared(type: ResourceType, path: string): boolean {
  const fits = (declared: string) =>
    declared.endsWith('.*') ? path.startsWith(declared.slice(0, -1)) : path === declared;
  return FIELDS.some(field => field.class === 'state' && field.resources.includes(type) && fits(field.path));
}

test.each([
  { name: 'rows twelve seconds late', rowLagMs: 12_000 },
  // Most other tests look at rows like these.
  ...(SOAK ? [{ name: 'rows as fresh as PVE ever shows them', rowLagMs: 0 }] : []),
])('a scripted day is recorded as it happened: $name', async ({ rowLagMs }) => {
  lab = await startLab({ discovered: true, guests: 24, rowLagMs });
  let seen = 0;
  let seq = 0;
  const problems: string[] = [];
  const look = async (label: string, complete: boolean) => {
    await lab.discover({ deep: complete });
    const { events } = lab.sim.truth;
    const versions = await lab.store.versions({ after: seq });
    seq = (await lab.store.lastCommit())!.seq;
    problems.push(...inventedChanges(versions, events.slice(seen)).map(one => `${label}: ${one}`));
    if (complete) {
      seen = events.length;
      problems.push(...(await differencesFromTruth(lab.store, lab.sim)).map(one => `${label}: ${one}`));
    }
  };
  const steps = await runDay(lab.sim, {
    onStep: async step => {
      await look(step.label, false);
      lab.sim.clock.advance(20_000);
      // By then all rows are as fresh as most other tests have them.
      if (SOAK) await look(`${step.label} (+20 s)`, false);
      lab.sim.clock.advance(200_000);
      await look(`${step.label} (+220 s)`, true);
    },
  });
  expect(steps.filter(step => step.skipped)).toEqual([]);
  expect(problems).toEqual([]);
  expect(await brokenChains(lab.store)).toEqual([]);
  const recorded = await lab.store.countVersions({ changesOnly: true });
  expect(recorded).toBeGreaterThan(steps.length);
  const moved = (await lab.store.steps({})).flatMap(({ type, fields }) =>
    fields.map(({ path }) => ({ type, path })),
  );
  expect(moved.length).toBeGreaterThan(steps.length);
  expect(moved.filter(({ type, path }) => !isDeclared(type, path))).toEqual([]);
});

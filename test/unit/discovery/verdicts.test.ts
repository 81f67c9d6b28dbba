import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACET_STEPS } from '../../../src/discovery/facets.ts';
import { decideInventory } from '../../../src/discovery/inventory/decide.ts';
import { decodePlain, encodePlain } from '../../support/plain-values.ts';

/*
 * What each facet decided of a small cluster's life, recorded as it was observed (`npm run verdicts`): whoever moves a decision
 * sees here what it moves.
 */

const GOLDEN = fileURLToPath(new URL('../../golden', import.meta.url));
const DECIDERS: { [facet: string]: (observed: never) => unknown } = {
  inventory: decideInventory,
  ...Object.fromEntries(Object.entries(FACET_STEPS).map(([name, [step]]) => [name, step!.stages.decide])),
};

interface Recorded {
  case: string;
  observed: unknown;
  decided: unknown;
}
const recorded = (facet: string) =>
  JSON.parse(readFileSync(join(GOLDEN, `${facet}.json`), 'utf8')) as Recorded[];

test('verdicts of every facet are recorded', () => {
  expect(readdirSync(GOLDEN).sort()).toEqual(
    Object.keys(DECIDERS)
      .map(facet => `${facet}.json`)
      .sort(),
  );
});

describe.each(Object.keys(DECIDERS))('%s', facet => {
  const decide = DECIDERS[facet]!;

  test('decides as recorded', () => {
    const cases = recorded(facet);
    expect(cases.length).toBeGreaterThan(5);
    for (const one of cases) {
      const decided = encodePlain(decide(decodePlain(one.observed) as never));
      expect(decided, `${one.case}: if that is meant, record it anew with npm run verdicts`).toEqual(
        one.decided,
      );
    }
  });

  test('leaves what it is given as it was, and decides the same again', () => {
    for (const one of recorded(facet)) {
      const observed = decodePlain(one.observed) as never;
      const first = encodePlain(decide(observed));
      expect(encodePlain(observed), one.case).toEqual(one.observed);
      expect(encodePlain(decide(observed)), one.case).toEqual(first);
    }
  });
});

test('plain values are read back as they were', () => {
  const value = fc.letrec(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(undefined, null, Number.POSITIVE_INFINITY),
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value')),
      fc.array(fc.tuple(fc.string(), tie('value'))).map(pairs => new Map(pairs)),
      fc.array(fc.string()).map(items => new Set(items)),
      // `constructor` is what the comparison itself looks at.
      fc.dictionary(
        fc.stringMatching(/^[a-z]+$/).filter(key => key !== 'constructor'),
        tie('value'),
        { noNullPrototype: true },
      ),
    ),
  })).value;
  fc.assert(
    fc.property(value, one => {
      expect(decodePlain(JSON.parse(JSON.stringify(encodePlain(one))))).toStrictEqual(one);
    }),
  );
});

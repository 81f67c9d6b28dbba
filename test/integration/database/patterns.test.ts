import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { DatabaseStore } from '../../../src/database/index.ts';
import { namePattern } from '../../../src/history/name-pattern.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aGuest, aNode, startWriting } from '../../support/database-fixtures.ts';
import { processorTimeOf } from '../../support/processor-time.ts';
import { propertyRuns } from '../../support/soak.ts';

const GUESTS = 10_000;
const ODD = [
  'Web-1',
  'web_2',
  '100%',
  'a.b',
  'ÄRGER',
  'ärger',
  '\u212aelvin',
  'kelvin',
  'aXbXc',
  'a\\b',
  'İ',
  'ß',
];
const nameOf = (n: number) => ODD[n] ?? `${'a'.repeat(180)}${n % 2 ? 'c' : ''}-${n}`;

onBothEngines('patterns of names', engine => {
  let store: DatabaseStore;
  beforeAll(async () => {
    store = await engine.open();
    const { commit } = await startWriting(store);
    await commit(async writer => {
      await writer.upsertNodes([aNode('pve1')]);
      await writer.upsertGuests(
        'vm',
        Array.from({ length: GUESTS }, (_, n) => aGuest(n + 100, { name: nameOf(n) })),
      );
    });
  });

  // Kills: a database that folds or escapes otherwise than the filter of lists of a past moment.
  it('match what history matches', async () => {
    const parts = fc.constantFrom('a', 'B', '*', '%', '_', '\\', 'Ä', 'k', '.', 'x', '-1', 'web');
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 4 }), async chosen => {
        const name = chosen.join('');
        const { total } = await store.guests('vm', { name }, undefined, { limit: 1 });
        const fits = namePattern(name);
        const expected = Array.from({ length: GUESTS }, (_, n) => nameOf(n)).filter(fits).length;
        expect(total, name).toBe(expected);
      }),
      { numRuns: propertyRuns(30), examples: [[['*']], [['k']], [['Ä']], [['\\']]] },
    );
  });

  // Kills: a matcher that tries every way to share a name out among the stars.
  it.each([
    '*a*a*a*a*a*a*a*b',
    `${'*a'.repeat(100)}*b`,
    `${'a*'.repeat(60)}b`,
    `${'*aa'.repeat(40)}*c*d`,
  ])('%s is answered at once among 10,000 long names', async name => {
    const took = await processorTimeOf(async () => {
      await store.guests('vm', { name }, undefined, { limit: 50 });
      const fits = namePattern(name);
      for (let n = 0; n < GUESTS; n++) fits(nameOf(n));
    });
    expect(took).toBeLessThan(5_000);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namePattern } from '../../../src/history/name-pattern.ts';

/** The plain definition: `*` stands for any text, a pattern without one for a part of the name. */
function matches(pattern: string, name: string): boolean {
  const whole = pattern.includes('*') ? pattern : `*${pattern}*`;
  let reached = new Set([0]);
  for (const letter of whole) {
    const next = new Set<number>();
    for (const at of reached) {
      if (letter === '*') for (let to = at; to <= name.length; to++) next.add(to);
      else if (name[at]?.toLowerCase() === letter.toLowerCase()) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(name.length);
}

// Kills: parts that overlap, a last part found before the others, and a regex's own signs.
test('a pattern means what it says', () => {
  const letters = fc.constantFrom('a', 'b', 'A', '.', '[');
  const pattern = fc.string({ unit: fc.oneof(letters, fc.constant('*')), maxLength: 7 });
  fc.assert(
    fc.property(pattern, fc.string({ unit: letters, maxLength: 9 }), (typed, name) => {
      expect(namePattern(typed)(name), `${typed} on ${name}`).toBe(matches(typed, name));
    }),
    { numRuns: 2_000 },
  );
});

// Kills: a letter that is no ASCII one and becomes one in lower case.
test.each([
  ['k*', '\u212aelvin', false],
  ['Ä*', 'ärger', false],
  ['ä*', 'ärger', true],
  ['**', '', true],
  ['*', 'x', true],
])('%s on %s: %s', (typed, name, fits) => {
  expect(namePattern(typed)(name)).toBe(fits);
});

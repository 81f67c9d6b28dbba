import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparkline } from '../../../src/answers/usage/sparkline.ts';

test.each<[string, (number | null)[], string, boolean?]>([
  ['from nothing to all', [0, 1, 2, 3, 4, 5, 6, 7], '▁▂▃▄▅▆▇█'],
  ['gaps', [7, null, null, 7, 0], '█  █▁'],
  ['nothing but zeros', [0, 0], '▁▁'],
  ['nothing recorded', [null, null], '  '],
  ['steady', [90, 91, 90, 92], '████'],
  ['slow growth, magnified', [900, 910, 920, 930], '▁▃▆█', true],
  ['no growth, magnified', [900, 901, 900], '▄▄▄', true],
])('$0: $1 is drawn as "$2"', (_, values, line, magnified = false) =>
  expect(sparkline(values, { magnified })).toBe(line));

test('a sparkline has a block for each value and a blank for each gap, whatever the values are', () => {
  const value = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), fc.boolean(), (values, magnified) => {
      const line = sparkline(values, { magnified });
      expect(line).toMatch(/^[▁▂▃▄▅▆▇█ ]{0,30}$/u);
      if (values.length <= 30)
        expect([...line].map(one => one === ' ')).toEqual(values.map(one => one === null));
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Condition, parseConditions, printConditions } from '../../../src/answers/where/grammar.ts';
import { OPERATORS } from '../../../src/answers/where/operators.ts';
import { UsageError } from '../../../src/errors.ts';
import { propertyRuns } from '../../support/soak.ts';

const field = fc.stringMatching(/^[A-Za-z][\w-]{0,8}(\.\w[\w-]{0,8}){0,2}$/);
const value = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('a b', 'x,y', '"', "'a'", 'a and b is c', '&& x', '\\', '=', '7d', '', ' '),
);
const values = (operator: string) =>
  operator === '=' || operator === '!='
    ? fc.array(value, { maxLength: 3 })
    : fc.array(value, { minLength: 1, maxLength: 3 });
const comparison = fc.option(
  fc.constantFrom(...OPERATORS).chain(operator => values(operator).map(list => ({ operator, values: list }))),
  { nil: null },
);
const plain: fc.Arbitrary<Condition> = fc.record({
  not: fc.boolean(),
  field,
  comparison,
  element: fc.constant(null),
});
const bracketed: fc.Arbitrary<Condition> = fc.record({
  not: fc.boolean(),
  field,
  comparison: fc.constant(null),
  element: fc.array(plain, { maxLength: 3 }),
});
const conditions = fc.array(fc.oneof(plain, bracketed), { maxLength: 4 });
/** Texts made of what means something, so that most come near to being conditions. */
const nearly = fc
  .array(
    fc.constantFrom(
      '!',
      '(',
      ')',
      ',',
      '|',
      '"',
      '\\',
      '=',
      '!=',
      '<',
      '>=',
      '~',
      ' ',
      'disk',
      'nic.tag',
      ' and ',
      '&&',
      ' in ',
      ' is not ',
      ' like ',
      "'",
      '%',
      '7d',
      '.',
      '\n',
      '\u0000',
      '\ud800',
    ),
    {
      maxLength: 30,
    },
  )
  .map(parts => parts.join(''));

function outcome(text: string): Condition[] | 'refused' {
  try {
    return parseConditions(text);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).hint).toContain('onboot=1');
    return 'refused';
  }
}

describe('the grammar of conditions', () => {
  test('conditions that are printed read as they were', () => {
    fc.assert(
      fc.property(conditions, list => {
        expect(parseConditions(printConditions(list))).toEqual(list);
      }),
      { numRuns: propertyRuns(60) },
    );
  });

  test('any text is conditions or refused as a mistake of its writer, and prints as it reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), text => {
        const read = outcome(text);
        if (read !== 'refused') expect(parseConditions(printConditions(read))).toEqual(read);
      }),
      { numRuns: propertyRuns(60) },
    );
  });

  test.each([
    [
      'onboot=1',
      [{ not: false, field: 'onboot', comparison: { operator: '=', values: ['1'] }, element: null }],
    ],
    ['!agent', [{ not: true, field: 'agent', comparison: null, element: null }]],
    ['pool=', [{ not: false, field: 'pool', comparison: { operator: '=', values: [] }, element: null }]],
    ['pool!=', [{ not: false, field: 'pool', comparison: { operator: '!=', values: [] }, element: null }]],
    [
      'tag = prod | web',
      [{ not: false, field: 'tag', comparison: { operator: '=', values: ['prod', 'web'] }, element: null }],
    ],
    [
      'memory>=8192',
      [{ not: false, field: 'memory', comparison: { operator: '>=', values: ['8192'] }, element: null }],
    ],
  ])('%s is read as its field, its operator and its values', (text, wanted) => {
    expect(parseConditions(text)).toEqual(wanted);
  });

  test.each([
    ['status == running', 'status=running'],
    ['status is not "running"', 'status!=running'],
    ["status = 'running'", 'status=running'],
    ['node<>pve1', 'node!=pve1'],
    ['name!~web', '!name~web'],
    ['tags contains web', 'tags~web'],
    ['tag in (web, "d b")', 'tag=web|d b'],
    ['node NOT IN (pve1,pve2)', 'node!=pve1|pve2'],
    ["name like 'web%'", 'name=web*'],
    ["name not like '%web%'", 'name!=*web*'],
    ['name starts with web', 'name=web*'],
    ['name endswith 01', 'name=*01'],
    ['pool is null', 'pool='],
    ['pool is not empty', 'pool!='],
    ['not onboot', '!onboot'],
    ['cpus > 4 and memory < 2G', 'cpus>4,memory<2G'],
    ['onboot && cpus>3 && agent', 'onboot,cpus>3,agent'],
    ['pool= and disk(bus in (ide,sata) and ssd)', 'pool=,disk(bus=ide|sata,ssd)'],
    ['description~salt and pepper', 'description~salt and pepper'],
  ])('%s is written %s here', (text, wanted) => {
    expect(printConditions(parseConditions(text))).toBe(wanted);
  });

  test.each([
    ['memory between 2048 and 4096', 'Write memory>=2048, memory<=4096.'],
    ['last backup older than 7d', 'Write last_backup>7d.'],
    ['memory at least 8G', 'Write memory>=8G.'],
    ['node=pve1 or node=pve2', 'Write node=pve1|pve2.'],
    ['onboot=1 || tag=web', 'All conditions must hold'],
    ['onboot=1|tag=web', 'All conditions must hold'],
    ['name=~^web.*', 'Write name~web*.'],
    ['vmid in 101, 102', 'Write vmid=101|102.'],
    ['no agent', 'Write !agent.'],
  ])('%s is refused with how it is written', (text, wanted) => {
    expect(() => parseConditions(text)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(wanted) }),
    );
  });

  test('brackets hold what one element must meet; a comma between conditions joins them', () => {
    const [first, second, ...rest] = parseConditions('disk(bus=ide,!ssd,storage=a|b), status=running');
    expect(rest).toEqual([]);
    expect(first?.element?.map(one => one.field)).toEqual(['bus', 'ssd', 'storage']);
    expect(second?.comparison?.values).toEqual(['running']);
    expect(parseConditions('name="a, (b) | \\"c\\""')[0]?.comparison?.values).toEqual(['a, (b) | "c"']);
  });

  test('the longest text is read, or refused as a mistake, whatever it repeats', () => {
    for (const part of ['!', '(', '"', '\\\\', 'a|', 'a.', 'a=b,', ' ', 'disk(', '"\\\\"', 'a(b=']) {
      const text = part.repeat(Math.floor(2_000 / part.length));
      expect(() => outcome(text), part).not.toThrow();
    }
  });

  test.each([
    ['pool=prod or status=running', /double quotes/],
    ['memory>', /A value is missing after memory>/],
    ['tag=a|', /A value is missing/],
    ['tag=|a', /A value is missing/],
    ['=1', /A field is missing/],
    ['disk(bus=ide', /not closed/],
    ['disk(nic(tag=1))', /not closed|quotes/],
    ['1=1; DROP TABLE vms', /A field is missing/],
    ['name="open', /quotes/],
    ['startup=order=1', /quotes/],
    ['x'.repeat(2001), /longer than 2000/],
  ])('$0 is refused: $1', (text, why) => {
    expect(() => parseConditions(text)).toThrow(why);
  });
});

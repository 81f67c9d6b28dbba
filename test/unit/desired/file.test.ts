import { describe, expect, it } from 'vitest';
import { contentHash, withException, withFields } from '../../../src/desired/declaration.ts';
import { DeclaredFileError, readDeclaredFile } from '../../../src/desired/file.ts';
import { fileLines } from '../../../src/desired/file-lines.ts';
import { untilOf } from '../../../src/desired/until.ts';
import { processorTime } from '../../support/processor-time.ts';

const options = {
  file: 'proxmox-mpc.yaml',
  timeZone: 'Europe/Berlin',
  checks: ['ide-disk', 'versions-mixed'],
};
const read = (text: string) => readDeclaredFile(text, options);
const faultsOf = (text: string) => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof DeclaredFileError)
      return error.faults.map(one => `${one.line}:${one.column} ${one.message}`);
    throw error;
  }
  return [];
};

const lines = (count: number, of: (n: number) => string) => Array.from({ length: count }, (_, n) => of(n));

const EXAMPLE = `rules:
  - match: {tag: prod, type: vm}
    fields: {onboot: true, protection: true}
  - match: vm/101
    fields: {memory: 8192, net0.tag: 20}
exceptions:
  - {match: vm/109, field: net0.tag, value: 77, owner: bob, until: 2026-12-15, why: lab until mid December}
`;

describe('a declared file', () => {
  it('is read as it is documented, in YAML and in JSON', () => {
    const declaration = read(EXAMPLE);
    expect(declaration.rules.map(({ id, fields }) => [id, fields])).toEqual([
      ['tag=prod type=vm', { 'config.onboot': 1, 'config.protection': 1 }],
      ['vm/101', { 'config.memory': 8192, 'config.net0.tag': 20 }],
    ]);
    expect(declaration.exceptions).toEqual([
      {
        match: { resource: 'vm/109' },
        path: 'config.net0.tag',
        value: 77,
        owner: 'bob',
        until: Date.parse('2026-12-15T23:59:59.999+01:00'),
        why: 'lab until mid December',
      },
    ]);
    const json = JSON.stringify({
      rules: [
        { match: { type: 'vm', tag: 'prod' }, fields: { onboot: 1, protection: '1' } },
        { match: 'vm/101', fields: { 'net0.tag': '20', 'config.memory': '8192' } },
      ],
      exceptions: [
        {
          match: 'vm/109',
          field: 'net0.tag',
          value: 77,
          owner: 'bob',
          until: '2026-12-15',
          why: 'lab until mid December',
        },
      ],
    });
    expect(contentHash(read(json))).toBe(contentHash(declaration));
  });

  it('says the same again after its own lines were written', () => {
    const all = withException(
      withFields(
        read(EXAMPLE),
        { name: 'web-*' },
        { 'tags+': ['a'], 'config.ide2': null, 'config.description': 'a: "b" # {c}\nd' },
      ),
      { match: { tag: 'x y' }, path: 'tags', value: ['a'], owner: 'o', until: 5_000_000_000_000, why: null },
    );
    const text = fileLines(all, ms => new Date(ms).toISOString()).join('\n');
    expect(contentHash(read(text))).toBe(contentHash(all));
  });

  it('accepts findings of checks, of nodes and the cluster too, several of one selector', () => {
    const text = [
      'exceptions:',
      '  - {match: {tag: lab}, field: check, value: ide-disk, owner: bob, until: 2099-01-01}',
      '  - {match: {tag: lab}, field: check, value: versions-mixed, owner: bob, until: 2099-01-01}',
      '  - {match: node/pve1, field: check, value: versions-mixed, owner: bob, until: 2099-01-01}',
      '  - {match: cluster, field: check, value: versions-mixed, owner: bob, until: 2099-01-01}',
    ].join('\n');
    const { exceptions } = read(text);
    expect(exceptions.map(({ match, path, value }) => [match, path, value])).toEqual(
      expect.arrayContaining([
        [{ tag: 'lab' }, 'check', 'ide-disk'],
        [{ tag: 'lab' }, 'check', 'versions-mixed'],
        [{ resource: 'node/pve1' }, 'check', 'versions-mixed'],
        [{ resource: 'cluster' }, 'check', 'versions-mixed'],
      ]),
    );
    const again = fileLines({ rules: [], exceptions }, ms => new Date(ms).toISOString()).join('\n');
    expect(contentHash(read(again))).toBe(contentHash({ rules: [], exceptions }));
  });

  it.each([
    [
      'an unknown check',
      'exceptions:\n  - {match: vm/1, field: check, value: ide-disc, owner: a, until: 2099-01-01}',
      /^2:40 .*ide-disk/,
    ],
    [
      'a value accepted of a node',
      'exceptions:\n  - {match: node/pve1, field: memory, value: 1, owner: a, until: 2099-01-01}',
      /^2:13 .*no resource/,
    ],
    ['an unknown part', 'rulez: []', /^1:1 .*did you mean "rules"/],
    [
      'an unknown condition',
      'rules:\n  - match: {tgа: x}\n    fields: {memory: 1024}',
      /^2:12 .*no condition/,
    ],
    ['an unknown field', 'rules:\n  - match: vm/101\n    fields: {onboot: 1, memroy: 8}', /^3:25 .*memory/],
    [
      'a value of the wrong type',
      'rules:\n  - match: vm/101\n    fields:\n      memory: lots',
      /^4:7 .*number/,
    ],
    ['an empty selector', 'rules:\n  - match: {}\n    fields: {memory: 1024}', /^2:12 .*empty/],
    ['a missing match', 'rules:\n  - fields: {memory: 1024}', /^2:5 match is missing/],
    ['a name that is none', 'rules:\n  - match: web\n    fields: {memory: 1024}', /^2:12 .*vm\/101/],
    ['no end', 'exceptions:\n  - {match: vm/1, field: memory, value: 512, owner: a}', /^2:5 .*until/],
    [
      'an odd end',
      'exceptions:\n  - {match: vm/1, field: memory, value: 512, owner: a, until: soon}',
      /^2:63 .*2026-12-15/,
    ],
    ['a half-written file', 'rules:\n  - match: vm/101\n    fields: {memory: 81', /^3:/],
    ['a key twice', 'rules: []\nrules: []', /^2:1 /],
    [
      'a field twice',
      'rules:\n  - match: vm/1\n    fields: {memory: 512, config.memory: 1024}',
      /^3:27 memory stands here twice/,
    ],
    ['two documents', 'rules: []\n---\nrules: []', /^2:1 /],
    ['an anchor', 'rules: &all []', /^1:13 anchors/],
    ['an alias', 'rules: *all', /^1:8 aliases/],
    ['a tag', 'rules: !!js/function "x"', /tags such as/],
    ['a binary', 'rules:\n  - match: vm/1\n    fields: {memory: !!binary aGk=}', /tags such as/],
    [
      'contradicting rules',
      'rules:\n  - match: {tag: a}\n    fields: {memory: 512}\n  - match: {tag: a, type: vm}\n    fields: {memory: 1024}',
      /^5:14 Rules/,
    ],
    ['a secret', 'rules:\n  - match: vm/1\n    fields: {cipassword: hunter22}', /^3:14 (?!.*hunter22)/],
    ['no map', 'hello', /^1:1 /],
  ])('tells line and column of %s', (_, text, fault) => {
    const faults = faultsOf(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(
      faults.some(one => fault.test(one)),
      faults.join('\n'),
    ).toBe(true);
  });

  it('takes no longer for a bomb than for a file', () => {
    const laughs = [
      'a: &a ["lol"]',
      ...'bcdefghij'.split('').map((name, n) => `${name}: &${name} [${`*${'abcdefghi'[n]},`.repeat(9)}]`),
    ];
    for (const bomb of [
      laughs.join('\n'),
      '['.repeat(500_000),
      '{a: '.repeat(200_000),
      `rules: ${'- '.repeat(100_000)}x`,
      'x'.repeat(3_000_000),
    ])
      expect(faultsOf(bomb).length).toBeGreaterThan(0);
  });

  // Kills: rules and exceptions that are sorted anew with each that is read, keys that are compared with all before them.
  it.each([
    [
      'rules and exceptions',
      300,
      (count: number) => [
        'rules:',
        ...lines(
          count,
          n => `  - {match: {tag: t${n >> 1}${n % 2 ? '' : ', type: vm'}}, fields: {memory: 2048}}`,
        ),
        'exceptions:',
        ...lines(
          count,
          n => `  - {match: vm/${100 + n}, field: memory, value: 1, owner: ann, until: 2027-01-01}`,
        ),
      ],
    ],
    ['keys', 1_000, (count: number) => lines(count, n => `key${n}: 1`)],
  ])('ten times as many %s take about ten times as long', (_, few, of) => {
    const cost = (count: number) => {
      const text = of(count).join('\n');
      return processorTime(() => faultsOf(text));
    };
    cost(few);
    expect(cost(10 * few)).toBeLessThan(25 * cost(few) + 50);
  });

  it('names a thousand faults, and says that there are more', () => {
    expect(() => read(`rules: [${'[], '.repeat(1_500)}]`)).toThrow(/\nand at least 990 more$/);
    expect(() => read(`rules: [${'[], '.repeat(8)}]`)).toThrow(/\nand 14 more$/);
  });

  it('an end is a day in the zone, or an instant', () => {
    expect(untilOf('2026-07-01', 'Europe/Berlin')).toBe(Date.parse('2026-07-01T23:59:59.999+02:00'));
    expect(untilOf('2026-07-01T12:00:00Z', 'Europe/Berlin')).toBe(Date.parse('2026-07-01T12:00:00Z'));
    for (const odd of ['tomorrow', '7d', '2026-13-01', 'last', 'run:4'])
      expect(() => untilOf(odd, 'UTC')).toThrow();
  });
});

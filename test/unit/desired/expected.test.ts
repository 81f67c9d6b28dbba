import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDeclaration, countFindings } from '../../../src/desired/comparison.ts';
import {
  certainConflicts,
  conflictsAmong,
  marked,
  NOTHING_DECLARED,
  withException,
  withFields,
  withoutFields,
} from '../../../src/desired/declaration.ts';
import { takenFrom } from '../../../src/desired/like.ts';
import type { Subject } from '../../../src/desired/subject.ts';
import type { DeclaredFields, Selector } from '../../../src/model/declaration.ts';
import { propertyRuns } from '../../support/soak.ts';

function aSubject(more: Partial<Subject> = {}): Subject {
  return {
    resource: 'vm/101',
    type: 'vm',
    name: 'web01',
    node: 'pve1',
    pool: 'prod',
    tags: ['prod', 'web'],
    incarnation: 1,
    template: false,
    unknown: null,
    unknownFields: {},
    own: {
      name: 'web01',
      node: 'pve1',
      pool: 'prod',
      tags: ['prod', 'web'],
      status: 'running',
      template: false,
    },
    config: {
      memory: 4096,
      net0: { model: 'virtio', macaddr: 'AA', tag: 30 },
      ide2: { media: 'cdrom', volume: 'none' },
    },
    pending: {},
    ...more,
  };
}

const declared = (...rules: [Selector, DeclaredFields][]) =>
  marked(
    rules.reduce((all, [match, fields]) => withFields(all, match, fields), NOTHING_DECLARED),
    NOTHING_DECLARED,
    1,
  );
const found = (declaration: ReturnType<typeof declared>, subject = aSubject(), now = 1_000) =>
  compareDeclaration(declaration, [subject], { now }).drifted.flatMap(({ fields }) =>
    fields.map(({ path, state, declared: wanted, actual, rules }) => ({
      path,
      state,
      wanted,
      actual,
      rules: rules.join(),
    })),
  );

describe('rules', () => {
  const ranks: [string, Selector, Selector][] = [
    ['a named resource beats a name pattern', { resource: 'vm/101' }, { name: 'web*' }],
    ['a name pattern beats a tag', { name: 'web*' }, { tag: 'prod' }],
    ['a name pattern beats a pool', { name: 'web01' }, { pool: 'prod' }],
    ['a name pattern beats a node', { name: '*01' }, { node: 'pve1' }],
    ['a name pattern beats a type', { name: 'WEB01' }, { type: 'vm' }],
    ['a named resource beats several conditions', { resource: 'vm/101' }, { tag: 'prod', type: 'vm' }],
  ];
  it.each(ranks)('%s', (_, strong, weak) => {
    const rules: [Selector, DeclaredFields][] = [
      [weak, { 'config.memory': 1024 }],
      [strong, { 'config.memory': 4096 }],
    ];
    for (const order of [rules, rules.toReversed()]) expect(found(declared(...order))).toEqual([]);
  });

  it('of any rules about a resource the highest rank counts, and what contradicts itself there is a conflict', () => {
    const rankOf = ({ resource, name }: Selector) => (resource ? 2 : name ? 1 : 0);
    const selector = fc.constantFrom<Selector>(
      { resource: 'vm/101' },
      ...['web*', '*01', 'WEB01', 'w*1'].map(name => ({ name })),
      { name: 'web*', tag: 'prod' },
      ...[{ tag: 'prod' }, { tag: 'WEB' }, { pool: 'prod' }, { node: 'pve1' }, { type: 'vm' as const }],
      { tag: 'web', type: 'vm' as const },
    );
    const rule = fc.tuple(selector, fc.constantFrom(1024, 2048, 4096));
    fc.assert(
      fc.property(
        fc.uniqueArray(rule, { selector: ([match]) => JSON.stringify(match), minLength: 1 }),
        rules => {
          const declaration = declared(
            ...rules.map(([match, memory]): [Selector, DeclaredFields] => [
              match,
              { 'config.memory': memory },
            ]),
          );
          const highest = Math.max(...rules.map(([match]) => rankOf(match)));
          const wanted = new Set(
            rules.flatMap(([match, memory]) => (rankOf(match) === highest ? [memory] : [])),
          );
          const [one, ...others] = found(declaration);
          expect(others).toEqual([]);
          if (wanted.size > 1) expect(one).toMatchObject({ path: 'config.memory', state: 'conflict' });
          else if (wanted.has(4096)) expect(one).toBeUndefined();
          else expect(one).toMatchObject({ state: 'drifted', wanted: [...wanted][0], actual: 4096 });
        },
      ),
    );
  });

  const equals: [string, Selector, Selector][] = [
    ['a tag and a pool', { tag: 'prod' }, { pool: 'prod' }],
    ['a tag and a node', { tag: 'PROD' }, { node: 'pve1' }],
    ['two tags', { tag: 'prod' }, { tag: 'web' }],
    ['two patterns', { name: 'web*' }, { name: '*01' }],
  ];
  it.each(
    equals,
  )('%s of one rank conflict where both are about a resource, and nothing is decided', (_, one, other) => {
    const declaration = declared([one, { 'config.memory': 1024 }], [other, { 'config.memory': 4096 }]);
    expect(found(declaration)).toMatchObject([{ path: 'config.memory', state: 'conflict' }]);
    expect(conflictsAmong(declaration.rules, [aSubject()])).toHaveLength(1);
    expect(
      conflictsAmong(declaration.rules, [aSubject({ tags: [], pool: null, node: 'x', name: 'y' })]),
    ).toEqual([]);
    const agreed = declared([one, { 'config.memory': '4096' }], [other, { 'config.memory': 4096 }]);
    expect(found(agreed)).toEqual([]);
    const above = withFields(declaration, { resource: 'vm/101' }, { 'config.memory': 4096 });
    expect(found(marked(above, NOTHING_DECLARED, 1)).filter(one => one.state !== 'conflict')).toEqual([]);
  });

  it('a selector within another one of its rank conflicts whatever there is', () => {
    const rules = declared(
      [{ tag: 'a' }, { 'config.memory': 1 }],
      [{ tag: 'a', type: 'vm' }, { 'config.memory': 2 }],
    ).rules;
    expect(certainConflicts(rules)).toHaveLength(1);
    expect(
      certainConflicts(
        declared([{ tag: 'a' }, { 'config.memory': 1 }], [{ tag: 'b' }, { 'config.memory': 2 }]).rules,
      ),
    ).toEqual([]);
  });

  it('contradict one another where every pair that is compared does', () => {
    const named = fc.subarray(['tag', 'node', 'pool', 'type', 'name'] as const, { minLength: 1 });
    const selector = named.map((names): Selector => Object.fromEntries(names.map(name => [name, 'vm'])));
    const rule = fc.tuple(selector, fc.integer({ min: 1, max: 3 }));
    const isWithin = (narrow: Selector, wide: Selector) =>
      Object.entries(wide).every(([name, value]) => narrow[name as keyof Selector] === value);
    const rank = ({ name }: Selector) => name !== undefined;
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 12 }), drawn => {
        const { rules } = declared(
          ...drawn.map(([match, memory]): [Selector, DeclaredFields] => [
            match,
            { 'config.memory': memory * 512 },
          ]),
        );
        const pairs = rules.flatMap((a, at) => rules.slice(at + 1).map(b => [a, b] as const));
        const against = pairs.filter(
          ([a, b]) =>
            rank(a.match) === rank(b.match) &&
            (isWithin(a.match, b.match) || isWithin(b.match, a.match)) &&
            a.fields['config.memory'] !== b.fields['config.memory'],
        );
        const ids = (pair: readonly { id: string }[]) => pair.map(one => one.id);
        expect(certainConflicts(rules).map(one => ids(one.rules))).toEqual(against.map(ids));
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('own single members of a list', () => {
    expect(found(declared([{ type: 'vm' }, { 'tags+': ['prod'], 'tags-': ['old'] }]))).toEqual([]);
    expect(found(declared([{ type: 'vm' }, { 'tags+': ['db'] }]))).toMatchObject([
      { path: 'tags+', state: 'drifted', wanted: ['db'] },
    ]);
    expect(found(declared([{ type: 'vm' }, { 'tags-': ['web'] }]))).toMatchObject([
      { path: 'tags-', state: 'drifted' },
    ]);
    expect(
      found(declared([{ tag: 'prod' }, { 'tags+': ['a'] }], [{ node: 'pve1' }, { 'tags-': ['a'] }])),
    ).toMatchObject([{ state: 'conflict' }]);
    expect(
      found(
        declared([{ resource: 'vm/101' }, { tags: ['prod', 'web'] }], [{ type: 'vm' }, { 'tags-': ['web'] }]),
      ),
    ).toEqual([]);
  });

  it('the same selector and field again replaces, another field adds', () => {
    const once = withFields(
      NOTHING_DECLARED,
      { tag: 'a' },
      { 'config.memory': 1, 'config.cores': 2, 'tags+': ['x'] },
    );
    const twice = withFields(once, { tag: 'a' }, { 'config.memory': 3, 'tags+': ['y'], 'tags-': ['x'] });
    expect(twice.rules).toHaveLength(1);
    expect(twice.rules[0]!.fields).toEqual({
      'config.cores': 2,
      'config.memory': 3,
      'tags+': ['y'],
      'tags-': ['x'],
    });
    expect(withFields(twice, { tag: 'a' }, { tags: ['z'] }).rules[0]!.fields).toEqual({
      'config.cores': 2,
      'config.memory': 3,
      tags: ['z'],
    });
    expect(withoutFields(twice, { tag: 'a' }, ['tags', 'config.cores']).rules[0]!.fields).toEqual({
      'config.memory': 3,
    });
    expect(withoutFields(twice, { tag: 'a' }, null).rules).toEqual([]);
    expect(() => withoutFields(twice, { tag: 'b' }, null)).toThrow(/Nothing of that/);
  });

  it('say nothing of fields that a type does not have', () => {
    const container = aSubject({ resource: 'container/200', type: 'container', config: { memory: 512 } });
    expect(found(declared([{ tag: 'prod' }, { 'config.agent.enabled': 1 }]), container)).toEqual([]);
    expect(found(declared([{ tag: 'prod' }, { 'config.agent.enabled': 1 }]))).toHaveLength(1);
  });
});

describe('a comparison', () => {
  const memory = declared([{ resource: 'vm/101' }, { 'config.memory': 8192 }]);

  it.each([
    ['drifted', { config: { memory: 4096 }, pending: {} }, [{ state: 'drifted', actual: 4096 }]],
    ['as declared', { config: { memory: 8192 }, pending: {} }, []],
    [
      'right after the next restart',
      { config: { memory: 4096 }, pending: { memory: 8192 } },
      [{ state: 'pending', actual: 4096 }],
    ],
    [
      'wrong after the next restart',
      { config: { memory: 8192 }, pending: { memory: 2048 } },
      [{ state: 'drifted', actual: 2048 }],
    ],
    [
      'gone after the next restart',
      { config: { memory: 8192 }, pending: { memory: '(deleted)' } },
      [{ state: 'drifted', actual: null }],
    ],
    ['not read', { config: null }, [{ state: 'unseen' }]],
    [
      'out of sight',
      { unknown: { since: 5, reason: { code: 'node-not-online', node: 'pve1' } } },
      [{ state: 'unseen', actual: 4096 }],
    ],
    [
      'untold',
      { unknownFields: { 'config.memory': { since: null, reason: { code: 'field-not-reported' } } } },
      [{ state: 'unseen' }],
    ],
  ] as const)('a field is $0: $2', (_, more, expected) => {
    expect(found(memory, aSubject(more as Partial<Subject>))).toMatchObject(expected);
  });

  it('an absent key is absent, and parts of a card go by its key', () => {
    expect(found(declared([{ resource: 'vm/101' }, { 'config.ide2': null }]))).toMatchObject([
      { path: 'config.ide2', state: 'drifted' },
    ]);
    expect(found(declared([{ resource: 'vm/101' }, { 'config.ide3': null, 'config.net0.tag': 30 }]))).toEqual(
      [],
    );
    const pendingCard = aSubject({ pending: { net0: { model: 'virtio', tag: 20 } } });
    expect(found(declared([{ resource: 'vm/101' }, { 'config.net0.tag': 20 }]), pendingCard)).toMatchObject([
      { state: 'pending' },
    ]);
  });

  it('an exception holds for its value until its end, and for no other', () => {
    const accepted = withException(memory, {
      match: { tag: 'prod' },
      path: 'config.memory',
      value: 4096,
      owner: 'bob',
      until: 2_000,
      why: null,
    });
    expect(found(accepted)).toMatchObject([{ state: 'accepted' }]);
    expect(found(accepted, aSubject(), 2_000)).toMatchObject([{ state: 'accepted' }]);
    expect(found(accepted, aSubject(), 2_001)).toMatchObject([{ state: 'drifted' }]);
    expect(found(accepted, aSubject({ config: { memory: 1024 } }))).toMatchObject([{ state: 'drifted' }]);
  });

  it('a named resource that is not there is missing, what fits nothing is not', () => {
    const rules = declared(
      [{ resource: 'vm/999' }, { 'config.memory': 1 }],
      [{ tag: 'none' }, { 'config.memory': 1 }],
    );
    const findings = compareDeclaration(rules, [aSubject()], { now: 0 });
    expect(findings.missing.map(one => one.resource)).toEqual(['vm/999']);
    expect(countFindings(findings)).toEqual({
      drifted: 0,
      accepted: 0,
      pending: 0,
      unseen: 0,
      conflict: 0,
      missing: 1,
    });
  });

  it('finds nothing after `like`, which leaves what names a guest and what is not certain', () => {
    const subject = aSubject({
      pending: { memory: 1024 },
      config: { ...aSubject().config!, boot: { order: 'scsi0' }, vmgenid: 'x', onboot: 0 },
    });
    const { fields, left } = takenFrom(subject, null);
    expect(Object.keys(fields).sort()).toEqual([
      'config.ide2.media',
      'config.net0.model',
      'config.net0.tag',
      'config.onboot',
      'name',
      'node',
      'pool',
      'status',
      'tags',
      'template',
    ]);
    expect(left.map(one => one.path)).toEqual(['config.memory']);
    expect(found(declared([{ resource: 'vm/101' }, fields]), subject)).toEqual([]);
  });
});

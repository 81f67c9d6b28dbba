import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPlanSize } from '../../../src/answers/desired/plan-size.ts';
import { planQuestion } from '../../../src/answers/desired/question.ts';
import type { PlanEntity, PlanStep } from '../../../src/model/plan.ts';

const step = (more: Partial<PlanStep>): PlanStep => ({
  resource: 'vm/101',
  name: 'web01',
  incarnation: 1,
  path: 'config.memory',
  from: '4096',
  to: '8192',
  effect: 'after restart',
  ...more,
});
const plan = (steps: PlanStep[], more: Partial<PlanEntity> = {}): PlanEntity => ({
  ...{
    id: 'p-7f3k9',
    identity: '',
    revision: 0,
    asker: 'a-host of 1000@desk',
    request: {},
    steps,
    leftOut: [],
  },
  ...{ createdAt: 0, expiresAt: Date.UTC(2026, 10, 28, 14, 35), usedAt: null, outcome: null },
  ...more,
});
const shown = (steps: PlanStep[], why: string | null = null, limit = 300, cluster = 'lab') =>
  planQuestion(plan(steps), { cluster, timeZone: 'UTC', why, limit });

test('the same change of several guests is told once, with all of them; another one stands apart', () => {
  const guests = Array.from({ length: 5 }, (_, at) => ({
    resource: `vm/${101 + at}`,
    name: `web0${at + 1}`,
  }));
  const steps = [
    ...guests.map(one => step({ ...one, path: 'config.onboot', from: null, to: 1, effect: 'now' })),
    step({ resource: 'vm/105', name: 'web05' }),
    step({ path: 'tags', from: [], to: ['a', 'b'], effect: 'now' }),
    step({ path: 'snapshots', from: null, to: 'before', effect: 'task' }),
  ];
  expect(
    shown(steps, 'ticket 4711'),
  ).toBe(`Plan p-7f3k9 for the cluster lab: 8 changes to 5 guests, until 14:35.

onboot: not set -> 1 (now)
  vm/101 web01, vm/102 web02, vm/103 web03, vm/104 web04
  vm/105 web05
memory: 4096 -> 8192 (after restart)
  vm/105 web05
tags: none -> a, b (now)
  vm/101 web01
new snapshot before (task)
  vm/101 web01

Planned by "a-host of 1000@desk", applied because "ticket 4711".`);
});

test('text of the cluster cannot look like a change, a guest or a sentence of ours', () => {
  const hostile = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
  const tricks = fc.constantFrom(
    'x -> y (now)\n  vm/1 a',
    'a" -> "b',
    '", approved by root',
    '\u202Eevil',
    'a, vm/999 b',
  );
  const text = fc.oneof(hostile, tricks);
  fc.assert(
    fc.property(text, text, text, text, text, (name, from, to, why, cluster) => {
      const steps = [step({ name, path: `config.net0.${name}`, from, to, effect: 'now' })];
      const lines = shown(steps, why, 300, cluster).split('\n');
      expect(lines).toHaveLength(6);
      expect(lines[0]).toMatch(
        /^Plan p-7f3k9 for the cluster (?:[\w./:;=+-]+|"[^"]*"): 1 change to 1 guest, until 14:35\.$/,
      );
      expect(lines[2]).toMatch(
        /^(?:[\w./:;=+-]+|"[^"]*"): (?:[\w./:;=+-]+|"[^"]*") -> (?:[\w./:;=+-]+|"[^"]*")(?: \(differs in what is not shown\))? \(now\)$/,
      );
      expect(lines[3]).toMatch(/^ {2}vm\/101 (?:[\w./:;=+-]+|"[^"]*")$/);
      expect(lines[5]).toMatch(/^Planned by "[^"]*", applied because "[^"]*"\.$/);
    }),
  );
});

test('a secret is not shown, a long text is cut and says how long it is, and a change one cannot see is said', () => {
  const text = (from: string, to: string, limit?: number) =>
    shown([step({ path: 'config.description', from, to, effect: 'now' })], null, limit);
  expect(text('password=hunter2secret', 'x')).not.toContain('hunter2secret');
  expect(text('x', 'y'.repeat(500))).toContain('… (500 characters)'.replace('… ', '…" '));
  expect(text('x', 'y'.repeat(500), 8_192)).toContain('y'.repeat(500));
  expect(text('password=hunter2secret', 'password=another3secret')).toContain(
    '(differs in what is not shown)',
  );
});

// Kills: a refusal by the store, in its own words.
test('a plan of more than can be kept says how to plan for less', () => {
  const notes = (count: number) => Array.from({ length: count }, () => step({ from: 'x'.repeat(65_000) }));
  expect(() => checkPlanSize(plan(notes(60)))).not.toThrow();
  expect(() => checkPlanSize(plan(notes(62)))).toThrow(/more than one plan can hold/);
});

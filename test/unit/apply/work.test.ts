import { expect, test } from 'vitest';
import { stagesOf, workOf } from '../../../src/apply/work.ts';
import type { PlanStep, StepEffect } from '../../../src/model/plan.ts';

const step = (path: string, to: unknown, effect: StepEffect = 'now', resource = 'vm/101'): PlanStep => ({
  resource,
  name: null,
  incarnation: 1,
  path,
  from: null,
  to: to as PlanStep['to'],
  effect,
});

test('a plan is taken guest by guest, in the order of its steps', () => {
  const steps = [step('tags', ['a']), step('tags', ['a'], 'now', 'container/200'), step('config.cores', 2)];
  expect(
    workOf({ steps }).map(({ resource, type, vmid, steps }) => [resource, type, vmid, steps.length]),
  ).toEqual([
    ['vm/101', 'vm', 101, 2],
    ['container/200', 'container', 200, 1],
  ]);
});

test.each([
  [
    [step('status', 'running'), step('node', 'pve2'), step('tags', ['a'])],
    ['config', 'node', 'status'],
  ],
  [
    [step('node', 'pve2'), step('status', 'stopped')],
    ['status', 'node'],
  ],
  [
    [step('config.cores', 2, 'restarts it'), step('snapshots', 's1')],
    ['snapshots', 'config', 'restart'],
  ],
  [
    [step('snapshots', 's1'), step('snapshots', 's2')],
    ['snapshots', 'snapshots'],
  ],
])('$0 is done in the stages $1', (steps, kinds) => {
  const stages = stagesOf({ steps });
  expect(stages.map(({ kind, steps: [first] }) => (kind === 'task' ? first!.path : kind))).toEqual(kinds);
});

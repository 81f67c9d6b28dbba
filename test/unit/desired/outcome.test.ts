import { expect, test } from 'vitest';
import { outcomeOf, stepResults } from '../../../src/desired/outcome.ts';
import type { OperationEntity } from '../../../src/model/operation.ts';
import type { PlanStep } from '../../../src/model/plan.ts';
import { anOperation, aPlan } from '../../support/database-fixtures.ts';

const step: PlanStep = {
  ...{ resource: 'vm/100', name: 'web', incarnation: 1, path: 'config.memory' },
  ...{ from: '2048', to: '3072', effect: 'restarts it' },
};
const operation = (number: number, more: Partial<OperationEntity>) =>
  ({
    ...{ id: `p-a.${number}`, plan: 'p-a', resource: 'vm/100', paths: ['config.memory'], takesBack: null },
    ...{ standings: {}, liveDiffers: false, ...more },
  }) as OperationEntity;

test('the last write for a field tells, as writes are counted, whatever clock dated them and in whichever order they come', () => {
  const write = operation(1, { state: 'pending', sentAt: 1_005 });
  const restart = operation(2, { state: 'verified', sentAt: 1_002 });
  const later = operation(10, { state: 'failed', sentAt: 1_003 });
  const told = (...operations: OperationEntity[]) =>
    stepResults({ steps: [step], outcome: null }, operations)[0]!.outcome;
  expect(told(write, restart)).toBe('verified');
  expect(told(restart, write)).toBe('verified');
  expect(told(later, restart, write)).toBe('failed');
});

const plan = aPlan();
const tagsToo = { ...plan, steps: [...plan.steps, { ...plan.steps[0]!, path: 'tags' }] };

test('a step is as its last write found it; one that takes back tells of no step', () => {
  const operations = [
    anOperation('p-1.1', { state: 'pending' }),
    anOperation('p-1.2', { state: 'verified', kind: 'power' }),
    anOperation('p-1.3', { state: 'failed', kind: 'revert', takesBack: 'p-1.1' }),
  ];
  expect(stepResults(plan, operations)).toMatchObject([{ path: 'config.memory', outcome: 'verified' }]);
});

test('of several fields in one write, those in force are verified while others wait', () => {
  const standings = { memory: { standing: 'waiting', now: '8192' }, tags: { standing: 'there', now: 'a' } };
  const operation = anOperation('p-1.1', { state: 'pending', paths: ['config.memory', 'tags'], standings });
  expect(stepResults(tagsToo, [operation]).map(({ outcome }) => outcome)).toEqual(['pending', 'verified']);
});

test('what was never sent says why, and what is not known is not called failed', () => {
  const stopped = [{ resource: 'vm/101', what: 'it could not be read' }];
  expect(stepResults(plan, [], stopped)).toMatchObject([
    { outcome: 'not_sent', error: 'it could not be read' },
  ]);
  const unknown = { outcome: 'unknown', error: expect.stringContaining('not known') };
  expect(stepResults(plan, [anOperation()])).toMatchObject([unknown]);
});

test.each([
  ['done', ['verified', 'pending']],
  ['partial', ['verified', 'failed']],
  ['partial', ['unknown', 'not_sent']],
  ['failed', ['failed', 'reverted', 'not_sent']],
] as const)('%s where steps ended %j', (outcome, steps) => {
  expect(outcomeOf(steps.map(one => ({ outcome: one })))).toBe(outcome);
});

import { expect, test } from 'vitest';
import { stepResults } from '../../../src/desired/outcome.ts';
import type { OperationEntity } from '../../../src/model/operation.ts';
import type { PlanStep } from '../../../src/model/plan.ts';

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

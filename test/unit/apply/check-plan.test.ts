import { expect, test } from 'vitest';
import { GUESTS_AT_MOST, planRefusal } from '../../../src/apply/check-plan.ts';
import { aPlan } from '../../support/database-fixtures.ts';

const { expiresAt, steps } = aPlan();
const guests = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...steps[0]!, resource: `vm/${100 + n}` }));

test.each([
  ['open', {}, expiresAt, undefined],
  ['past its expiry', {}, expiresAt + 1, 'expired'],
  ['found to be expired once, whatever the clock says', { outcome: 'expired' }, 0, 'expired'],
  ['used', { usedAt: 1 }, 0, 'used'],
  ['used up by facts that no longer held', { usedAt: 1, outcome: 'refused' }, 0, 'used'],
  ['for as many guests as one plan may change', { steps: guests(GUESTS_AT_MOST) }, 0, undefined],
  ['for one more', { steps: guests(GUESTS_AT_MOST + 1) }, 0, 'too-many'],
  ['of many steps for one guest', { steps: Array(60).fill(steps[0]) }, 0, undefined],
] as const)('a plan $0 has the fault: $3', (_, more, latest, code) => {
  expect(planRefusal(aPlan('p-1', more as object), latest)?.code).toBe(code);
});

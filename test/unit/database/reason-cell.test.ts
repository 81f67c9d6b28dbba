import { expect, test } from 'vitest';
import { reasonFromCell } from '../../../src/database/sql/reason-cell.ts';

test.each([
  ['{"code":"forbidden","path":"/vms"}', { code: 'forbidden', path: '/vms' }],
  ['{"path":"/vms"}', { code: 'other', text: '{"path":"/vms"}' }],
  ['[]', { code: 'other', text: '[]' }],
  ['no rights', { code: 'other', text: 'no rights' }],
])('a cell %j is the reason %j', (cell, reason) => {
  expect(reasonFromCell(cell)).toEqual(reason);
});

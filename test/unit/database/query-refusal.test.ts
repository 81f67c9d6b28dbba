import { expect, test } from 'vitest';
import { QueryLimitError } from '../../../src/database/errors.ts';
import { refusalOf } from '../../../src/database/postgresql/query.ts';
import { UsageError } from '../../../src/errors.ts';

const error = (code?: string) =>
  Object.assign(new Error('no such thing'), code === undefined ? {} : { code });

// SQLSTATE codes: https://www.postgresql.org/docs/18/errcodes-appendix.html
test.each([
  ['57014', QueryLimitError],
  ['53200', QueryLimitError],
  ['54000', QueryLimitError],
  ['54001', QueryLimitError],
  ['42703', UsageError],
  ['22012', UsageError],
  ['0A000', UsageError],
  ['21000', UsageError],
  ['25006', UsageError],
])('%s is refused as what it is', (code, type) => expect(refusalOf(error(code))).toBeInstanceOf(type));

test.each([['08006'], ['57P01'], [undefined]])('%s is no fault of the statement', code => {
  const fault = error(code);
  expect(refusalOf(fault)).toBe(fault);
});

import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../src/database/errors.ts';
import { translateError } from '../../../src/database/translate-error.ts';
import { UsageError } from '../../../src/errors.ts';

const coded = (code: string, message = 'secret words') => Object.assign(new Error(message), { code });
const adapter = (kind: string, more: object = {}) =>
  Object.assign(new Error('x'), {
    code: 'P2010',
    meta: { driverAdapterError: Object.assign(new Error('y'), { cause: { kind, ...more } }) },
  });

describe('an error of the database', () => {
  it.each<[unknown, string]>([
    [coded('SQLITE_BUSY'), 'busy'],
    [coded('SQLITE_BUSY_SNAPSHOT'), 'busy'],
    [coded('P2034'), 'busy'],
    [adapter('TransactionWriteConflict'), 'busy'],
    [adapter('SocketTimeout', { originalCode: 'SQLITE_BUSY' }), 'busy'],
    [adapter('UniqueConstraintViolation'), 'duplicate'],
    [coded('23505'), 'duplicate'],
    [adapter('ForeignKeyConstraintViolation'), 'foreign_key'],
    [coded('SQLITE_CONSTRAINT_FOREIGNKEY'), 'foreign_key'],
    [coded('P2025'), 'not_found'],
    [coded('SQLITE_FULL'), 'disk_full'],
    [coded('53100'), 'disk_full'],
    [adapter('sqlite', { originalCode: 'SQLITE_FULL' }), 'disk_full'],
    [coded('SQLITE_READONLY'), 'store_permission'],
    [coded('SQLITE_CANTOPEN'), 'store_permission'],
    [coded('42501'), 'store_permission'],
    [coded('SQLITE_NOTADB'), 'not_a_database'],
    [coded('SQLITE_CORRUPT'), 'not_a_database'],
    [coded('ECONNREFUSED'), 'connection_lost'],
    [coded('57P01'), 'connection_lost'],
    [adapter('ConnectionClosed'), 'connection_lost'],
    [new Error('Connection terminated unexpectedly'), 'connection_lost'],
    [coded('28P01'), 'access_denied'],
    [coded('3D000'), 'access_denied'],
    [adapter('TlsConnectionError'), 'access_denied'],
    [adapter('NullConstraintViolation'), 'validation'],
    [adapter('ValueOutOfRange'), 'validation'],
    [coded('22P02'), 'validation'],
    [coded('P2028'), 'transaction'],
    [new Error('who knows'), 'database'],
    ['not even an error', 'database'],
  ])('%o becomes %s', (thrown, code) => {
    const error = translateError(thrown);
    expect(error).toMatchObject({ code, cause: thrown, hint: expect.any(String) });
    expect(error.message).not.toContain('secret');
  });

  it('stays as it is when it is ours', () => {
    for (const ours of [new NotFoundError('t', 'x'), new UsageError('u')])
      expect(translateError(ours)).toBe(ours);
  });
});

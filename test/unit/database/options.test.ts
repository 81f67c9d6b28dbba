import { resolve } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { DatabaseOptionsError } from '../../../src/database/errors.ts';
import { describeTarget, holdsPassword, parseTarget } from '../../../src/database/options.ts';

describe('the address of a store', () => {
  it.each([
    ['file:/var/lib/x.db', '/var/lib/x.db'],
    ['file:///var/lib/a%20b.db', '/var/lib/a b.db'],
    ['file:dev.db', resolve('dev.db')],
    ['file:./dev.db?connection_limit=1', resolve('dev.db')],
    ['  FILE:/x.db ', '/x.db'],
  ])('%s is a SQLite file', (url, path) => {
    expect(parseTarget({ url })).toEqual({ provider: 'sqlite', path });
    expect(describeTarget(parseTarget({ url, provider: 'sqlite' }))).toBe(path);
  });

  it.each([
    'postgresql://ann:geheim@db.lan:5433/mpc?sslmode=require',
    'postgres://ann:geheim@db.lan:5433/mpc',
  ])('%s is PostgreSQL, shown without secrets', url => {
    const target = parseTarget({ url, provider: 'postgresql' });
    expect(target).toEqual({ provider: 'postgresql', url });
    expect(describeTarget(target)).toBe('postgresql://db.lan:5433/mpc');
  });

  it('is shown without a port where it names none', () => {
    expect(describeTarget(parseTarget({ url: 'postgresql://ann@db.lan/mpc' }))).toBe(
      'postgresql://db.lan/mpc',
    );
  });

  it.each([
    '',
    'mysql://x',
    '/var/lib/x.db',
    'file:',
    'file::memory:',
    'file:a\0b',
    'postgresql://:geheim@:x/',
  ])('%j is refused, and not repeated', url => {
    try {
      parseTarget({ url });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(DatabaseOptionsError);
      expect(String((error as Error).message)).not.toContain('geheim');
    }
  });

  it('must agree with the provider', () => {
    expect(() => parseTarget({ url: 'file:/x.db', provider: 'postgresql' })).toThrow(
      'DATABASE_PROVIDER is postgresql, but DATABASE_URL is for sqlite.',
    );
    expect(() => parseTarget({ url: 'postgresql://h/d', provider: 'sqlite' })).toThrow(DatabaseOptionsError);
  });
});

test.each([
  ['postgresql://mpc@db:5432/store', false],
  ['postgresql://mpc:hunter@db/store', true],
  [' postgres://db/store?sslpassword=x ', true],
  ['postgres://db/store?sslmode=require', false],
  ['postgres://mpc:hun/ter@db:no-port/store', true],
  ['file:./mpc.db?password=x', false],
])('whether %s holds a password: %s', (url, holds) => expect(holdsPassword(url)).toBe(holds));

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readClusters } from '../../../src/config/clusters.ts';
import { databaseUrl } from '../../../src/config/formats.ts';
import { describeTarget, parseTarget } from '../../../src/database/options.ts';
import { someOf } from '../../support/given.ts';

const folder = mkdtempSync(join(tmpdir(), 'mpc-stores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'url'), 'postgresql://u:p@db/mpc?schema=lab\n', { mode: 0o600 });

const place = someOf<Parameters<typeof readClusters>[2]>({ platform: 'linux', home: folder, env: {} });
const PG = 'postgresql://u:p@db/mpc';
const read = (a: object, b: object) => {
  const file = join(folder, 'clusters.json');
  const one = { url: 'https://pve:8006' };
  writeFileSync(file, JSON.stringify({ clusters: { a: { ...one, ...a }, b: { ...one, ...b } } }));
  return () => readClusters(file, {}, place);
};

test.each([
  [{ database_url: PG }, { database_url: `${PG}?schema=lab` }],
  [{ database_url: `${PG}?schema=home` }, { database_url: `${PG}?schema=lab` }],
  [{ database_url: `${PG}?schema=Lab` }, { database_url: `${PG}?schema=lab` }],
  [{ database_url: `${PG}?schema=lab` }, { database_url: 'postgresql://u:p@db/other?schema=lab' }],
  [{ database_url: `${PG}?schema=home` }, { database_url_file: 'url' }],
  [{ database_url: 'file:a.db' }, { database_url: 'file:b.db' }],
  [{}, {}],
])('two stores are two stores: %j and %j', (a, b) => {
  expect([...read(a, b)().keys()]).toEqual(['a', 'b']);
});

test.each([
  [{ database_url: PG }, { database_url: PG }],
  [{ database_url: PG }, { database_url: 'postgres://other:x@DB:5432/mpc?sslmode=disable' }],
  [{ database_url: PG }, { database_url: `${PG}?schema=public` }],
  [{ database_url: `${PG}?sslmode=disable&schema=lab` }, { database_url_file: 'url' }],
  [{ database_url: `${PG}?host=/run/pg` }, { database_url: 'postgresql://u@elsewhere/mpc?host=/run/pg' }],
  [{ database_url: 'file:a.db' }, { database_url: 'file:./x/../a.db' }],
  [{ database_url: 'file:a.db' }, { database_url: `file://${join(folder, 'a.db')}` }],
])('one store is refused, however it is written: %j and %j', (a, b) => {
  expect(read(a, b)).toThrow(/one store.*schema=lab/);
});

test.each([
  '',
  'a b',
  'a"b',
  "a'b",
  'a;drop',
  'pg_catalog',
  'information_schema',
  '1st',
  'x'.repeat(64),
  'a&schema=b',
  'a\\b',
])('a schema that none may be called is refused: %j', schema => {
  const text = schema.includes('&') ? schema : encodeURIComponent(schema);
  expect(() => databaseUrl(`${PG}?schema=${text}`)).toThrow(/names a schema that no store may have/);
});

test('a schema is part of what people are shown, and of nothing else where there is none', () => {
  const shown = (url: string) => describeTarget(parseTarget({ url }));
  expect(shown(`${PG}?sslmode=disable&schema=my-lab`)).toBe('postgresql://db/mpc?schema=my-lab');
  expect(shown(`${PG}?sslmode=disable`)).toBe('postgresql://db/mpc');
  expect(() => databaseUrl(`${PG}?options=-c%20search_path%3Dlab`)).toThrow(/schema=NAME/);
});

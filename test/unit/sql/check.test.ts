import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemaResource } from '../../../resources/schema.ts';
import { writeTokens } from '../../../src/database/query/write-tokens.ts';
import { UsageError } from '../../../src/errors.ts';
import type { ToolContext } from '../../../src/mcp/define/tool.ts';
import { shownFacts, withoutNulls } from '../../../src/mcp/runner/results.ts';
import { VIEW_NAMES } from '../../../src/model/query.ts';
import { VIEWS } from '../../../src/sql/catalogue.ts';
import { checkQuery } from '../../../src/sql/check.ts';
import { FUNCTIONS, KEYWORDS, TYPES } from '../../../src/sql/language.ts';
import { tokenize } from '../../../src/sql/tokens.ts';
import { someOf } from '../../support/given.ts';
import { REFUSED } from '../../support/hostile-sql.ts';

/** What is refused, as one line: what is wrong, and what to write. */
function refusal(sql: string): string {
  try {
    checkQuery(sql);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const { message, hint = '' } = error as UsageError;
    return `${message} ${hint}`;
  }
  throw new Error(`passed: ${sql}`);
}

describe('the facets that a statement needs', () => {
  test.each([
    ['select name from guests', ['inventory']],
    ['select name from guests where onboot', ['inventory', 'config']],
    ['select last_backup_at from guests', ['inventory', 'backups']],
    ['select * from guests', ['inventory', 'config', 'backups']],
    ['select count(*) from guests', ['inventory']],
    ['select node from nodes', ['inventory', 'details']],
    ['select address from addresses', ['inventory', 'config', 'addresses']],
    ['select user from tasks', ['tasks']],
    ['select 1 as one', []],
  ])('$0: $1', (sql, facets) => expect(checkQuery(sql).facets).toEqual(facets));

  test('who made changes is looked for only where it is read', () => {
    expect(checkQuery('select seq from changes').readsAuthors).toBe(false);
    expect(checkQuery('select c.user from changes c').readsAuthors).toBe(true);
    expect(checkQuery('select * from changes').readsAuthors).toBe(true);
    expect(checkQuery('select user from tasks').readsAuthors).toBe(false);
  });
});

describe('a count of what is seldom meant', () => {
  test.each(
    VIEW_NAMES.filter(view => VIEWS[view].beside !== undefined),
  )('among %s brings its caution, unless a condition shows that it is meant', view => {
    const { unless, caution } = VIEWS[view].beside!;
    const cautions = (sql: string) => checkQuery(sql).cautions;
    expect(cautions(`select count(*) from ${view}`)).toEqual([caution]);
    expect(cautions(`select max(x.resource) from ${view} x join nics on nics.resource = x.resource`)).toEqual(
      [caution],
    );
    expect(cautions(`select resource from ${view}`)).toEqual([]);
    for (const column of unless)
      expect(cautions(`select count(*) from ${view} x where x.${column} is not null`)).toEqual([]);
  });

  test('is ruled out by columns that its view has', () => {
    for (const { beside, columns } of Object.values(VIEWS))
      for (const column of beside?.unless ?? []) expect(Object.keys(columns)).toContain(column);
    expect(checkQuery('select count(*) from nics').cautions).toEqual([]);
  });
});

describe('a statement that nearly means something', () => {
  test.each([
    ['select nam from guests', 'Did you mean name'],
    ['select g.nam from guests g', 'Did you mean name'],
    ['select name from guest', 'Did you mean guests'],
    ['select bus from guests', 'bus is a column of disks'],
    ['select n.vmid from guests g join nodes n using (node)', 'vmid is a column of guests'],
    ['select x.name from guests g', '"x" is no view or alias'],
    ['select lowr(name) from guests', 'Did you mean lower'],
    ['select strftime(at) from changes', 'substr(at, 1, 7)'],
    ['select cast(name as json) from guests', 'text, integer or real'],
    ["select name from guests where created_at > ago('soon')", "ago('7d')"],
    ["select name from guests where created_at > datetime('now', '-1 month')", "ago('30d')"],
    ['select name from guests for update', 'for is not supported'],
    ['select name from vms', "guests where type = 'vm'"],
    ['select * from history', 'Did you mean changes'],
    ['select name, mem_gib from guests', 'It is memory_mib.'],
    ["select name from guests where tags like '%prod%'", 'guest_tags has a row for each tag'],
    ['select name, ip from guests', 'addresses has a row for each'],
    ['select name, uptime from guests', 'julianday(now()) - julianday(started_at)'],
    ["select name from guests where type = 'qemu'", "Write type = 'vm'."],
    ["select name from guests where type in ('lxc', 'qemu')", "Write type = 'container'."],
    ["select name from guests where onboot = 'yes'", 'Write onboot = 1.'],
    ["select name from guests g where g.onboot <> 'off'", 'Write onboot = 0.'],
    ["select name from guests where memory_mib > '8G'", 'memory_mib is a number, not "8G"'],
    ["select upid from tasks where started_at > 'yesterday'", "started_at > ago('7d')"],
  ])('$0 is refused with: $1', (sql, part) => expect(refusal(sql)).toContain(part));
});

test.each([
  "select name from guests where onboot = '1' and memory_mib > '8192'",
  "select name from guests where started_at > '2026-11' and created_at < '2026-11-20T06:00:00Z'",
  "select upid from tasks where type = 'vzdump'",
  "select s.storage from storage s where type in ('lvmthin', 'zfspool')",
  "select value from config where key = 'onboot' and value = 'yes'",
  "select name, count(*) as onboot from guests group by name having onboot = 'x'",
  "select case when onboot = 1 then 'yes' else 'no' end from guests",
])('%s compares a column with a value that it may have', sql => expect(() => checkQuery(sql)).not.toThrow());

test('proxmox://schema has every column, and loses none of its words on the way out', async () => {
  const schema = (await schemaResource.read({}, someOf<ToolContext>({}))) as { views: object };
  expect(withoutNulls(schema)).toEqual(schema);
  expect(shownFacts(schema).text.length).toBeLessThan(12_000);
  expect(Object.keys(schema.views)).toEqual([...VIEW_NAMES]);
});

/** Every text or time column against a number: SQLite would answer such a question, wrongly. */
test('no text is compared with a number, or counted with', () => {
  const texts = VIEW_NAMES.flatMap(view =>
    Object.entries(VIEWS[view].columns)
      .filter(([, { type }]) => type === 'text' || type === 'time')
      .map(([column]) => [view, column] as const),
  );
  expect(texts.length).toBeGreaterThan(50);
  for (const [view, column] of texts)
    for (const condition of [
      `${column} > 5`,
      `${column} <= -5`,
      `${column} between 1 and 2`,
      `${column} in (1, 2)`,
      `${column} + 1 is null`,
      `2 * ${column} = 4`,
    ])
      expect(refusal(`select 1 from ${view} where ${condition}`)).toContain(`${column} is text`);
  for (const [view, column] of texts)
    expect(refusal(`select sum(${column}) from ${view}`)).toContain('is text');
});

test('every column of every view can be read by its name, quoted and with its view', () => {
  for (const view of VIEW_NAMES)
    for (const column of Object.keys(VIEWS[view].columns)) {
      const { views, columns } = checkQuery(`select ${column}, "${column}", ${view}.${column} from ${view}`);
      expect([...views]).toEqual([view]);
      expect(columns).toEqual([column, column, column]);
    }
});

const PIECES = [
  ...[
    'select',
    'from',
    'where',
    'guests',
    'nodes',
    'vms',
    'notes',
    'pg_authid',
    'sqlite_master',
    'name',
    'node',
    'vmid',
  ],
  ...[
    '*',
    ',',
    '(',
    ')',
    '.',
    '=',
    '||',
    ';',
    "'x'",
    '1',
    '"user"',
    'user',
    'current_user',
    'as',
    'g',
    'g.name',
  ],
  ...[
    'pg_sleep',
    'pg_sleep(1)',
    'count(*)',
    'lower(name)',
    'cast(vmid as text)',
    'cast(name as regclass)',
    'with x as (select 1)',
  ],
  ...[
    'x',
    'join',
    'on',
    'union',
    'order by',
    'limit',
    'into',
    'for update',
    'values',
    'lateral',
    'recursive',
    'returning',
  ],
  ...[
    'in (select id from vms)',
    'exists (select 1 from guests)',
    '/*',
    '*/',
    '--',
    '$$',
    'E',
    "E'x'",
    'case',
    'when',
    'end',
    'over',
    'distinct',
  ],
];
const WORDS = /[a-z_][a-z0-9_]*/gi;
const MAKES = new Set([
  'coalesce',
  'substr',
  'strpos',
  'extract',
  'epoch',
  'timestamptz',
  'numeric',
  'text',
  'nulls',
  'char',
]);

/** Whatever passes, the engine is handed known words, names in quotes, texts and numbers: nothing else it could take for more. */
test('what passes holds no word that is not known', () => {
  const statement = fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.constantFrom(...REFUSED.map(([, sql]) => sql))), {
      maxLength: 14,
    })
    .map(pieces => `select ${pieces.join(' ')}`);
  let passed = 0;
  fc.assert(
    fc.property(statement, sql => {
      let checked: ReturnType<typeof checkQuery>;
      try {
        checked = checkQuery(sql);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return;
      }
      passed++;
      for (const view of checked.views) expect(VIEW_NAMES).toContain(view);
      for (const provider of ['sqlite', 'postgresql'] as const) {
        const written = writeTokens(checked.tokens, provider, 0);
        const bare = written.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ' ');
        for (const [word] of bare.matchAll(WORDS)) {
          const lower = word.toLowerCase();
          const known =
            KEYWORDS.has(lower) ||
            FUNCTIONS.has(lower) ||
            lower in TYPES ||
            MAKES.has(lower) ||
            lower === 'ilike';
          expect(known, `${word} in ${written}`).toBe(true);
        }
        expect(bare).not.toMatch(/[;$`[\]\\]|--|\/\*|::(?!text|numeric|timestamptz)/);
      }
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 2_000) },
  );
  expect(passed).toBeGreaterThan(20);
});

/** Whatever stands in quotes comes out as the same text, on both engines. */
test('texts and names stay in their quotes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter(one => one.isWellFormed() && !one.includes('\0')),
      text => {
        const quoted = `'${text.replaceAll("'", "''")}'`;
        const named = text === '' ? 'x' : text;
        const name = `"${named.replaceAll('"', '""')}"`;
        const { tokens } = checkQuery(`select ${quoted} as ${name}`);
        for (const provider of ['sqlite', 'postgresql'] as const)
          expect(tokenize(writeTokens(tokens, provider, 0)).map(one => one.text)).toEqual([
            'select',
            text,
            'as',
            named,
          ]);
      },
    ),
  );
});

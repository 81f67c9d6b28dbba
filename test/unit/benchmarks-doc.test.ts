import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withReport } from '../../bench/support/benchmarks-doc.ts';

const MEASURED = '*Measured on 2026-11-29 at abc1234; load 0.1 before and 1.0 after, on 2 cores.*';
const document = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
const table = { title: 'On disk', columns: ['engine', 'MB'], rows: [['SQLite', 7]] };
const check = { what: 'a figure', value: 3, target: 2, unit: 'ms' };

it("puts a run's tables in place of the same tables of its section, and leaves all else", () => {
  const written = withReport(document, { title: 'History' }, { tables: [table], checks: [check] }, MEASURED);
  const section = (text: string, title: string) =>
    text.split(/^(?=## )/m).find(one => one.startsWith(`## ${title}\n`))!;
  const [before, after] = [section(document, 'History'), section(written, 'History')];
  expect(after).toContain(`## History\n\n${MEASURED}\n\n`);
  expect(after).toContain('**On disk**\n\n| engine | MB  |\n| ------ | --- |\n| SQLite | 7   |\n\n');
  expect(after).toMatch(
    /\*\*Targets\*\*\n\n\| figure.*\n\|.*\n\| a figure \| 3 ms .*\| at most 2 ms \| MISSED \|\n\n/,
  );
  const prose = (text: string) => text.split('\n').filter(line => line !== '' && !/^[|*]/.test(line));
  expect(prose(after)).toEqual(prose(before));
  expect(written.replace(after, before)).toBe(document);
});

it('says the same thing the second time, and puts a new table at the end', () => {
  const report = { tables: [table, { ...table, title: 'New', note: 'Said once.' }], checks: [] };
  const once = withReport(document, { title: 'Usage' }, report, MEASURED);
  expect(withReport(once, { title: 'Usage' }, report, MEASURED)).toBe(once);
  expect(once.match(/Said once/g)).toHaveLength(1);
  const other = withReport(document, { title: 'Other' }, report, MEASURED);
  expect(other.startsWith(document)).toBe(true);
  expect(other.slice(document.length)).toMatch(/^\n## Other\n\n\*Measured .*\*\n\n\*\*On disk\*\*\n/);
});

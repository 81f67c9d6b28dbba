import { isObject } from '../../model/state.ts';
import { cell, label, pad, shortTime, widthOf, wrap } from './cells.ts';
import { areChanges, changeList } from './changes.ts';
import { areFindings, findingList } from './findings.ts';
import { isPlan, planText } from './plan.ts';
import { aside, bold, warning } from './style.ts';
import { type Row, table } from './table.ts';
import { areUsage, usageText } from './usage.ts';

/** Fields about the answer's sources or its paging; all others are the answer itself. */
const ABOUT = new Set([
  'as_of',
  'source',
  'stale',
  'unseen',
  'hint',
  'next_cursor',
  'total',
  'unseen_total',
  'untrusted',
]);

/** A tool's answer for people: lists as tables, changes one per line, the rest as names and values. */
export function answer(facts: Row, width: number | null): string {
  const { columns, rows } = facts;
  if (Array.isArray(columns) && Array.isArray(rows)) return `${linesTable(columns, rows, width)}\n`;
  if (isPlan(facts)) return `${planText(facts, width)}\n`;
  return `${body(wholeOf(Object.entries(facts).filter(([name]) => !ABOUT.has(name))), width)}\n`;
}

/** Rows without column names, as SQL answers have them. */
function linesTable(columns: unknown[], rows: unknown[][], width: number | null): string {
  if (rows.length === 0) return '(no rows)';
  // Two columns may have the same name.
  const names = columns.map((name, at) =>
    columns.indexOf(name) === at ? String(name) : `${name} ${at + 1}`,
  );
  return table(
    rows.map(row => Object.fromEntries(names.map((name, at) => [name, row[at] ?? undefined]))),
    width,
  );
}

/** If the answer is about a single thing, it needs no title. */
function wholeOf(entries: [string, unknown][]): [string, unknown][] {
  const [only] = entries;
  return entries.length === 1 && isObject(only![1]) ? Object.entries(only![1]) : entries;
}

/** Plain values with their names first, then each part under its title. */
function body(entries: [string, unknown][], width: number | null): string {
  const plain = entries.filter(([, value]) => !isStructured(value));
  const parts = entries.filter(([, value]) => isStructured(value));
  const titled = parts.length > 1 || (parts.length === 1 && plain.length > 0);
  const blocks = parts.map(([name, value]) => {
    const room = titled && width !== null ? width - 2 : width;
    const text = structured(name, value as Row | unknown[], room);
    return titled ? `${bold(label(name))}\n${indent(text)}` : text;
  });
  return [...(plain.length > 0 ? [pairs(plain)] : []), ...blocks].join('\n\n');
}

/** What the answer is based on, and what to do next, for the lines below it. */
export function about(facts: Row): string {
  const { as_of: asOf, source, stale, unseen, hint, next_cursor: cursor, total, unseen_total: lost } = facts;
  const lines: string[] = [];
  const rows = Object.values(facts).find(value => Array.isArray(value) && value !== unseen);
  const shown = Array.isArray(rows) ? rows.length : undefined;
  const count =
    typeof total === 'number' && shown !== undefined && shown !== total ? `${shown} of ${total}; ` : '';
  if (asOf !== undefined)
    lines.push(aside(`${count}as of ${timesText(asOf)} (${cell('', source ?? 'live')})`));
  if (typeof lost === 'number')
    lines.push(warning(`! ${lost} of ${cell('', total)} cannot be seen now and are shown as last known`));
  if (isObject(stale)) {
    const since = stale['since'] === undefined ? '' : ` since ${shortTime(String(stale['since']))}`;
    lines.push(warning(`! not up to date${since}: ${cell('', stale['reason'] ?? '')}`));
    lines.push(aside('  proxmox-mpc test-connection tells more.'));
  }
  for (const { what, since, reason } of Array.isArray(unseen) ? (unseen as Row[]) : []) {
    const from = since === undefined ? '' : ` since ${shortTime(String(since))}`;
    lines.push(warning(`! not seen${from}: ${cell('', what)} (${cell('', reason)})`));
  }
  if (typeof hint === 'string') lines.push(aside(`Hint: ${cell('', hint)}`));
  if (cursor !== undefined) lines.push(aside(`More: the same with --cursor ${cell('', cursor)}`));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function structured(name: string, value: Row | unknown[], width: number | null): string {
  if (!Array.isArray(value)) return part(Object.entries(value), width);
  if (value.length === 0) return '(none)';
  if (!value.every(isObject)) return value.map(one => cell(name, one)).join('\n');
  const rows = value as Row[];
  if (areChanges(rows)) return changeList(rows, width);
  if (areFindings(rows)) return findingList(rows, width);
  if (areUsage(rows)) return usageText(rows, width);
  return areReasons(rows) ? reasons(rows, width) : table(rows, width);
}

function areReasons(rows: Row[]): boolean {
  return rows.every(row => /^what,why(?:,next)?$/.test(Object.keys(row).join()));
}

/** What needs attention and why; long reasons continue on the next lines. */
function reasons(rows: Row[], width: number | null): string {
  const whatWidth = Math.max(...rows.map(row => widthOf(cell('what', row['what']))));
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(30, width - whatWidth - 2);
  return rows
    .map(({ what, why, next }) => {
      const text = next === undefined ? cell('why', why) : `${cell('why', why)} (${cell('next', next)})`;
      const [first, ...rest] = wrap(text, room);
      const indent = ' '.repeat(whatWidth + 2);
      return [`${pad(cell('what', what), whatWidth)}  ${first}`, ...rest.map(line => indent + line)].join(
        '\n',
      );
    })
    .join('\n');
}

/** Names and values, one per line, with lists of rows as tables. */
function part(entries: [string, unknown][], width: number | null): string {
  const isTable = ([, value]: [string, unknown]) => Array.isArray(value) && value.some(isObject);
  const lines = entries.filter(entry => !isTable(entry));
  const tables = entries.filter(isTable).map(([name, value]) => structured(name, value as unknown[], width));
  return [...tables, ...(lines.length > 0 ? [pairs(lines)] : [])].join('\n');
}

function pairs(entries: [string, unknown][]): string {
  const width = Math.max(0, ...entries.map(([name]) => label(name).length));
  return entries
    .map(([name, value]) => `${pad(label(name), width)}  ${cell(name, value)}`.trimEnd())
    .join('\n');
}

function timesText(asOf: unknown): string {
  if (!isObject(asOf)) return shortTime(String(asOf));
  return Object.entries(asOf)
    .map(([facet, time]) => `${label(facet)} ${shortTime(String(time))}`)
    .join(', ');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function isStructured(value: unknown): boolean {
  return isObject(value) || (Array.isArray(value) && (value.length === 0 || value.some(isObject)));
}

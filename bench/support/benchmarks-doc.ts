import { execFileSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { type Benchmark, checksTable, type Report, type Table, tableText } from './report.ts';

/** Where and when a benchmark was run: one line that stands under its heading. */
export function measuredLine(at: Date, full: boolean, loadBefore: number): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' and more'}`;
  const load = `${loadBefore.toFixed(1)} before and ${loadavg()[0]!.toFixed(1)} after`;
  return `*Measured on ${at.toISOString().slice(0, 10)} at ${commit}${full ? ' with `--full`' : ''}; load ${load}, on ${availableParallelism()} cores.*`;
}

/**
 * The document with a benchmark's tables as they were just measured, and the line that says when. What else its section says
 * stays; a table or a section that is not there yet comes at the end.
 */
export function withReport(
  document: string,
  { title }: Pick<Benchmark, 'title'>,
  { tables, checks }: Report,
  measured: string,
): string {
  const heading = `## ${title}\n`;
  const found = document.indexOf(`\n${heading}`);
  if (found === -1) return withReport(`${document}\n${heading}\n`, { title }, { tables, checks }, measured);
  const start = found + 1;
  const next = document.indexOf('\n## ', start);
  const end = next === -1 ? document.length : next + 1;
  const all = checks.length > 0 ? [...tables, checksTable(checks)] : tables;
  const body = document
    .slice(start + heading.length, end)
    .trim()
    .replace(/^\*Measured .*\*$\n*/m, '');
  const section = all.reduce(withTable, body);
  return `${document.slice(0, start)}${heading}\n${measured}\n\n${section}\n${next === -1 ? '' : '\n'}${document.slice(end)}`;
}

function withTable(section: string, table: Table): string {
  const { note: _, ...bare } = table;
  const text = tableText(bare);
  const at = section.indexOf(`**${table.title}**\n`);
  if (at === -1) return `${section}\n\n${tableText(table)}`.trim();
  const old = /^\*\*.*\*\*\n\n(?:\|.*\n?)*/.exec(section.slice(at))![0];
  return `${section.slice(0, at)}${text}${old.endsWith('\n') ? '\n' : ''}${section.slice(at + old.length)}`;
}

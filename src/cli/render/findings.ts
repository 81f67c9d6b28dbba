import { cell, pad, shortTime, widthOf, wrap } from './cells.ts';
import { bad, bold, dim, doubtful } from './style.ts';
import type { Row } from './table.ts';

/** Least room for a finding's text, in characters. */
const NARROWEST = 30;
const COLOUR: { [severity: string]: (text: string) => string } = { critical: bad, warning: doubtful };

/** True for rows of findings. */
export function areFindings(rows: readonly Row[]): boolean {
  return rows.length > 0 && rows.every(row => 'check' in row && 'severity' in row && 'what' in row);
}

/**
 * Findings grouped by check, the most severe first, and below them what to do, only once if it is the same:
 *
 * ```
 * critical  node-offline
 *   node/pve3  offline; 5 guests were running there (since 2026-11-20 12:01)
 *   -> look at its console
 * ```
 */
export function findingList(rows: readonly Row[], width: number | null): string {
  const groups = Map.groupBy(rows, row => `${cell('', row['severity'])} ${cell('', row['check'])}`);
  return [...groups.values()].map(group => groupText(group, width)).join('\n\n');
}

function groupText(rows: readonly Row[], width: number | null): string {
  const [{ severity, check }] = rows as [Row];
  const word = cell('', severity);
  const names = rows.map(row => [cell('', row['resource']), cell('', row['name'])].filter(Boolean).join(' '));
  const nameWidth = Math.max(...names.map(widthOf));
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, width - nameWidth - 4);
  const lines = rows.flatMap((row, at) => {
    const what = cell('', row['what']);
    const { since } = row as { since?: unknown };
    const isDated = typeof since !== 'string' || what.includes(since);
    const [first = '', ...rest] = wrap(isDated ? what : `${what} (since ${shortTime(since)})`, room);
    const indent = ' '.repeat(nameWidth + 4);
    return [`  ${pad(names[at]!, nameWidth)}  ${first}`, ...rest.map(line => indent + line)];
  });
  const steps = [...new Set(rows.map(row => cell('', row['next'])))];
  const whole = width === null ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, width - 2);
  const next = steps.flatMap(step => wrap(`-> ${step}`, whole)).map(line => dim(`  ${line}`));
  const colour = COLOUR[word] ?? (text => text);
  return [`${colour(word)}  ${bold(cell('', check))}`, ...lines, ...next].join('\n');
}

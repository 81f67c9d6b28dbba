import { cell, shortTime, wrap } from './cells.ts';
import { bold, dim } from './style.ts';
import { type Row, table } from './table.ts';

/** Lines are never wrapped to less than this (characters). */
const NARROWEST = 40;

/** True for a plan: its steps, and what it leaves out. */
export function isPlan({ steps, left_out: left }: Row): boolean {
  return Array.isArray(steps) && Array.isArray(left);
}

/**
 * A plan that a person can judge at a glance: which field of which guest becomes what, what that does to the guest, and whose
 * work it undoes; then what is left out and why, and commands to run, each on its own line.
 *
 * ```
 * p-sftdw, until 2026-11-28 21:03
 *
 * RESOURCE  NAME   FIELD     FROM  TO  EFFECT                   IS SO BY
 * vm/101    web01  net0.tag    77  20  now, link drops briefly  bob@pve, 2026-11-28 06:31
 * ```
 */
export function planText(facts: Row, width: number | null): string {
  const { plan, expires_at: expires, expired } = facts;
  const steps = facts['steps'] as Row[];
  const left = facts['left_out'] as Row[];
  const head = [
    ...(plan === undefined ? [] : [bold(cell('', plan))]),
    ...(expires === undefined ? [] : [`${expired === true ? 'expired' : 'until'} ${cell('', expires)}`]),
  ];
  const blocks = [
    head.join(', '),
    steps.length === 0 ? 'Nothing to do.' : table(steps.map(stepRow), width),
    ...(left.length > 0 ? [`${bold('Left out')}\n${leftList(left, width)}`] : []),
    more(facts['more_left_out'], 'more left out'),
    commandLines(facts, width),
  ];
  return blocks.filter(block => block !== '').join('\n\n');
}

function stepRow({ resource, name, path, from, to, effect, outcome, ...authors }: Row): Row {
  return {
    resource,
    name,
    field: fieldName(path),
    from: value(from),
    to: value(to),
    effect,
    ...(outcome !== undefined && { outcome }),
    is_so_by: authorText(authors),
  };
}

/** Absent and empty values are shown differently. */
function value(of: unknown): unknown {
  if (of === undefined || of === null) return '(none)';
  return of === '' || (Array.isArray(of) && of.length === 0) ? '(empty)' : of;
}

function fieldName(path: unknown): string {
  return cell('', path).replace(/^config\./, '');
}

/** `bob@pve, 2026-11-28 06:31`, or that no author was recorded; undefined if it never changed in recorded history. */
function authorText({ at, causes, why_unknown: unknown }: Row): string | undefined {
  if (at === undefined) return undefined;
  const users = new Set(((causes as Row[] | undefined) ?? []).map(({ user }) => cell('', user)));
  const who = users.size > 0 ? [...users].join(', ') : unknown === undefined ? '' : 'not recorded';
  return who === '' ? undefined : `${who}, ${shortTime(String(at))}`;
}

/** What is left out, grouped by reason. */
function leftList(rows: readonly Row[], width: number | null): string {
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, width - 2);
  return [...Map.groupBy(rows, row => cell('', row['why']))]
    .map(([why, mine]) => {
      const named = mine.map(({ resource, path, ...authors }) => {
        const by = authorText(authors);
        const field = path === '*' ? '' : ` ${fieldName(path)}`;
        return `${cell('', resource)}${field}${by === undefined ? '' : ` (${by})`}`;
      });
      const commands = mine.flatMap(({ command }) => (command === undefined ? [] : [`  $ ${command}`]));
      return [...wrap(`${named.join('; ')}: ${why}`, room).map(line => `  ${line}`), ...commands].join('\n');
    })
    .join('\n');
}

/** Commands are never wrapped, so that they can be copied. */
function commandLines(facts: Row, width: number | null): string {
  const { approve, commands } = facts;
  const room = width ?? Number.POSITIVE_INFINITY;
  const said = approve === undefined ? [] : wrap(cell('', approve), room).map(line => dim(line));
  const lines = ((commands as string[] | undefined) ?? []).map(line => `  ${line}`);
  const rest = more(facts['more_commands'], 'more lines');
  return [...said, ...lines, ...(rest === '' ? [] : [rest])].join('\n');
}

function more(count: unknown, what: string): string {
  return typeof count === 'number' ? `  and ${count} ${what}` : '';
}

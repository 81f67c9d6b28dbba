import { oneLine } from '../../text/clean.ts';
import { cell, pad, shorten, shortTime, widthOf, wrap } from './cells.ts';
import { bad, dim, doubtful, good } from './style.ts';
import type { Row } from './table.ts';

/** Fields shown of one change; `--json` has all of them. */
const FIELDS_SHOWN = 8;
const VALUE_WIDTH = 48;
const CAUSE_WIDTH = 40;
/** `2026-11-20 18:03` */
const TIME_WIDTH = 16;
/** Details are on the change's own line if there is this much room, otherwise below it. */
const ROOM_BESIDE = 40;
const INDENT_BELOW = 18;
const COLOUR: { [change: string]: (text: string) => string } = {
  created: good,
  deleted: bad,
  updated: doubtful,
};

interface Line {
  at: string;
  what: string;
  change: string;
  details: string[];
  by: string;
}

/** True for rows of a change list: changes, with tasks between them. */
export function areChanges(rows: readonly Row[]): boolean {
  return (
    rows.length > 0 && rows.every(row => ('at' in row && ('change' in row || 'task' in row)) || isDrift(row))
  );
}

/** A difference from the declaration, which may lack a time. */
function isDrift({ change }: Row): boolean {
  return change === 'drifted' || change === 'missing';
}

/**
 * Changes and tasks, each beginning a line:
 * `2026-11-20 18:03  vm/101 web01  updated  config.net0.tag 10 -> 20   by anna@pve (qmconfig)`
 */
export function changeList(rows: readonly Row[], width: number | null): string {
  const lines = rows.map(row => ('task' in row ? taskLine(row) : changeLine(row)));
  const whatWidth = Math.max(...lines.map(line => widthOf(line.what)));
  const changeWidth = Math.max(...lines.map(line => widthOf(line.change)));
  const beside = TIME_WIDTH + whatWidth + changeWidth + 6;
  const below = width !== null && width - beside < ROOM_BESIDE;
  const indent = ' '.repeat(below ? INDENT_BELOW : beside);
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(ROOM_BESIDE, width - indent.length);
  return lines
    .map(({ at, what, change, details, by }) => {
      const colour = COLOUR[change] ?? (text => text);
      const head = `${at}  ${pad(what, whatWidth)}  ${colour(pad(change, changeWidth))}`;
      const [first = '', ...rest] = withCauses(details, by, room);
      const lines = below && first !== '' ? [head, indent + first] : [`${head}  ${first}`];
      return [...lines.map(line => line.trimEnd()), ...rest.map(detail => indent + detail)].join('\n');
    })
    .join('\n');
}

/**
 * The author follows the detail if it is the only one and there is room, otherwise on a separate line: causes belong to the whole
 * change, and next to one of several fields they would seem to be that field's.
 */
function withCauses(details: readonly string[], by: string, room: number): string[] {
  const [first = '', ...rest] = details.flatMap(detail => wrap(detail, room));
  if (by === '') return [first, ...rest];
  const lines = wrap(by, room).map(line => dim(line));
  if (first === '') return lines;
  if (rest.length === 0 && widthOf(first) + 3 + widthOf(by) <= room) return [`${first}   ${dim(by)}`];
  return [first, ...rest, ...lines];
}

function changeLine(row: Row): Line {
  const fields = (row['fields'] as Row[] | undefined) ?? [];
  const shown = fields.slice(0, FIELDS_SHOWN).map(fieldText);
  const more = fields.length - shown.length + Number(row['more_fields'] ?? 0);
  return {
    at: row['at'] === undefined ? ' '.repeat(TIME_WIDTH) : shortTime(String(row['at'])),
    what: [row['resource'], row['name']]
      .filter(one => one !== undefined)
      .map(one => oneLine(String(one)))
      .join(' '),
    change: oneLine(String(row['change'])),
    details: more > 0 ? [...shown, `and ${more} more`] : shown,
    by: authorText((row['causes'] as Row[] | undefined) ?? [], row['why_unknown']),
  };
}

function fieldText({ path, from, to, ...declared }: Row): string {
  return `${oneLine(String(path))} ${valueText(from)} -> ${valueText(to)}${stateText(declared)}`;
}

/** How a field relates to the declaration, if it is not simply drift. */
function stateText({ state, when, owner, until, lapsed, unseen_reason: unseen, rule }: Row): string {
  if (state === undefined) return '';
  const ends = until === undefined ? '' : shortTime(String(until));
  if (state === 'accepted') return ` (accepted by ${cell('', owner)} until ${ends})`;
  if (state === 'unseen') return ` (not known now: ${cell('', unseen)})`;
  if (state === 'pending') return ' (right after the next restart)';
  if (state === 'conflict') return ` (rules contradict: ${cell('', rule)})`;
  const notes = [
    when === undefined ? '' : 'from the next restart on',
    lapsed === true ? `was accepted until ${ends}` : '',
  ];
  const said = notes.filter(one => one !== '').join(', ');
  return said === '' ? '' : ` (${said})`;
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '(none)';
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '(empty)';
  return shorten(cell('', value), VALUE_WIDTH);
}

/** `by anna@pve (qmconfig, qmstart: failed), root@pam (vzdump)`: each user with what they did, or why nobody is named. */
function authorText(causes: readonly Row[], unknown: unknown): string {
  const byUser = Map.groupBy(causes, cause => String(cause['user']));
  const texts = [...byUser].map(([user, theirs]) => {
    const acts = theirs.map(({ type, status }) => {
      const failed = status !== undefined && status !== 'OK' ? `: ${status}` : '';
      return shorten(`${type}${failed}`, CAUSE_WIDTH);
    });
    return oneLine(`${user} (${[...new Set(acts)].join(', ')})`);
  });
  if (texts.length > 0) return `by ${texts.join(', ')}`;
  return typeof unknown === 'string' ? oneLine(`author not recorded: ${unknown}`) : '';
}

function taskLine(row: Row): Line {
  return {
    at: shortTime(String(row['at'])),
    what: oneLine(String(row['resource'] ?? row['node'] ?? '')),
    change: 'task',
    details: [oneLine(`${row['type']} ${row['status'] ?? ''}`).trim()],
    by: row['user'] === undefined ? '' : oneLine(`by ${row['user']}`),
  };
}

import { UsageError } from '../errors.ts';
import type { SqlToken } from '../model/query.ts';
import { quoted } from '../text/cluster-text.ts';
import { bracket, isSign } from './tokens.ts';

const SECOND = 1_000;
const UNITS: { [unit: string]: number } = {
  s: SECOND,
  m: 60 * SECOND,
  h: 3_600 * SECOND,
  d: 86_400 * SECOND,
  w: 7 * 86_400 * SECOND,
};
/** Upper limit of a span (ms). */
const LONGEST = 36_500 * 86_400 * SECOND;

/**
 * Replaces `ago('7d')`, `now()` and SQLite's `datetime('now', '-7 days')` with moments, which are written the same for both
 * engines.
 * @throws UsageError for a span that cannot be read
 */
export function foldMoments(tokens: readonly SqlToken[]): SqlToken[] {
  const folded: SqlToken[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    folded.push(token);
    if (token.kind !== 'function' || !isSign(tokens[at + 1], '(')) continue;
    const { close } = bracket(tokens, at + 1);
    const args = tokens.slice(at + 2, close);
    const moment = momentOf(token.text, args);
    if (moment === null) continue;
    if (token.text === 'date' || token.text === 'julianday') {
      folded.push({ kind: 'sign', text: '(' }, moment, { kind: 'sign', text: ')' });
    } else folded[folded.length - 1] = moment;
    at = close;
  }
  return folded;
}

function momentOf(name: string, args: readonly SqlToken[]): SqlToken | null {
  if (name === 'now') {
    if (args.length > 0) throw new UsageError("now() takes no argument; a past moment is ago('7d').");
    return moment(0);
  }
  if (name === 'ago') return moment(span(args));
  if (name !== 'date' && name !== 'datetime' && name !== 'julianday') return null;
  const [first, ...rest] = args.filter(one => !isSign(one, ','));
  if (first?.kind === 'text' && first.text.toLowerCase() === 'now')
    return moment(rest.reduce((sum, one) => sum + modifier(one), 0));
  if (args.some((one, at) => isSign(one, ',') && bracketsBefore(args, at) === 0))
    throw new UsageError(`${name}(...) takes one moment here.`, { hint: "A past moment is ago('7d')." });
  return null;
}

function bracketsBefore(tokens: readonly SqlToken[], end: number): number {
  return tokens
    .slice(0, end)
    .reduce((sum, one) => sum + (isSign(one, '(') ? 1 : isSign(one, ')') ? -1 : 0), 0);
}

function moment(msAgo: number): SqlToken {
  return { kind: 'moment', text: String(Math.max(-LONGEST, Math.min(LONGEST, msAgo))) };
}

function span(args: readonly SqlToken[]): number {
  const [given] = args;
  const [, count, unit] = /^\s*(\d{1,9})\s*([smhdw])[a-z]*\s*$/i.exec(given?.text ?? '') ?? [];
  if (args.length === 1 && given?.kind === 'text' && count !== undefined && unit !== undefined)
    return Number(count) * UNITS[unit.toLowerCase()]!;
  throw new UsageError("ago takes a span such as ago('7d'): a number and s, m, h, d or w.");
}

/** How far SQLite's `-7 days` goes back (ms). */
function modifier({ kind, text }: SqlToken): number {
  const [, sign, count, unit] = /^\s*([+-]?)(\d{1,9})\s+(second|minute|hour|day)s?\s*$/i.exec(text) ?? [];
  if (kind !== 'text' || count === undefined || unit === undefined)
    throw new UsageError(`The time modifier ${quoted(text)} cannot be read.`, { hint: "Use ago('30d')." });
  const ms = Number(count) * UNITS[unit[0]!.toLowerCase()]!;
  return sign === '-' ? ms : -ms;
}

import { UsageError } from '../errors.ts';
import type { SqlToken, ViewName } from '../model/query.ts';
import { columnTypes } from './catalogue.ts';

const COMPARISONS = new Set(['=', '==', '<>', '!=', '<', '>', '<=', '>=']);
const ARITHMETIC = new Set(['+', '-', '*', '/', '%']);
/** Functions that take numbers. */
const OF_NUMBERS = new Set(['sum', 'avg', 'round', 'abs']);

/**
 * Refuses to compare a text column with a number or to add it up: SQLite would silently give a wrong answer ('10000' is less than
 * '8192'), and PostgreSQL would fail.
 * @throws UsageError with what to write instead
 */
export function checkTypes(
  tokens: readonly SqlToken[],
  views: ReadonlySet<ViewName>,
  aliases: ReadonlySet<string>,
): void {
  tokens.forEach((token, at) => {
    if (token.kind !== 'identifier' || aliases.has(token.text) || !isText(token.text, views)) return;
    const [next, after, third] = tokens.slice(at + 1, at + 4);
    const before = tokens[at - 1];
    const number = (one: SqlToken | undefined, two: SqlToken | undefined) =>
      one?.kind === 'number' || (one?.text === '-' && two?.kind === 'number');
    const compared = next?.kind === 'sign' && COMPARISONS.has(next.text) && number(after, third);
    const between = next?.kind === 'keyword' && next.text === 'between' && number(after, third);
    const listed =
      next?.kind === 'keyword' && next.text === 'in' && after?.text === '(' && number(third, undefined);
    const summed =
      before?.text === '(' &&
      OF_NUMBERS.has(tokens[at - 2]?.text ?? '') &&
      tokens[at - 2]?.kind === 'function';
    const computed =
      (next?.kind === 'sign' && ARITHMETIC.has(next.text)) ||
      (before?.kind === 'sign' && ARITHMETIC.has(before.text));
    if (computed || compared || between || listed || summed)
      throw new UsageError(`${token.text} is text, not a number.`, {
        hint: `Write cast(${token.text} as real) for its number, or put the value in quotes: ${token.text} = '1'. Times compare with ago('7d') or '2026-11-28'.`,
      });
  });
}

function isText(column: string, views: ReadonlySet<ViewName>): boolean {
  const types = columnTypes(column, views);
  return types.length > 0 && types.every(type => type === 'text' || type === 'time');
}

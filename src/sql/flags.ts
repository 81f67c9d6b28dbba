import type { SqlToken, ViewName } from '../model/query.ts';
import { columnTypes } from './catalogue.ts';
import { isSign } from './tokens.ts';

const BEFORE: ReadonlySet<string> = new Set(['where', 'and', 'or', 'not', 'when', 'having', 'on']);
const AFTER: ReadonlySet<string> = new Set([
  ...['and', 'or', 'then', 'group', 'order', 'limit', 'having', 'union', 'intersect', 'except', 'where'],
  ...['left', 'right', 'full', 'inner', 'cross', 'join', 'natural'],
]);

/**
 * Adds `= 1` to flags used as conditions (`where not template`): PostgreSQL does not accept a number as a condition, and SQLite
 * has no other booleans.
 */
export function comparedFlags(tokens: readonly SqlToken[], views: ReadonlySet<ViewName>): SqlToken[] {
  return tokens.flatMap((token, at): SqlToken[] => {
    if (token.kind !== 'identifier' || !isFlag(token.text, views)) return [token];
    const start = isSign(tokens[at - 1], '.') ? at - 3 : at - 1;
    const [before, after] = [beforeBrackets(tokens, start), tokens[at + 1]];
    const isCondition =
      before?.kind === 'keyword' &&
      BEFORE.has(before.text) &&
      (after === undefined || isSign(after, ')') || (after.kind === 'keyword' && AFTER.has(after.text)));
    return isCondition ? [token, { kind: 'sign', text: '=' }, { kind: 'number', text: '1' }] : [token];
  });
}

function beforeBrackets(tokens: readonly SqlToken[], at: number): SqlToken | undefined {
  let place = at;
  while (isSign(tokens[place], '(')) place--;
  return tokens[place];
}

function isFlag(column: string, views: ReadonlySet<ViewName>): boolean {
  const types = columnTypes(column, views);
  return types.length > 0 && types.every(type => type === 'flag');
}

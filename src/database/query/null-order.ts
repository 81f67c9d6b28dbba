import type { SqlToken } from '../../model/query.ts';
import { isSign } from '../../sql/tokens.ts';

/** Words that end the list of an ORDER BY. */
const ENDS: ReadonlySet<string> = new Set([
  'limit',
  'offset',
  'rows',
  'range',
  'union',
  'intersect',
  'except',
]);

/**
 * The statement for PostgreSQL with SQLite's order of NULLs: SQLite puts NULLs first where PostgreSQL puts them last, so every
 * item of an ORDER BY without NULLS FIRST or LAST gets one.
 */
export function withNullOrder(tokens: readonly SqlToken[]): SqlToken[] {
  const ordered: SqlToken[] = [];
  /** For each open bracket, whether an ORDER BY is being read inside it. */
  const lists: boolean[] = [false];
  let item: SqlToken[] = [];
  const end = () => {
    if (lists.at(-1)) ordered.push(...nullsOf(item));
    item = [];
  };
  for (const [at, token] of tokens.entries()) {
    const isEnd = token.kind === 'keyword' && ENDS.has(token.text);
    if (isSign(token, ')')) {
      end();
      lists.pop();
    } else if (isSign(token, ',') || isEnd) end();
    if (isEnd) lists[lists.length - 1] = false;
    ordered.push(token);
    item.push(token);
    if (isSign(token, '(')) {
      lists.push(false);
      item = [];
    }
    if (isWordOf(token, 'by') && isWordOf(tokens[at - 1], 'order')) {
      lists[lists.length - 1] = true;
      item = [];
    }
  }
  end();
  return ordered;
}

function nullsOf(item: readonly SqlToken[]): SqlToken[] {
  if (item.some(token => isWordOf(token, 'nulls'))) return [];
  const place = item.some(token => isWordOf(token, 'desc')) ? 'last' : 'first';
  return ['nulls', place].map(text => ({ kind: 'keyword', text }));
}

function isWordOf(token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'keyword' && token.text === word;
}

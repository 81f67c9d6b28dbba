import type { SqlToken } from '../model/query.ts';
import { isSign } from './tokens.ts';

/**
 * The column names of an answer: the alias, the column's name, or the expression as written. Null with `*`, where the names come
 * from the views.
 */
export function columnNames(tokens: readonly SqlToken[]): string[] | null {
  const items = selectItems(tokens);
  return items.some(item => isSign(item.at(-1), '*') && (item.length === 1 || isSign(item.at(-2), '.')))
    ? null
    : items.map(nameOf);
}

/** The items of the outermost SELECT; with UNION, of the first. */
function selectItems(tokens: readonly SqlToken[]): SqlToken[][] {
  const items: SqlToken[][] = [[]];
  let depth = 0;
  let reading = false;
  for (const token of tokens) {
    if (isSign(token, ')')) depth--;
    const isOutermost = depth === 0 && token.kind === 'keyword';
    if (isOutermost && reading && ENDS.has(token.text)) break;
    if (reading && depth === 0 && isSign(token, ',')) items.push([]);
    else if (reading && !(isOutermost && ['distinct', 'all'].includes(token.text))) items.at(-1)!.push(token);
    if (isOutermost && token.text === 'select') reading = true;
    if (isSign(token, '(')) depth++;
  }
  return items;
}

const ENDS: ReadonlySet<string> = new Set([
  ...['from', 'where', 'group', 'having', 'order', 'limit', 'union', 'intersect', 'except'],
]);

function nameOf(item: readonly SqlToken[]): string {
  const [last, before] = [item.at(-1), item.at(-2)];
  const isName =
    last?.kind === 'identifier' &&
    (before === undefined || before.kind !== 'sign' || /^[.)]$/.test(before.text));
  return isName || (before?.kind === 'keyword' && before.text === 'as') ? last!.text : written(item);
}

function written(item: readonly SqlToken[]): string {
  return item
    .map(({ kind, text }) => (kind === 'text' ? `'${text}'` : kind === 'moment' ? 'now()' : text))
    .join(' ')
    .replace(/ ?([().,]) ?/g, '$1');
}

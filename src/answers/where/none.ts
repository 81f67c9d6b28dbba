import { formatTime } from '../../history/moment.ts';
import type { Effective, ValueKind } from '../../model/config/index.ts';
import { clusterText, quoted } from '../format/text.ts';
import { round } from '../format/units.ts';
import type { Bound } from './bind.ts';
import { keysOf } from './columns.ts';
import { type FieldBook, valuesOf } from './field.ts';
import { type Condition, printCondition } from './grammar.ts';

const CONDITIONS_AT_MOST = 4;
const VALUES_AT_MOST = 6;
const VALUE_LETTERS = 40;
const ORDERED: readonly ValueKind[] = ['number', 'time', 'span'];

/**
 * Why nothing meets these conditions: how many facts meet each alone and, where none does, which values there are, so that a
 * value that never occurs is not taken for an answer.
 */
export function whyNone<F>(
  where: readonly Bound<F>[],
  facts: readonly F[],
  book: FieldBook<F>,
  timeZone: string,
): string[] {
  return where.slice(0, CONDITIONS_AT_MOST).map(({ condition, test }) => {
    const meeting = facts.filter(fact => test(fact) === true).length;
    const asked = quoted(printCondition(condition), 80);
    if (meeting > 0) return `${asked} alone: ${meeting}.`;
    const values = comparedIn(condition).flatMap(name => valuesText(name, facts, book, timeZone) ?? []);
    return values.length === 0 ? `${asked}: none.` : `${asked}: none; ${values.join('; ')}.`;
  });
}

/** The fields whose values a condition compares, for `whyNone` to list; for brackets, their parts. */
export function comparedIn({ field, comparison, element }: Condition): string[] {
  if (element !== null)
    return element.flatMap(inner => (inner.comparison === null ? [] : `${field}.${inner.field}`));
  return comparison === null || comparison.values.length === 0 ? [] : [field];
}

/** `ostype is l26 (38), win11 (7), none (15)`; for ordered values the smallest and the largest. */
function valuesText<F>(
  name: string,
  facts: readonly F[],
  book: FieldBook<F>,
  timeZone: string,
): string | undefined {
  const named = book.find(name.toLowerCase());
  if (named === undefined) return undefined;
  const of =
    named.kind === 'field' ? named.field : (named.part ?? named.element.part(named.element.defaultPart)!);
  if (of.secret) return undefined;
  const known = facts.map(fact => valuesOf(named, fact)).filter(value => value !== undefined);
  const counts = [
    ...Map.groupBy(
      known.flatMap(value => keysOf(named, value, timeZone)),
      value => value,
    ),
  ]
    .map(([value, some]) => ({ value, count: some.length }))
    .sort((a, b) => b.count - a.count);
  if (ORDERED.includes(of.kind) && counts.length > VALUES_AT_MOST)
    return `${name} is ${rangeOf(known, of.kind, timeZone)}`;
  if (counts.length === 0) return undefined;
  const shown = counts.slice(0, VALUES_AT_MOST).map(({ value, count }) => {
    const word = value === null ? 'absent' : clusterText(String(value), VALUE_LETTERS);
    return `${word} (${count})`;
  });
  return `${name} is ${shown.join(', ')}${counts.length > shown.length ? ' ...' : ''}`;
}

function rangeOf(read: readonly Effective[], kind: ValueKind, timeZone: string): string {
  const numbers = read.flat().filter(value => typeof value === 'number');
  const absent = read.filter(value => value === null).length;
  const shown = (value: number) => (kind === 'time' ? formatTime(value, timeZone) : String(round(value, 2)));
  const said = [
    numbers.length > 0 &&
      `${shown(numbers.reduce((a, b) => Math.min(a, b)))} to ${shown(numbers.reduce((a, b) => Math.max(a, b)))}`,
    absent > 0 && `absent (${absent})`,
  ];
  return said.filter(one => one !== false).join(', ');
}

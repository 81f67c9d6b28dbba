import { UsageError } from '../../errors.ts';
import { nearest } from '../../history/resource-name.ts';
import type { Effective } from '../../model/config/index.ts';
import { quoted } from '../format/text.ts';
import { type Clock, comparison, FITTING } from './compare.ts';
import { countTest } from './count.ts';
import {
  type Element,
  type ElementField,
  type Field,
  type FieldBook,
  keysOfParts,
  type Named,
  type Verdict,
} from './field.ts';
import { type Condition, isAbsence, printCondition } from './grammar.ts';
import { nearFields } from './near.ts';

/** A condition that facts can be tested with. */
export interface Bound<F> {
  condition: Condition;
  /** The part it is read from besides the fact's own row. */
  needs: string | undefined;
  /** The configuration keys it is read from, if it is read from these only. */
  keys: readonly string[] | undefined;
  test(fact: F): Verdict;
}

/**
 * Conditions bound to the fields of a book. `past`: for a past moment, for which facts without a history are unknown.
 * @throws UsageError for an unknown field, with near misses, and for a comparison that does not fit a field, with an example
 */
export function bindConditions<F>(
  conditions: readonly Condition[],
  book: FieldBook<F>,
  clock: Clock,
  { past = false }: { past?: boolean } = {},
): Bound<F>[] {
  return conditions.map((condition, index) => {
    const named = fieldOf(book, condition, conditions[index - 1]);
    refuseNow(named, condition.field, past);
    refuseOrder(named, condition, book);
    const applies = (named.kind === 'field' ? named.field : named.element).applies;
    const test =
      named.kind === 'field' ? testOf(condition, named.field, clock) : elementTest(condition, named, clock);
    const { needs } = named.kind === 'field' ? named.field : named.element;
    const keys = named.kind === 'field' ? named.field.keys : keysOf(condition, named, clock);
    return { condition, needs, keys, test: fact => (applies?.(fact) === false ? false : test(fact)) };
  });
}

/** As `findField`; after `node=pve1` and a comma, `pve2` is no field but a second value. */
function fieldOf<F>(
  book: FieldBook<F>,
  { field, comparison: compared, element }: Condition,
  before: Condition | undefined,
): Named<F> {
  const equals = before?.comparison?.operator === '=' && before.comparison.values.length > 0;
  if (equals && compared === null && element === null && book.find(field.toLowerCase()) === undefined)
    throw new UsageError(`${quoted(field)} is no field of ${book.of}.`, {
      hint: `A comma stands between conditions, | between values: write ${printCondition(before)}|${field}.`,
    });
  return findField(book, field);
}

/** @throws UsageError for `cpu>4`, naming numeric fields with similar names */
function refuseOrder<F>(
  named: Named<F>,
  { field, comparison: compared }: Condition,
  book: FieldBook<F>,
): void {
  if (named.kind !== 'field' || compared === null || !/[<>]/.test(compared.operator)) return;
  const other = book.find(compared.values[0]?.toLowerCase() ?? '');
  if (named.field.kind === 'number' && other?.kind === 'field' && other.field.kind === 'number')
    throw new UsageError(
      `where: ${field} is compared with a value, not with another field such as ${other.field.name}.`,
      { hint: `query_sql compares columns with each other. Example: ${field}${compared.operator}8.` },
    );
  if (FITTING[named.field.kind].includes(compared.operator)) return;
  const [value = ''] = compared.values;
  const isShare = value.endsWith('%');
  const numbers = book.names.filter(name => {
    const other = name.startsWith(field.toLowerCase()) && !name.includes('.') ? book.find(name) : undefined;
    if (other?.kind !== 'field' || !FITTING[other.field.kind].includes(compared.operator)) return false;
    return !isShare || other.field.unit === 'percent';
  });
  if (numbers.length === 0) return;
  throw new UsageError(
    `where: ${compared.operator} does not fit ${field}, which is a text; of numbers there are ${numbers.slice(0, 4).join(', ')}.`,
    { hint: `Example: ${numbers[0]}${compared.operator}${value}.` },
  );
}

/** What a name of a book stands for. @throws UsageError for an unknown name, with near misses */
export function findField<F>(book: FieldBook<F>, name: string): Named<F> {
  const named = book.find(name.toLowerCase());
  if (named !== undefined) return named;
  const near = nearFields(name, book.names);
  throw new UsageError(`${quoted(name)} is no field of ${book.of}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}? Example: {"where":["${near[0]}"]}.`
        : `Any key of a configuration is one, and ${book.names.slice(0, 20).join(', ')}. Example: {"where":["onboot=1"]}.`,
  });
}

/** @throws UsageError for a field without a history if a past moment is asked for */
export function refuseNow<F>(named: Named<F>, name: string, past: boolean): void {
  const { currentOnly } = named.kind === 'field' ? named.field : named.element;
  if (past && currentOnly)
    throw new UsageError(`${name} is kept current only: what it was at that moment is not known.`, {
      hint: `Leave at out, or ask without ${name}.`,
    });
}

/** Whether all hold: false if one is false, otherwise unknown if one is unknown. */
export function meetsAll<F>(bound: readonly Pick<Bound<F>, 'test'>[], fact: F): Verdict {
  let verdict: Verdict = true;
  for (const { test } of bound) {
    const one = test(fact);
    if (one === false) return false;
    if (one === undefined) verdict = undefined;
  }
  return verdict;
}

function testOf<F>(condition: Condition, field: Field<F>, clock: Clock): (fact: F) => Verdict {
  if (condition.element !== null)
    throw new UsageError(`where: ${condition.field} has no parts to stand in brackets.`, {
      hint: `Brackets go with disk, nic, snapshot, backup and address. Write ${printCondition({ ...condition, element: null })} and the others beside it.`,
    });
  const test = plainTest(condition, field, clock);
  return fact => {
    const verdict = test(fact);
    return verdict === undefined ? undefined : verdict !== condition.not;
  };
}

function plainTest<F>({ comparison: asked }: Condition, field: Field<F>, clock: Clock): (fact: F) => Verdict {
  const read = (fact: F, test: (value: Effective) => boolean): Verdict => {
    const value = field.read(fact);
    if (value === undefined) return undefined;
    const verdict = test(value);
    if (field.isAtLeast?.(fact) !== true) return verdict;
    // There may be a later one that could not be seen: the result is known only if it holds for that one, too.
    const isOrder = asked !== null && asked.operator !== '=' && asked.operator !== '!=';
    if (asked === null) return value === null ? undefined : verdict;
    return isOrder && value !== null && test(clock.now) === verdict ? verdict : undefined;
  };
  if (asked === null) return fact => read(fact, isTrue);
  if (isAbsence(asked)) {
    const wanted = asked.operator === '!=';
    return fact => {
      const set = field.isSet === undefined ? read(fact, value => value !== null) : field.isSet(fact);
      return set === undefined ? undefined : set === wanted;
    };
  }
  const compare = comparison(field, asked.operator, asked.values, clock);
  const ofAbsent = asked.operator === '!=';
  return fact => read(fact, value => (value === null ? ofAbsent : compare(value)));
}

/** Whether a value exists, and is neither false nor empty. */
function isTrue(value: Effective): boolean {
  if (value === null || value === false || value === 0 || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}

/** Holds if one element meets all parts of the condition. */
function elementTest<F>(
  condition: Condition,
  { element, part }: { element: ElementField<F>; part: Field<Element> | null },
  clock: Clock,
): (fact: F) => Verdict {
  // Absence of the whole element: there are none.
  const ofNone = part === null && isAbsence(condition.comparison);
  const not = ofNone && condition.comparison?.operator === '=' ? !condition.not : condition.not;
  const counts = part === null ? countTest(condition, element) : null;
  if (counts !== null) return counts;
  const tests = partsAsked(condition, element, part).map(({ asked, field }) => ({
    test: testOf(asked, field, clock),
  }));
  return fact => {
    const found = element.elements(fact);
    if (found === undefined) return undefined;
    let some: Verdict = false;
    for (const one of found) {
      const verdict = meetsAll(tests, one);
      if (verdict === true) {
        some = true;
        break;
      }
      if (verdict === undefined) some = undefined;
    }
    if (some === false && element.isPartial?.(fact) === true) some = undefined;
    return some === undefined ? undefined : some !== not;
  };
}

/**
 * The keys of elements that can meet a condition, with the parts it needs: `disk(bus=ide)` needs no other disks, `nic.tag=20` no
 * addresses.
 */
function keysOf<F>(
  condition: Condition,
  { element, part }: { element: ElementField<F>; part: Field<Element> | null },
  clock: Clock,
): readonly string[] | undefined {
  const parts = partsAsked(condition, element, part);
  const keys = parts.reduce((left, { asked, field }) => {
    const some = element.keysWith?.(field.name, testOf(asked, field, clock));
    return some === undefined ? left : left?.filter(key => some.includes(key));
  }, element.keys);
  return keysOfParts(
    { ...element, ...(keys && { keys }) },
    parts.map(({ field }) => field),
  );
}

/**
 * The parts of an element that a condition is about, each with its own condition; empty if it is about how many elements there
 * are.
 */
function partsAsked<F>(
  condition: Condition,
  element: ElementField<F>,
  part: Field<Element> | null,
): { asked: Condition; field: Field<Element> }[] {
  if (condition.element !== null) {
    if (part !== null)
      throw new UsageError(`where: brackets stand after ${element.name}, not after a part of it.`, {
        hint: `Example: ${element.name}(${part.name}).`,
      });
    return condition.element.map(asked => ({ asked, field: findPart(element, asked.field) }));
  }
  const { comparison: compared } = condition;
  const isOfAll = compared === null || isAbsence(compared) || countTest(condition, element) !== null;
  if (part === null && isOfAll) return [];
  // Older or younger can only refer to when it was made, more or less to how large it is.
  const isOrder = /[<>]/.test(compared?.operator ?? '');
  const made = isOrder ? (element.part('created_at') ?? element.part('size')) : undefined;
  const field = part ?? made ?? findPart(element, element.defaultPart);
  return [{ asked: { ...condition, not: false }, field }];
}

function findPart<F>(element: ElementField<F>, name: string): Field<Element> {
  const part = element.part(name.toLowerCase());
  if (part !== undefined) return part;
  const near = nearest(name, element.parts);
  throw new UsageError(`A ${element.name} has no ${quoted(name)}.`, {
    hint: `${near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${element.parts.slice(0, 20).join(', ')}.`} Example: ${element.name}(${near[0] ?? element.defaultPart}).`,
  });
}

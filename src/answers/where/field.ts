import type { ConfigValue, Effective } from '../../model/config/index.ts';

/** A field as conditions, columns and groups read it from a fact. Undefined is unknown, null is known to be absent. */
export interface Field<F> extends ConfigValue {
  name: string;
  read(fact: F): Effective | undefined;
  /** Whether it is set, if a default would stand in for it; otherwise, whether it has a value. */
  isSet?(fact: F): boolean | undefined;
  /** The part it is read from besides the fact's own row. */
  needs?: string;
  /**
   * The configuration keys it is read from (`onboot`, `net*`), if it is read from these only; for a part of an element, the
   * element's parts.
   */
  keys?: readonly string[];
  /** Whether this fact can have it at all; a guest of the other type neither has nor lacks it. */
  applies?(fact: F): boolean;
  /** The time is the latest one that could be seen: there may be a later one. */
  isAtLeast?(fact: F): boolean;
  /** The whole property string if it has more than its default part, for columns. */
  whole?(fact: F): string | undefined;
  /** Whether a value is what was asked for, if that is not plain equality. */
  same?(value: string, asked: string): boolean;
  words?: readonly string[];
  synonyms?: Readonly<Record<string, string>>;
  /** It has no history: its past values are unknown. */
  currentOnly?: boolean;
  /** It holds a secret: only whether it is there can be asked. */
  secret?: boolean;
}

/** Things of which a fact has several, such as disks: a condition holds if one of them meets it. */
export interface ElementField<F> {
  name: string;
  elements(fact: F): readonly Element[] | undefined;
  /** There may be more that could not be seen. */
  isPartial?(fact: F): boolean;
  /** A part by its name; undefined if there is none of that name. */
  part(name: string): Field<Element> | undefined;
  parts: readonly string[];
  /** The parts shown in a column of whole elements. */
  shown: readonly string[];
  /** The part that a comparison without a part's name refers to. */
  defaultPart: string;
  needs?: string;
  /** As for a field. */
  keys?: readonly string[];
  /** The parts, like a part's `keys`, that tell whether something is one of these elements at all. */
  tellingParts?: readonly string[];
  /**
   * Those of `keys` whose elements can have a part of this name that meets a test; undefined if the part says nothing about keys.
   */
  keysWith?(part: string, test: (one: Element) => boolean | undefined): readonly string[] | undefined;
  applies?(fact: F): boolean;
  currentOnly?: boolean;
}

/** The configuration keys of an element, limited to what these parts are read from: `net*.tag`. */
export function keysOfParts<F>(
  { keys, tellingParts = [] }: ElementField<F>,
  parts: readonly Field<Element>[],
): readonly string[] | undefined {
  const read = [...tellingParts, ...parts.flatMap(part => part.keys ?? [])];
  if (read.length === 0 || parts.some(part => part.keys === undefined)) return keys;
  return keys?.flatMap(key => read.map(part => `${key}.${part}`));
}

/** One of several things. */
export interface Element {
  [part: string]: unknown;
}

/** What a name stands for: a field, a whole element, or one of its parts. */
export type Named<F> =
  | { kind: 'field'; field: Field<F> }
  | { kind: 'element'; element: ElementField<F>; part: Field<Element> | null };

/** Whether a fact meets a condition; undefined if what is known does not tell. */
export type Verdict = boolean | undefined;

/** The fields of one kind of fact. */
export interface FieldBook<F> {
  /** Undefined for an unknown name. */
  find(name: string): Named<F> | undefined;
  /** Every name, for near misses and completions. */
  names: readonly string[];
  /** What the facts are called in sentences: `guests`. */
  of: string;
}

/** The value of a field in one fact, or the values of all elements together. Undefined is unknown. */
export function valuesOf<F>(named: Named<F>, fact: F): Effective | undefined {
  if (named.kind === 'field') return named.field.applies?.(fact) === false ? null : named.field.read(fact);
  const { element, part } = named;
  if (element.applies?.(fact) === false) return null;
  const found = element.elements(fact);
  if (found === undefined) return undefined;
  const of = part ?? element.part(element.defaultPart)!;
  const values = found.map(one => of.read(one)).filter(value => value !== null && value !== undefined);
  return values.length === 0 ? null : ([...new Set(values)] as (string | number)[]);
}

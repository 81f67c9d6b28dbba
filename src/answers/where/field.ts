import type { ConfigValue, Effective } from '../../model/config/index.ts';

/** A field as conditions, columns and groups read it from a fact. Undefined is not known, null is known to be absent. */
export interface Field<F> extends ConfigValue {
  name: string;
  read(fact: F): Effective | undefined;
  /** Whether it is set, where a default would answer for it; by default, that it has a value. */
  isSet?(fact: F): boolean | undefined;
  /** What it is read from besides the fact's own row. */
  needs?: string;
  /** The configuration's keys that it is read from (`onboot`, `net*`), where these are all; of an element's part, its parts. */
  keys?: readonly string[];
  /** Whether this fact can have it at all; a guest of the other type neither has nor lacks it. */
  applies?(fact: F): boolean;
  /** The time read is the latest one that could be seen: a later one may be there. */
  isAtLeast?(fact: F): boolean;
  /** All of a property string that has more than its default part, for columns. */
  whole?(fact: F): string | undefined;
  /** Whether a value is what was asked for, where that is not plain equality. */
  same?(value: string, asked: string): boolean;
  words?: readonly string[];
  synonyms?: Readonly<Record<string, string>>;
  /** Kept current only: nothing tells what it was at a past moment. */
  currentOnly?: boolean;
  /** It tells a secret: only whether it is there can be asked. */
  secret?: boolean;
}

/** Things of which a fact has several, such as disks: a condition holds where one of them meets it. */
export interface ElementField<F> {
  name: string;
  elements(fact: F): readonly Element[] | undefined;
  /** There may be more that could not be seen. */
  isPartial?(fact: F): boolean;
  /** By its name within the element; undefined where there is none of that name. */
  part(name: string): Field<Element> | undefined;
  parts: readonly string[];
  /** The parts that tell one from another, in a column of all of it. */
  shown: readonly string[];
  /** The part that a comparison without a part's name is about. */
  defaultPart: string;
  needs?: string;
  /** As a field's. */
  keys?: readonly string[];
  /** As a part's `keys`: what tells whether something is one of these, whatever is asked of it. */
  tellingParts?: readonly string[];
  /** Of `keys` those where elements can be whose part of this name meets a test; undefined of a part that says nothing of keys. */
  keysWith?(part: string, test: (one: Element) => boolean | undefined): readonly string[] | undefined;
  applies?(fact: F): boolean;
  currentOnly?: boolean;
}

/** The configuration's keys of an element with what these of its parts are read from, and no more: `net*.tag`. */
export function keysOfParts<F>(
  { keys, tellingParts = [] }: ElementField<F>,
  parts: readonly Field<Element>[],
): readonly string[] | undefined {
  const read = [...tellingParts, ...parts.flatMap(part => part.keys ?? [])];
  if (read.length === 0 || parts.some(part => part.keys === undefined)) return keys;
  return keys?.flatMap(key => read.map(part => `${key}.${part}`));
}

/** One thing of several. */
export interface Element {
  [part: string]: unknown;
}

/** What a name stands for: a field, an element as a whole, or one of its parts. */
export type Named<F> =
  | { kind: 'field'; field: Field<F> }
  | { kind: 'element'; element: ElementField<F>; part: Field<Element> | null };

/** The fields of one kind of fact. */
export interface FieldBook<F> {
  /** Undefined for a name that is none. */
  find(name: string): Named<F> | undefined;
  /** Every name, for near misses and completions. */
  names: readonly string[];
  /** What the facts are called in sentences: `guests`. */
  of: string;
}

/** What a field has in one fact, all elements' parts together. Undefined is not known. */
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

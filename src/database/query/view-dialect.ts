import type { GivenName } from '../../model/query.ts';
import type { ColumnType } from '../../sql/catalogue.ts';

/** Where the engines differ in the SQL of views. Arguments and results are SQL expressions. */
export interface ViewDialect {
  readonly provider: 'sqlite' | 'postgresql';
  /** A FROM item: a table of the store by its whole name, so that no view stands in its way, or what may be seen of it. */
  table(name: string): string;
  /** The name of a guest's pool, or NULL where that may not be seen. */
  pool(expression: string): string;
  /** A FROM item: the rows that came with the query, as `g`. */
  given(name: GivenName): string;
  /** The n-th value (from 0) of a row of `given`. */
  cell(n: number, type: ColumnType): string;
  /** A time column as ISO 8601 text in UTC, to the second. */
  time(column: string): string;
  /** The same of a number of ms since 1970 that stands in JSON. */
  timeOfJson(json: string, name: string): string;
  /** The same of a text that begins with such a number: in seconds, or in units of `unitMs` ms. */
  timeOfText(text: string, unitMs?: number): string;
  /** A boolean column as 1 or 0. */
  flag(column: string): string;
  /** Text for answers, ordered by code points; what was sealed shows as a secret and nothing more. */
  text(expression: string): string;
  /** The number a text begins with; null where it begins with none. */
  number(text: string): string;
  /** The same as a whole number. */
  integer(text: string): string;
  /** A number whose fractions count. */
  real(expression: string): string;
  /** The same, a whole number by its meaning. */
  whole(expression: string): string;
  /** The same with two digits after the point. */
  rounded(expression: string): string;
  /** Bytes in GiB with two digits after the point. */
  gib(bytes: string): string;
  /** Where a character first stands in a text, from 1; 0 where it does not. */
  position(text: string, character: string): string;
  /** A FROM item: the members of a JSON object as `alias`, with `key` and a value. */
  members(json: string, alias: string): string;
  /** A FROM item: the elements of a JSON array as `alias`, with a value. */
  elements(json: string, alias: string): string;
  /** Whether the value of a member or element is an object. */
  isObject(alias: string): string;
  /** The value of a member or element as JSON, to be taken apart further; empty where it is no object. */
  objectIn(alias: string): string;
  /** The value of a member or element as text. */
  valueOf(alias: string): string;
  /** A value in JSON as text, true and false as 1 and 0. */
  scalar(json: string, name: string): string;
}

import type { GivenName } from '../../model/query.ts';
import type { ColumnType } from '../../sql/view.ts';

/** Where the engines differ in the SQL of views. Arguments and results are SQL expressions. */
export interface ViewDialect {
  readonly provider: 'sqlite' | 'postgresql';
  /** A FROM item: a table by its qualified name, which no view can hide, or the rows of it that may be seen. */
  table(name: string): string;
  /** The name of a guest's pool, or NULL where it may not be seen. */
  pool(expression: string): string;
  /** A FROM item: the rows that came with the query, as `g`. */
  given(name: GivenName): string;
  /** The n-th value (from 0) of a row of `given`. */
  cell(n: number, type: ColumnType): string;
  /** A time column as ISO 8601 text in UTC, to the second. */
  time(column: string): string;
  /** The same for a number of ms since 1970 in JSON. */
  timeOfJson(json: string, name: string): string;
  /** The same for a text that begins with a number of seconds, or of units of `unitMs` ms. */
  timeOfText(text: string, unitMs?: number): string;
  /** A boolean column as 1 or 0. */
  flag(column: string): string;
  /** Text for answers, ordered by code points; sealed values appear only as secrets. */
  text(expression: string): string;
  /** The number at the beginning of a text; NULL where there is none. */
  number(text: string): string;
  /** The same as a whole number. */
  integer(text: string): string;
  /** A number with its fraction. */
  real(expression: string): string;
  /** A number as a whole one. */
  whole(expression: string): string;
  /** A number with two decimal places. */
  rounded(expression: string): string;
  /** Bytes in GiB with two decimal places. */
  gib(bytes: string): string;
  /** The position of a character's first occurrence in a text, from 1; 0 where there is none. */
  position(text: string, character: string): string;
  /** A FROM item: the members of a JSON object as `alias`, with `key` and a value. */
  members(json: string, alias: string): string;
  /** A FROM item: the elements of a JSON array as `alias`, with a value. */
  elements(json: string, alias: string): string;
  /** Whether the value of a member or element is an object. */
  isObject(alias: string): string;
  /** The value of a member or element as JSON, to be taken apart further; an empty object where it is none. */
  objectIn(alias: string): string;
  /** The value of a member or element as text. */
  valueOf(alias: string): string;
  /** A value in JSON as text, with 1 and 0 for true and false. */
  scalar(json: string, name: string): string;
}

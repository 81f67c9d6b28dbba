import type { Sql } from '@prisma/client/runtime/client';
import type { ColumnKind } from './columns.ts';

/** Where SQLite and PostgreSQL differ in our SQL. Names are ours, never a caller's; values are passed as parameters. */
export interface Dialect {
  readonly provider: 'sqlite' | 'postgresql';
  /** A FROM clause over a JSON array of arrays, whose values are `cell(n, kind)`. */
  rowsFrom(rows: string): Sql;
  /** The n-th value of a row of `rowsFrom`, as a column of this kind stores it. */
  cell(n: number, kind: ColumnKind): string;
  /** A JSON array of these expressions, as text. */
  jsonArray(expressions: string[]): string;
  /** All rows as one JSON array of arrays of these cells, as text; null where there is none. */
  jsonRows(cells: Sql[]): Sql;
  /** The member of a JSON column under this key, as JSON. */
  jsonMember(column: string, key: string): Sql;
  /** A JSON column as a cell of `jsonRows`. */
  jsonCell(column: string): Sql;
  /** The texts of all rows as one text, separated by U+001E, which JSON never contains; null without rows. */
  joined(text: string): string;
  /** A column as a JSON number, text or boolean; times in milliseconds since 1970. */
  scalar(column: string, kind: ColumnKind): string;
  /** A JSON column as text. */
  jsonText(column: string): string;
  /** How a JSON column arrives that is selected by its name. PostgreSQL's driver parses a row while the server reads the next. */
  readonly json: 'text' | 'parsed';
  /** A moment (ms), for comparison with time columns. */
  time(ms: number): Sql;
  /** The engine's clock in the form of time columns, `plusMs` later. */
  now(plusMs: number): Sql;
  /** Whether a text matches a LIKE pattern, with `\` as its escape and the case of ASCII letters ignored. */
  like(column: string, pattern: string): Sql;
  /** Whether a JSON column's array contains this text, ignoring case. */
  arrayHas(column: string, value: string): Sql;
  /** Whether a JSON column of field changes contains one of this field with this former value. */
  fieldWas(column: string, path: string, from: string): Sql;
  /** A FROM clause: for each of `keys`, the first row of a table in that order, as `t` (`v` in `same`, with an `id`). */
  newestOf(table: string, keys: Sql, same: Sql, order: string): Sql;
  /** The order of a text column in lists: the same on both engines, ignoring case. */
  textOrder(column: string): string;
  /** The greater of two values. */
  readonly greatest: string;
  /** Takes the write lock at the start of a transaction, so that it cannot fail later; null where locks are per row. */
  readonly lockForWriting: string | null;
}

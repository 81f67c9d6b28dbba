import type { Sql } from '@prisma/client/runtime/client';
import type { ColumnKind } from './columns.ts';

/** Where SQLite and PostgreSQL differ in the SQL we write. Names are ours, never a caller's; values go in as parameters. */
export interface Dialect {
  readonly provider: 'sqlite' | 'postgresql';
  /** A FROM clause whose `cell(n, kind)` are the values of each array in a JSON array of arrays. */
  rowsFrom(rows: string): Sql;
  /** The n-th value of a row of `rowsFrom`, as a column of this kind keeps it. */
  cell(n: number, kind: ColumnKind): string;
  /** A JSON array of these expressions, as text. */
  jsonArray(expressions: string[]): string;
  /** All rows as one JSON array of arrays of these cells, as text; null where there is none. */
  jsonRows(cells: Sql[]): Sql;
  /** The member of a JSON column under this key, as JSON. */
  jsonMember(column: string, key: string): Sql;
  /** A JSON column as a cell of `jsonRows`. */
  jsonCell(column: string): Sql;
  /** These texts of all rows as one text, with U+001E between them, which JSON never holds; null where there is no row. */
  joined(text: string): string;
  /** A column as a JSON number, text or boolean: times as milliseconds since 1970. */
  scalar(column: string, kind: ColumnKind): string;
  /** A JSON column as text. */
  jsonText(column: string): string;
  /** A moment (ms) to compare time columns with. */
  time(ms: number): Sql;
  /** The engine's clock, as time columns keep it; `plusMs` later. */
  now(plusMs: number): Sql;
  /** Whether a text matches a LIKE pattern, with `\` as its escape and the case of ASCII letters ignored. */
  like(column: string, pattern: string): Sql;
  /** Whether a JSON column's array holds this text, case ignored. */
  arrayHas(column: string, value: string): Sql;
  /** Whether a JSON column of field changes has one of this field that was this text before. */
  fieldWas(column: string, path: string, from: string): Sql;
  /** A FROM clause: for each of `keys`, the first row `t` of a table (`v` in `same`, with an `id`) in that order. */
  newestOf(table: string, keys: Sql, same: Sql, order: string): Sql;
  /** What lists of a text column are ordered by: the same on both engines, case ignored. */
  textOrder(column: string): string;
  /** The greater of two values. */
  readonly greatest: string;
  /** Takes the write lock at a transaction's start, so that it never finds out later that it came too late; null where locks are per row. */
  readonly lockForWriting: string | null;
}

import { empty, join, raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Page, Sort } from '../../model/filter.ts';
import { ValidationError } from '../errors.ts';
import type { Table } from './columns.ts';
import type { Dialect } from './dialect.ts';
import { isJson } from './validate.ts';

/** `WHERE a AND b ...` of the conditions present; nothing without any. */
export function where(conditions: (Sql | undefined)[]): Sql {
  const present = conditions.filter(condition => condition !== undefined);
  return present.length === 0 ? empty : sql`WHERE ${join(present, ' AND ')}`;
}

/** A condition, if the value is given. */
export function when<T>(value: T | undefined, condition: (value: T) => Sql): Sql | undefined {
  return value === undefined ? undefined : condition(value);
}

/** `column IN (...)`; an empty list matches nothing. */
export function isIn(column: string, values: readonly (string | number)[]): Sql {
  return values.length === 0 ? sql`1 = 0` : sql`${raw(column)} IN (${join([...values])})`;
}

/** A substring or, with `*`, a pattern for the whole text, in LIKE's syntax with `\` as its escape. */
export function likePattern(name: string): string {
  const escaped = escapeLike(name);
  return name.includes('*') ? escaped.replace(/\*+/g, '%') : `%${escaped}%`;
}

/** Text for LIKE to match literally, with `\` as its escape. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/**
 * `ORDER BY` a field of the table, with its key breaking ties in the same direction; absent values come last.
 * @throws ValidationError for a field the table does not have.
 */
export function orderBy<E>(dialect: Dialect, table: Table<E>, sort: Sort): Sql {
  const by = table.columns.find(of => of.key === sort.by && !isJson(of));
  if (!by) {
    const known = table.columns.filter(of => !isJson(of)).map(of => of.key);
    throw new ValidationError('sort.by', `must be one of ${known.join(', ')}`);
  }
  const direction = sort.order === 'desc' ? 'DESC' : 'ASC';
  const isKey = table.key.includes(by);
  const column = `t.${by.db}`;
  const parts = [
    ...(by.nullable ? [`${column} IS NULL`] : []),
    ...(isKey ? [] : [`${by.kind === 'text' ? dialect.textOrder(column) : column} ${direction}`]),
    ...table.key.map(of => `t.${of.db} ${direction}`),
  ];
  return sql`ORDER BY ${raw(parts.join(', '))}`;
}

/** `LIMIT ... OFFSET ...`. @throws ValidationError unless both are whole numbers from 0. */
export function pageOf(page: Page | undefined): Sql {
  if (!page) return empty;
  for (const [name, value] of Object.entries(page)) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ValidationError(`page.${name}`, 'must be a whole number from 0');
  }
  return sql`LIMIT ${page.limit} OFFSET ${page.offset ?? 0}`;
}

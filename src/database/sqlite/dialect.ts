import { join, raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { Dialect } from '../sql/dialect.ts';

/** SQL for SQLite. Times are stored as integers, so they are numbers everywhere. */
export const sqliteDialect: Dialect = {
  provider: 'sqlite',
  // `WHERE true` keeps the parser from reading a following ON CONFLICT as a join's ON. jsonb_each passes rows on parsed;
  // json_each would serialise each, to be parsed again for every cell.
  rowsFrom: rows => sql`FROM jsonb_each(${rows}) AS source WHERE true`,
  cell: n => `source.value->>${n}`,
  jsonArray: expressions => `json_array(${expressions.join(', ')})`,
  jsonRows: cells => sql`json_group_array(json_array(${join(cells)}))`,
  jsonMember: (column, key) => sql`${raw(column)} -> ${`$."${key}"`}`,
  jsonCell: column => sql`json(${raw(column)})`,
  joined: text => `group_concat(${text}, char(30))`,
  scalar: column => column,
  jsonText: column => `CAST(${column} AS TEXT)`,
  json: 'text',
  time: ms => sql`${ms}`,
  now: plusMs => sql`${Date.now() + plusMs}`,
  like: (column, pattern) => sql`${raw(column)} LIKE ${pattern} ESCAPE '\\'`,
  arrayHas: (column, value) =>
    sql`EXISTS (SELECT 1 FROM json_each(${raw(column)}) AS item WHERE lower(item.value) = lower(${value}))`,
  fieldWas: (column, path, from) =>
    sql`EXISTS (SELECT 1 FROM json_each(${raw(column)}) AS item WHERE item.value ->> 'path' = ${path} AND item.value ->> 'from' = ${from})`,
  newestOf: (table, keys, same, order) =>
    sql`${keys} JOIN ${raw(table)} AS t ON t.id = (SELECT v.id FROM ${raw(table)} AS v WHERE ${same} ORDER BY ${raw(order)} LIMIT 1)`,
  textOrder: column => `lower(${column})`,
  greatest: 'max',
  lockForWriting: 'UPDATE lease SET fence = fence WHERE id = 0',
};

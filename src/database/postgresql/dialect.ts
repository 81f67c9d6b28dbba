import { join, raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { ColumnKind } from '../sql/columns.ts';
import type { Dialect } from '../sql/dialect.ts';

const TYPES: { [K in ColumnKind]: string } = {
  text: 'text',
  int: 'int',
  real: 'double precision',
  bool: 'boolean',
  time: 'bigint',
  bytes: 'bigint',
  json: 'json',
  'small json': 'text',
};
const fromMs = (ms: string) => `(timestamp 'epoch' + ${ms} * interval '1 millisecond')`;

/** SQL for PostgreSQL. Times are timestamps without a time zone, in UTC. */
export const postgresqlDialect: Dialect = {
  provider: 'postgresql',
  rowsFrom: rows => sql`FROM jsonb_array_elements(${rows}::jsonb) AS source(value) WHERE true`,
  cell: (n, kind) => {
    const value = `(source.value->>${n})::${TYPES[kind]}`;
    return kind === 'time' ? fromMs(value) : value;
  },
  jsonArray: expressions => `json_build_array(${expressions.join(', ')})::text`,
  jsonRows: cells => sql`json_agg(json_build_array(${join(cells)}))::text`,
  jsonMember: (column, key) => sql`${raw(column)} -> ${key}::text`,
  jsonCell: column => sql`${raw(column)}`,
  joined: text => `string_agg(${text}, chr(30))`,
  // In floats, which are exact to far below a millisecond: `extract` uses numerics, and costs a tenth more overall.
  scalar: (column, kind) => (kind === 'time' ? `(date_part('epoch', ${column}) * 1000)::bigint` : column),
  jsonText: column => `${column}::text`,
  json: 'parsed',
  time: ms => sql`(timestamp 'epoch' + ${ms}::bigint * interval '1 millisecond')`,
  now: plusMs => sql`((clock_timestamp() AT TIME ZONE 'UTC') + ${plusMs}::bigint * interval '1 millisecond')`,
  // ILIKE follows the database's locale; SQLite, and history's own filter, only fold ASCII.
  like: (column, pattern) =>
    sql`lower(${raw(column)} COLLATE "C") LIKE lower(${pattern}::text COLLATE "C") ESCAPE '\\'`,
  arrayHas: (column, value) =>
    sql`EXISTS (SELECT 1 FROM json_array_elements_text(${raw(column)}) AS item WHERE lower(item) = lower(${value}))`,
  fieldWas: (column, path, from) =>
    sql`EXISTS (SELECT 1 FROM json_array_elements(${raw(column)}) AS item WHERE item ->> 'path' = ${path} AND item ->> 'from' = ${from})`,
  newestOf: (table, keys, same, order) =>
    sql`${keys} CROSS JOIN LATERAL (SELECT v.* FROM ${raw(table)} AS v WHERE ${same} ORDER BY ${raw(order)} LIMIT 1) AS t`,
  textOrder: column => `lower(${column}) COLLATE "C"`,
  greatest: 'greatest',
  lockForWriting: null,
};

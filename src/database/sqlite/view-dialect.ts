import type { GivenName } from '../../model/query.ts';
import type { ViewDialect } from '../query/view-dialect.ts';
import { UNSEALED } from './query-job.ts';

const iso = (ms: string) => `strftime('%Y-%m-%dT%H:%M:%SZ', ${ms} / 1000, 'unixepoch')`;

/** The dialect of views for SQLite. Rows that come with a query are parameters named after them. */
export const sqliteViews: ViewDialect = {
  provider: 'sqlite',
  table: name => `main.${name}`,
  pool: expression => expression,
  given: (name: GivenName) => `json_each(@${name}) AS g`,
  cell: n => `g.value ->> ${n}`,
  time: iso,
  timeOfJson: (json, name) => iso(`(${json} ->> '${name}')`),
  timeOfText: (text, unitMs = 1_000) => iso(`(CAST(${text} AS INTEGER) * ${unitMs})`),
  flag: column => column,
  text: expression =>
    `CASE WHEN instr(${expression}, '(secret~') > 0 THEN ${UNSEALED}(${expression}) ELSE CAST(${expression} AS TEXT) END`,
  number: text => `CASE WHEN substr(${text}, 1, 1) BETWEEN '0' AND '9' THEN CAST(${text} AS REAL) END`,
  integer: text => `CASE WHEN substr(${text}, 1, 1) BETWEEN '0' AND '9' THEN CAST(${text} AS INTEGER) END`,
  real: expression => `CAST(${expression} AS REAL)`,
  whole: expression => `CAST(${expression} AS INTEGER)`,
  rounded: expression => `round(${expression}, 2)`,
  gib: bytes => `round(${bytes} / 1073741824.0, 2)`,
  position: (text, character) => `instr(${text}, '${character}')`,
  members: (json, alias) => `json_each(${json}) AS ${alias}`,
  elements: (json, alias) => `json_each(${json}) AS ${alias}`,
  isObject: alias => `${alias}.type = 'object'`,
  objectIn: alias => `CASE WHEN ${alias}.type = 'object' THEN ${alias}.value ELSE '{}' END`,
  valueOf: alias => `CAST(${alias}.value AS TEXT)`,
  scalar: (json, name) => `CAST(${json} ->> '${name}' AS TEXT)`,
};

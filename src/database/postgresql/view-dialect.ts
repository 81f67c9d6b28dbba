import type { GivenName } from '../../model/query.ts';
import type { ViewDialect } from '../query/view-dialect.ts';

const iso = (time: string) => `(to_char(${time}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C")`;
const leading = (text: string) => `substring(${text} from '^[0-9]{1,15}(?:\\.[0-9]{1,15})?')::numeric`;
const TYPES = { text: 'text', time: 'text', integer: 'int', flag: 'int', real: 'numeric' } as const;

/**
 * The dialect of views for PostgreSQL. Tables are qualified with their schema, since the search path is empty while a query runs;
 * `parameter` returns the placeholder for rows that come with the query.
 */
export function postgresqlViews(schema: string, parameter: (name: GivenName) => string): ViewDialect {
  return {
    provider: 'postgresql',
    table: name => `"${schema.replaceAll('"', '""')}"."${name}"`,
    pool: expression => expression,
    given: name => `json_array_elements(${parameter(name)}::json) AS g(value)`,
    cell: (n, type) => {
      const value = `(g.value ->> ${n})::${TYPES[type]}`;
      return type === 'text' || type === 'time' ? `(${value} COLLATE "C")` : value;
    },
    time: iso,
    timeOfJson: (json, name) =>
      iso(`(timestamp 'epoch' + (${json} ->> '${name}')::double precision * interval '1 millisecond')`),
    timeOfText: (text, unitMs = 1_000) =>
      iso(
        `(timestamp 'epoch' + (${leading(text)} * ${unitMs})::double precision * interval '1 millisecond')`,
      ),
    flag: column => `(${column})::int`,
    text: expression =>
      `(CASE WHEN strpos(${expression}, '(secret~') > 0 THEN regexp_replace(${expression}, '\\(secret~[0-9a-f]{4}\\)', '(secret)', 'g') ELSE (${expression})::text END COLLATE "C")`,
    number: leading,
    integer: text => `trunc(${leading(text)})::int`,
    real: expression => `(${expression})::numeric`,
    whole: expression => `(${expression})::int`,
    rounded: expression => `round(${expression}, 2)`,
    gib: bytes => `round((${bytes})::numeric / 1073741824, 2)`,
    position: (text, character) => `strpos(${text}, '${character}')`,
    members: (json, alias) => `json_each(${json}) AS ${alias}(key, value)`,
    elements: (json, alias) => `json_array_elements(${json}) AS ${alias}(value)`,
    isObject: alias => `json_typeof(${alias}.value) = 'object'`,
    objectIn: alias =>
      `CASE WHEN json_typeof(${alias}.value) = 'object' THEN ${alias}.value ELSE '{}'::json END`,
    valueOf: alias => `(${alias}.value #>> '{}')`,
    scalar: (json, name) =>
      `CASE json_typeof(${json} -> '${name}') WHEN 'boolean' THEN (${json} ->> '${name}')::boolean::int::text ELSE ${json} ->> '${name}' END`,
  };
}

import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Session } from '../session/session.ts';
import type { Table, TableColumn } from './columns.ts';
import type { Dialect } from './dialect.ts';
import { reasonFromCell } from './reason-cell.ts';
import { safeInteger, toCell } from './validate.ts';

/*
 * Rows travel between us and the database as JSON arrays: one statement writes any number of them, and reading ten
 * thousand costs a fraction of the client's own conversions. JSON columns travel as text.
 */

/** Most JSON in one statement: more costs memory and saves no time. */
const STATEMENT_CHARACTERS = 1_000_000;

/** Rows written at `now` (ms) as JSON arrays of cells, in as few texts as memory allows: one for all but the largest batches. */
export function encodeRows<E>(
  table: Table<E>,
  columns: TableColumn<E>[],
  rows: readonly E[],
  now: number,
): string[] {
  const names = columns.map(of => `${table.name}.${of.db}`);
  const texts: string[] = [];
  let lines: string[] = [];
  let length = 0;
  for (const row of rows) {
    const line = JSON.stringify(columns.map((of, n) => toCell(of, names[n]!, of.from(row, now))));
    lines.push(line);
    length += line.length;
    if (length > STATEMENT_CHARACTERS) {
      texts.push(`[${lines.join(',')}]`);
      lines = [];
      length = 0;
    }
  }
  if (lines.length > 0) texts.push(`[${lines.join(',')}]`);
  return texts;
}

/** A column's name in SQL, quoted since `user` is a reserved word in PostgreSQL. */
export const quoted = (of: { db: string }) => `"${of.db}"`;

const selects = new WeakMap<object, Map<string, string>>();

/**
 * `SELECT ...` of the columns of `t`: the scalars as one JSON array `r`, each JSON column as `j0`, `j1` ...: as text, or as the
 * dialect has it.
 */
export function selectOf<E>(dialect: Dialect, table: Table<E>, json = dialect.json): Sql {
  const known = selects.get(table) ?? new Map<string, string>();
  selects.set(table, known);
  const form = `${dialect.provider} ${json}`;
  let text = known.get(form);
  if (!text) {
    const scalars = table.columns
      .filter(of => of.kind !== 'json')
      .map(of => dialect.scalar(`t.${quoted(of)}`, of.kind));
    const jsons = table.columns
      .filter(of => of.kind === 'json')
      .map((of, n) => {
        const column = `t.${quoted(of)}`;
        return `${json === 'text' ? dialect.jsonText(column) : column} AS j${n}`;
      });
    text = `SELECT ${[`${dialect.jsonArray(scalars)} AS r`, ...jsons].join(', ')}`;
    known.set(form, text);
  }
  return sql`${raw(text)}`;
}

/** A row as `selectOf` returns it. */
export type RawRow = { r: string } & { [json: `j${number}`]: unknown };

/** What `decodeRows` needs to know about a table, worked out once. */
interface Decoder {
  /** An entity with every scalar present and empty: copies of it share one hidden class, which makes them cheap. */
  blank: Record<string, unknown>;
  /** The same with the JSON columns: setting an existing property is several times faster than adding it. */
  whole: Record<string, unknown>;
  /** The entity's name for each scalar. */
  scalars: string[];
  /** Scalars whose cells have to be converted, by position. */
  converted: [number, (cell: unknown) => unknown][];
  jsons: [name: string, column: `j${number}`, whenRead: PropertyDescriptor][];
}

const decoders = new WeakMap<object, Decoder>();

function decoderOf<E>(table: Table<E>): Decoder {
  let decoder = decoders.get(table);
  if (!decoder) {
    const scalars = table.columns.filter(of => of.kind !== 'json');
    const jsons = table.columns.filter(of => of.kind === 'json');
    const blank = { ...table.constants, ...Object.fromEntries(scalars.map(of => [of.key, null])) };
    decoder = {
      blank,
      whole: { ...blank, ...Object.fromEntries(jsons.map(of => [of.key, null])) },
      scalars: scalars.map(of => of.key!),
      converted: scalars.flatMap((of, n): [number, (cell: unknown) => unknown][] => {
        if (of.kind === 'bool') return [[n, cell => cell === true || cell === 1]];
        if (of.kind === 'small json') return [[n, cell => reasonFromCell(cell as string)]];
        return of.kind === 'bytes' ? [[n, cell => safeInteger(of.db, cell as number)]] : [];
      }),
      jsons: jsons.map((of, n) => [of.key!, `j${n}`, parsedWhenRead(of.key!)]),
    };
    decoders.set(table, decoder);
  }
  return decoder;
}

/** Rows of `selectOf` as entities. JSON that arrived as text can stay so until the field is read. */
export function decodeRows<E>(
  table: Table<E>,
  rows: RawRow[],
  json: 'text' | 'parsed' | 'parse when read',
): E[] {
  const lazy = json === 'parse when read';
  const { blank, whole, scalars, converted, jsons } = decoderOf(table);
  // Parsing all rows at once is several times cheaper than one by one.
  const cells = JSON.parse(`[${rows.map(row => row.r).join(',')}]`) as unknown[][];
  return rows.map((row, index) => {
    const values = cells[index]!;
    for (const [n, convert] of converted) if (values[n] !== null) values[n] = convert(values[n]);
    const entity = { ...(lazy ? blank : whole) };
    for (let n = 0; n < scalars.length; n++) entity[scalars[n]!] = values[n];
    if (lazy && jsons.length > 0) Object.defineProperty(entity, UNREAD, { value: {} });
    for (const [name, column, whenRead] of jsons) {
      const cell = row[column] ?? null;
      if (cell === null || json === 'parsed') entity[name] = cell;
      else if (lazy) {
        (entity as Unread)[UNREAD][name] = new Written(cell as string);
        Object.defineProperty(entity, name, whenRead);
      } else entity[name] = JSON.parse(cell as string);
    }
    return entity as E;
  });
}

const UNREAD = Symbol('JSON of which some is still text');
type Unread = { [UNREAD]: Record<string, unknown> };
class Written {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * An own, enumerable property that is parsed when first read: copies and comparisons see a plain value. All rows share one pair
 * of accessors: a pair for each would give each row its own hidden class, which V8 keeps, with all it refers to, until its next
 * full collection.
 */
function parsedWhenRead(name: string): PropertyDescriptor {
  return {
    enumerable: true,
    configurable: true,
    get(this: Unread) {
      const values = this[UNREAD];
      const value = values[name];
      if (value instanceof Written) values[name] = JSON.parse(value.text);
      return values[name];
    },
    set(this: Unread, value) {
      this[UNREAD][name] = value;
    },
  };
}

/** How a list is read, where it is not simply the table. */
export interface ReadOptions {
  /** A FROM clause whose `t` has the table's columns. */
  from?: Sql;
  /** Leave large JSON as text until the field is read. */
  lazyJson?: boolean;
}

/** Reads rows of the table, which the tail (WHERE, ORDER BY, LIMIT) calls `t`. */
export async function readRows<E>(
  session: Session,
  table: Table<E>,
  tail: Sql,
  options: ReadOptions = {},
): Promise<E[]> {
  const from = options.from ?? sql`${raw(table.name)} AS t`;
  const json = options.lazyJson ? 'text' : session.dialect.json;
  const query = sql`${selectOf(session.dialect, table, json)} FROM ${from} ${tail}`;
  const rows = await session.select<RawRow>(query);
  const entities = decodeRows(table, rows, options.lazyJson ? 'parse when read' : json);
  // The client leaves garbage among V8's old objects that would keep the rows and their texts until a full collection.
  rows.length = 0;
  return entities;
}

import { access } from 'node:fs/promises';
import { isObject } from '../../model/state.ts';
import { MissingError, NotADatabaseError } from '../errors.ts';
import { hasShape } from '../sql/json-shapes.ts';
import { STORE_TABLES } from '../sql/tables.ts';
import { gunzippedLines } from './dump-lines.ts';

/*
 * A dump is gzipped lines of JSON: a header, then each table's columns followed by its rows, then an end line with the number
 * of rows. Times are milliseconds since 1970. Nothing in it is trusted: it may come from anywhere.
 */

/** The first line. */
export interface DumpHeader {
  format: 'proxmox-mpc-dump';
  version: 1;
  /** The applied migrations, oldest first. */
  migrations: { name: string; checksum: string }[];
}
/** The line before a table's rows: the names and PostgreSQL types of its columns. */
export interface DumpTable {
  table: string;
  columns: { name: string; type: string }[];
}
/** The last line. */
export interface DumpEnd {
  end: true;
  rows: number;
}
/** Any line of a dump; an array holds one row's cells, in the order of the columns before it. */
export type DumpLine = DumpHeader | DumpTable | DumpEnd | unknown[];

/** A part of a dump as it is read: the header, tables, and after each table its rows, left as text. */
export type DumpPart = DumpHeader | DumpTable | string;

/** Tables that a dump may contain. */
export const DUMPED_TABLES: readonly string[] = [...STORE_TABLES, '_prisma_migrations'];

const int32 = (value: unknown) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const text = (value: unknown) => typeof value === 'string';
/** The types of our columns, and what a cell of each may hold. */
const CELLS: { readonly [type: string]: (value: unknown) => boolean } = {
  integer: int32,
  bigint: Number.isSafeInteger,
  'double precision': Number.isFinite,
  boolean: value => typeof value === 'boolean',
  text,
  'character varying': text,
  json: () => true,
  // Milliseconds since 1970, up to the year 9999.
  'timestamp without time zone': value => Number.isSafeInteger(value) && Math.abs(value as number) < 2.6e14,
  'timestamp with time zone': text,
};

/**
 * Reads the parts of a dump, checked line by line: only tables, column names and types that a store can have, each table once,
 * rows whose cells fit their columns, and the right number of rows at the end. @throws NotADatabaseError for anything else.
 */
export async function* readDump(file: string): AsyncGenerator<DumpPart> {
  await access(file).catch(() => {
    throw new MissingError(`There is no file ${file}.`, { hint: 'Name a backup that exists.' });
  });
  try {
    yield* checked(gunzippedLines(file));
  } catch (cause) {
    throw notADump(file, cause);
  }
}

async function* checked(lines: AsyncIterable<string>): AsyncGenerator<DumpPart> {
  let begun = false;
  let ended = false;
  let table: DumpTable | null = null;
  let rows = 0;
  const seen = new Set<string>();
  for await (const line of lines) {
    if (ended) throw new Error('something follows its end');
    const parsed: unknown = JSON.parse(line);
    if (!begun) {
      yield asHeader(parsed);
      begun = true;
    } else if (Array.isArray(parsed)) {
      rows += 1;
      if (table === null) throw new Error('a row belongs to no table');
      checkRow(parsed, table);
      yield line;
    } else if (isObject(parsed) && parsed['end'] === true) {
      if (parsed['rows'] !== rows) throw new Error('rows are missing');
      ended = true;
    } else {
      table = asTable(parsed);
      if (seen.has(table.table)) throw new Error(`the table ${table.table} is there twice`);
      seen.add(table.table);
      yield table;
    }
  }
  if (!ended) throw new Error('its end is missing');
}

function asHeader(line: unknown): DumpHeader {
  const names = (one: unknown) =>
    isObject(one) && typeof one['name'] === 'string' && typeof one['checksum'] === 'string';
  const { format, version, migrations } = isObject(line) ? line : {};
  if (
    format !== 'proxmox-mpc-dump' ||
    version !== 1 ||
    !Array.isArray(migrations) ||
    !migrations.every(names)
  )
    throw new Error('its first line is not that of a dump');
  return { format, version, migrations } as DumpHeader;
}

function asTable(line: unknown): DumpTable {
  const { table, columns } = isObject(line) ? line : {};
  if (typeof table !== 'string' || !DUMPED_TABLES.includes(table))
    throw new Error('it names a table that no store has');
  const named = (one: unknown) =>
    isObject(one) && /^[a-z_]{1,63}$/.test(String(one['name'])) && Object.hasOwn(CELLS, String(one['type']));
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every(named))
    throw new Error(`the table ${table} has a column or a type that no store has`);
  return { table, columns };
}

function checkRow(cells: unknown[], { table, columns }: DumpTable): void {
  const fits = (cell: unknown, at: number) => {
    const { name, type } = columns[at]!;
    return cell === null || (CELLS[type]!(cell) && (type !== 'json' || hasShape(table, name, cell)));
  };
  if (cells.length !== columns.length || !cells.every(fits))
    throw new Error(`a row of ${table} does not fit its columns`);
}

/** The error for a file that cannot be restored. */
export function notADump(file: string, cause?: unknown): NotADatabaseError {
  return new NotADatabaseError(`${file} is no backup of a PostgreSQL store, or it is damaged.`, {
    hint: 'Name a file that `proxmox-mpc db backup` wrote.',
    cause,
  });
}

import { NotADatabaseError } from '../errors.ts';
import type { Connection } from './connection.ts';

/*
 * A file named as a backup may contain anything: views, triggers, expressions that SQLite evaluates as soon as a table is
 * read or checked. Its schema is only read as rows of text, and compared with what our migrations make.
 */

/** An entry of a schema, as `sqlite_master` lists it. */
interface Entry {
  type: string;
  name: string;
  sql: string | null;
}

/** SQLite's own bookkeeping tables. */
const ITS_OWN = /^sqlite_(?:sequence|stat[14])$/;

/** Makes a connection trust nothing in its file's schema. Call it before any other query. */
export function distrust(connection: Connection): void {
  connection.pragma('trusted_schema = OFF');
  connection.pragma('cell_size_check = ON');
  connection.pragma('mmap_size = 0');
}

/**
 * @throws NotADatabaseError where a schema contains anything but tables of stored columns and indexes: reading those runs
 * nothing.
 */
export function assertPlainTables(connection: Connection): void {
  for (const { type, name, sql } of entriesOf(connection)) {
    const found =
      type === 'table' && /^\s*CREATE\s+VIRTUAL/i.test(sql ?? '')
        ? 'virtual table'
        : type === 'table' && hasComputed(connection, name)
          ? 'computed column'
          : type;
    if (found !== 'table' && found !== 'index')
      throw new NotADatabaseError(`It holds a ${shown(found)}, which no store of ours has.`);
  }
}

function hasComputed(connection: Connection, table: string): boolean {
  const hidden = connection.prepare('SELECT 1 FROM pragma_table_xinfo(?) WHERE hidden <> 0');
  return hidden.get(table) !== undefined;
}

/**
 * Compares a schema of plain tables with that of a file made by our migrations. A table may be missing.
 * @throws NotADatabaseError where columns, checks or indexes differ.
 */
export function assertSameTables(connection: Connection, made: Connection): void {
  const ours = new Map(entriesOf(made).map(entry => [entry.name, entry]));
  for (const { type, name, sql } of entriesOf(connection)) {
    if (ITS_OWN.test(name) || sql === null) continue;
    const expected = ours.get(name);
    const same =
      type === 'index'
        ? expected !== undefined && words(expected.sql) === words(sql)
        : /\bCHECK\b/i.test(expected?.sql ?? '') === /\bCHECK\b/i.test(sql) &&
          columnList(connection, name) === columnList(made, name);
    if (!same) throw new NotADatabaseError(`Its ${type} "${shown(name)}" is not as our migrations make it.`);
  }
}

/** A table's columns and their declared types, in order; empty for a missing table. */
export function columnsOf(connection: Connection, table: string): { name: string; type: string }[] {
  return connection.prepare('SELECT name, type FROM pragma_table_xinfo(?)').all(table) as {
    name: string;
    type: string;
  }[];
}

function columnList(connection: Connection, table: string): string {
  const columns = connection
    .prepare(`SELECT name, type, "notnull", pk, hidden, dflt_value FROM pragma_table_xinfo(?) ORDER BY name`)
    .raw()
    .all(table);
  return JSON.stringify(columns);
}

function entriesOf(connection: Connection): Entry[] {
  return connection.prepare('SELECT type, name, sql FROM sqlite_master').all() as Entry[];
}

function words(sql: string | null | undefined): string {
  return (sql ?? '').replace(/\s+/g, ' ').trim();
}

function shown(name: string): string {
  return name.replace(/[^\w ]/g, '?').slice(0, 60);
}

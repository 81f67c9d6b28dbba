import Database from 'better-sqlite3';
import type { Table, TableColumn } from '../../src/database/sql/columns.ts';

/** A SQLite file with the tables of another one, written by hand through better-sqlite3. */
export function copySchema(from: string, to: string): Database.Database {
  const source = new Database(from, { readonly: true });
  const copy = new Database(to);
  copy.pragma('journal_mode = WAL');
  copy.pragma('synchronous = NORMAL');
  copy.pragma('foreign_keys = ON');
  const statements = source
    .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .pluck()
    .all() as string[];
  for (const sql of statements) copy.exec(sql);
  source.close();
  return copy;
}

/** Writes rows as anybody would by hand: one prepared statement, run once a row. */
export function handWriter<E>(database: Database.Database, table: Table<E>, upsert: boolean) {
  const names = table.written.map(of => `"${of.db}"`);
  const keys = table.key.map(of => `"${of.db}"`);
  const updates = table.written
    .filter(of => !of.insertOnly && !keys.includes(`"${of.db}"`))
    .map(of => `"${of.db}" = excluded."${of.db}"`);
  const statement = database.prepare(
    `INSERT INTO ${table.name} (${names}) VALUES (${names.map(() => '?')})${
      upsert ? ` ON CONFLICT (${keys}) DO UPDATE SET ${updates}` : ''
    }`,
  );
  return (rows: readonly E[]) => {
    for (const row of rows) statement.run(table.written.map(of => cell(of, row)));
  };
}

function cell<E>(of: TableColumn<E>, row: E): unknown {
  const value = of.from(row, Date.now());
  if (of.kind === 'json') return JSON.stringify(value);
  return typeof value === 'boolean' ? Number(value) : value;
}

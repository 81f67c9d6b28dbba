import { NotADatabaseError } from '../errors.ts';
import { hasShape } from '../sql/json-shapes.ts';
import { STORE_TABLES } from '../sql/tables.ts';
import type { Connection } from './connection.ts';
import { columnsOf } from './foreign-schema.ts';

type Cell = string | number | bigint | Buffer | null;

const whole = (cell: Cell) => typeof cell === 'bigint' && cell >= -(2n ** 53n) && cell <= 2n ** 53n;
const numeric = (cell: Cell) => typeof cell === 'bigint' || typeof cell === 'number';
/** What a cell may hold, by its column's declared type; SQLite itself accepts anything. */
const CELLS: { readonly [type: string]: (cell: Cell) => boolean } = {
  INTEGER: whole,
  BIGINT: whole,
  DATETIME: whole,
  BOOLEAN: cell => cell === 0n || cell === 1n,
  REAL: numeric,
  TEXT: cell => typeof cell === 'string',
  // A JSON text that is a number is stored as one.
  JSONB: cell => numeric(cell) || typeof cell === 'string',
};

/**
 * Copies the rows of a store's tables into an empty store with the same schema. Both are read and written as data: whatever the
 * source's schema would run is left behind. @throws NotADatabaseError for a cell that does not fit its column.
 */
export function copyRows(source: Connection, target: Connection): void {
  // Tables come after those they refer to, so every row finds its parent; one that does not aborts everything.
  target.pragma('foreign_keys = ON');
  const all = target.transaction(() => {
    for (const table of STORE_TABLES) copyTable(source, target, table);
    copySequences(source, target);
  });
  all.immediate();
}

function copyTable(source: Connection, target: Connection, table: string): void {
  if (columnsOf(source, table).length === 0) return;
  const columns = columnsOf(target, table);
  if (columns.length === 0) return;
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const rows = source.prepare(`SELECT ${names} FROM "${table}" NOT INDEXED`).raw().safeIntegers().iterate();
  const insert = target.prepare(
    `INSERT INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const row of rows as Iterable<Cell[]>) {
    const odd = row.findIndex((cell, at) => cell !== null && !fits(cell, table, columns[at]!));
    if (odd !== -1)
      throw new NotADatabaseError(`A row of ${table} holds what its column "${columns[odd]!.name}" cannot.`);
    insert.run(row);
  }
}

/** Makes the numbers of new rows continue after all ever given out, even to rows that are gone. */
function copySequences(source: Connection, target: Connection): void {
  const numbers = new Map<string, bigint>();
  const has = source.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").get();
  if (!has) return;
  const rows = source.prepare('SELECT name, seq FROM sqlite_sequence').safeIntegers().all();
  for (const { name, seq } of rows as { name: Cell; seq: Cell }[])
    if (STORE_TABLES.some(table => table === name) && whole(seq)) numbers.set(String(name), seq as bigint);
  for (const [name, seq] of numbers) {
    const { changes } = target
      .prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
      .run(seq, name);
    if (changes === 0) target.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(name, seq);
  }
}

function fits(cell: Cell, table: string, { name, type }: { name: string; type: string }): boolean {
  if (!CELLS[type]?.(cell)) return false;
  if (type !== 'JSONB') return true;
  try {
    return hasShape(table, name, JSON.parse(String(cell)));
  } catch {
    return false;
  }
}

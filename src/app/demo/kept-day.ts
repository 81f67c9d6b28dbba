import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress } from 'node:zlib';
import { type Connection, withConnection } from '../../database/sqlite/connection.ts';
import { type Shift, shiftText, shiftValue } from './shift.ts';

/** The present that a recorded day is moved to when it is opened. */
export interface Present {
  /** When the cluster was first looked at (ms since 1970): all recorded times are moved with it. */
  firstSeen: number;
  /** SHA-256 of the cluster's present root certificate, `AA:BB:...`. */
  rootFingerprint: string;
}

type Row = { place: number } & { [column: string]: unknown };

/** Packs a closed store into a file that `openKeptDay` opens. */
export async function keepDay(storePath: string, keptPath: string): Promise<void> {
  await withConnection(storePath, connection => {
    // Remove what a later start would refuse to share, or wait for.
    connection.exec('UPDATE lease SET expires_at = 0; VACUUM');
    connection.pragma('journal_mode = DELETE');
  });
  await writeFile(keptPath, await promisify(brotliCompress)(await readFile(storePath)));
}

/** Writes a recorded day's store to a path, as if it had been recorded in the present. @throws Error if there is none. */
export async function openKeptDay(keptPath: string, storePath: string, present: Present): Promise<void> {
  await writeFile(storePath, await promisify(brotliDecompress)(await readFile(keptPath)), { mode: 0o600 });
  await withConnection(storePath, connection => {
    connection.pragma('foreign_keys = OFF');
    connection.transaction(() => moveStore(connection, present))();
  });
}

function moveStore(connection: Connection, { firstSeen, rootFingerprint }: Present): void {
  const around = connection.prepare('SELECT first_seen FROM cluster').pluck().get() as number;
  const shift: Shift = { around, by: firstSeen - around };
  const tables = connection
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_prisma_*'",
    )
    .pluck()
    .all() as string[];
  for (const table of tables) moveTable(connection, table, shift);
  connection.prepare('UPDATE cluster SET root_fingerprint = ?').run(rootFingerprint);
}

function moveTable(connection: Connection, table: string, shift: Shift): void {
  const types = connection.pragma(`table_info("${table}")`) as { name: string; type: string }[];
  const rows = connection.prepare(`SELECT rowid AS place, * FROM "${table}"`).all() as Row[];
  for (const row of rows) {
    const moved = types.flatMap(({ name, type }) => {
      const value = moveColumn(row[name], type, shift);
      return value === row[name] ? [] : [[name, value] as const];
    });
    if (moved.length === 0) continue;
    const places = moved.map(([name]) => `"${name}" = ?`).join(', ');
    connection
      .prepare(`UPDATE "${table}" SET ${places} WHERE rowid = ?`)
      .run(...moved.map(([, value]) => value), row.place);
  }
}

/** A column's value moved by its declared type: Prisma stores times as milliseconds and JSON as text. */
function moveColumn(value: unknown, type: string, shift: Shift): unknown {
  if (typeof value === 'number') return type === 'DATETIME' && value > 0 ? value + shift.by : value;
  if (typeof value !== 'string') return value;
  return type === 'JSONB' ? JSON.stringify(shiftValue(JSON.parse(value), shift)) : shiftText(value, shift);
}

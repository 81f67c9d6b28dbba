import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createPrivate } from '../../private-file.ts';
import { MissingError } from '../errors.ts';
import type { Migration } from '../migrate/migrations.ts';
import { describeTarget } from '../options.ts';
import { columnsOf } from './columns.ts';
import { type PgConnection, withConnection } from './connection.ts';
import { DUMPED_TABLES, type DumpHeader, type DumpLine, type DumpTable } from './dump-format.ts';
import { readHistory } from './migrate.ts';

const ROWS_AT_ONCE = 1_000;

/**
 * Writes all rows of a store, as of one moment, into a new file that only its owner may read. @throws MissingError when there is
 * no store.
 */
export async function dumpTo(url: string, file: string, known: Migration[]): Promise<void> {
  await withConnection(url, async connection => {
    const { applied } = await readHistory(connection, known);
    if (applied.length === 0)
      throw new MissingError(`There is no store at ${describeTarget({ provider: 'postgresql', url })}.`);
    await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const target = await createPrivate(file);
    await pipeline(Readable.from(linesOf(connection)), createGzip(), target.createWriteStream());
    await connection.query('COMMIT');
  });
}

async function* linesOf(connection: PgConnection): AsyncGenerator<string> {
  const line = (value: DumpLine) => `${JSON.stringify(value)}\n`;
  const { rows: migrations } = await connection.query(
    'SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at',
  );
  yield line({ format: 'proxmox-mpc-dump', version: 1, migrations } satisfies DumpHeader);
  let rows = 0;
  for (const table of DUMPED_TABLES) {
    const columns = await columnsOf(connection, table);
    if (columns.length === 0) continue;
    yield line({ table, columns });
    await connection.query(
      `DECLARE dump NO SCROLL CURSOR FOR SELECT json_build_array(${columns.map(cellOf).join(', ')})::text AS line FROM "${table}"`,
    );
    for (;;) {
      const batch = await connection.query(`FETCH ${ROWS_AT_ONCE} FROM dump`);
      if (batch.rows.length === 0) break;
      rows += batch.rows.length;
      // PostgreSQL builds JSON without line breaks, and ours was written by JSON.stringify.
      yield `${batch.rows.map(row => row.line).join('\n')}\n`;
    }
    await connection.query('CLOSE dump');
  }
  yield line({ end: true, rows });
}

function cellOf({ name, type }: DumpTable['columns'][number]): string {
  return type.startsWith('timestamp without')
    ? `(extract(epoch FROM "${name}") * 1000)::bigint`
    : `"${name}"`;
}

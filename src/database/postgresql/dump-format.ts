import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { MissingError, NotADatabaseError } from '../errors.ts';

/*
 * A dump is gzipped lines of JSON: a header, then for each table its columns followed by its rows, then an end that
 * counts the rows. Times are milliseconds since 1970.
 */

/** The first line. */
export interface DumpHeader {
  format: 'proxmox-mpc-dump';
  version: 1;
  /** What had been applied, oldest first. */
  migrations: { name: string; checksum: string }[];
}
/** Before a table's rows: the columns' names and PostgreSQL types. */
export interface DumpTable {
  table: string;
  columns: { name: string; type: string }[];
}
/** The last line. */
export interface DumpEnd {
  end: true;
  rows: number;
}
/** Any line of a dump; a list holds one row's cells in the order of the columns before it. */
export type DumpLine = DumpHeader | DumpTable | DumpEnd | unknown[];

/** The lines of a dump, rows left as text. @throws NotADatabaseError when it is no dump, cut short or damaged. */
export async function* readDump(file: string): AsyncGenerator<DumpHeader | DumpTable | DumpEnd | string> {
  await access(file).catch(() => {
    throw new MissingError(`There is no file ${file}.`, { hint: 'Name a backup that exists.' });
  });
  const source = createReadStream(file);
  const unzipped = createGunzip();
  source.on('error', error => unzipped.destroy(error));
  const lines = createInterface({ input: source.pipe(unzipped), crlfDelay: Number.POSITIVE_INFINITY });
  unzipped.on('error', () => lines.close());
  let rows = 0;
  let ended = false;
  try {
    for await (const line of lines) {
      if (line.startsWith('[')) rows++;
      const parsed = line.startsWith('[') ? line : (JSON.parse(line) as DumpHeader | DumpTable | DumpEnd);
      if (typeof parsed === 'object' && 'end' in parsed) ended = parsed.rows === rows;
      yield parsed;
    }
  } catch (cause) {
    throw notADump(file, cause);
  } finally {
    source.destroy();
  }
  if (unzipped.errored || !ended) throw notADump(file, unzipped.errored);
}

/** What is said of a file that cannot be restored. */
export function notADump(file: string, cause?: unknown): NotADatabaseError {
  return new NotADatabaseError(`${file} is no backup of a PostgreSQL store, or it is damaged.`, {
    hint: 'Name a file that `proxmox-mpc db backup` wrote.',
    cause,
  });
}

import { stat } from 'node:fs/promises';
import type { EngineProbe } from '../migrate/engine-probe.ts';
import type { Migration } from '../migrate/migrations.ts';
import { withConnection } from './connection.ts';
import { assertStore } from './file.ts';
import { readHistory } from './migrate.ts';

/** Passes a SQLite store's facts, and a way to query it, to `work`. @throws MissingError when there is no file. */
export async function askSqlite<T>(
  path: string,
  known: Migration[],
  work: (probe: EngineProbe) => Promise<T>,
): Promise<T> {
  await assertStore(path);
  return withConnection(path, async connection => {
    connection.pragma('busy_timeout = 5000');
    const version = connection.prepare('SELECT sqlite_version()').pluck().get() as string;
    return work({
      ask: async sql => connection.prepare(sql).all() as Record<string, unknown>[],
      history: readHistory(connection, known),
      engineVersion: `SQLite ${version}`,
      sizeBytes: (await sizeOf(path)) + (await sizeOf(`${path}-wal`)),
    });
  });
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

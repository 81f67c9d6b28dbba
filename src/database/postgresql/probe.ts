import type { EngineProbe } from '../migrate/engine-probe.ts';
import type { Migration } from '../migrate/migrations.ts';
import { withConnection } from './connection.ts';
import { readHistory } from './migrate.ts';

/** Passes a PostgreSQL store's facts, and a way to query it, to `work`. */
export async function askPostgresql<T>(
  url: string,
  known: Migration[],
  work: (probe: EngineProbe) => Promise<T>,
): Promise<T> {
  return withConnection(url, async connection => {
    const ask = async (sql: string) => (await connection.query(sql)).rows as Record<string, unknown>[];
    const [facts] = await ask(
      "SELECT current_setting('server_version') AS version, (SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace) AS size",
    );
    return work({
      ask,
      history: await readHistory(connection, known),
      engineVersion: `PostgreSQL ${facts!.version}`,
      sizeBytes: Number(facts!.size),
    });
  });
}

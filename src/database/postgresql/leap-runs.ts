import { RUNS_APART } from '../sql/lines.ts';
import type { PgConnection } from './connection.ts';

/** Moves the next run's number far beyond any that this store, or the one before it (`former`), gave out. */
export async function leapRuns(connection: PgConnection, former: number): Promise<void> {
  await connection.query(
    `SELECT setval(pg_get_serial_sequence('discovery_runs', 'id'), greatest(max(id), $1::int) + ${RUNS_APART})
     FROM discovery_runs HAVING greatest(max(id), $1::int) > 0`,
    [former],
  );
}

/** The newest run's number; 0 where the database holds no store. */
export async function lastRun(connection: PgConnection): Promise<number> {
  const { rows: tables } = await connection.query(
    "SELECT to_regclass('discovery_runs') IS NOT NULL AS there",
  );
  if (tables[0]?.there !== true) return 0;
  const { rows } = await connection.query('SELECT coalesce(max(id), 0)::int AS id FROM discovery_runs');
  return Number(rows[0]?.id);
}

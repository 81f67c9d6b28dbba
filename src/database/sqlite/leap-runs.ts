import { RUNS_APART } from '../sql/lines.ts';
import type { Connection } from './connection.ts';

/** Moves the next run's number far beyond any that this store, or the one before it (`former`), gave out. */
export function leapRuns(connection: Connection, former: number): void {
  const [counted] = connection
    .prepare("SELECT seq FROM sqlite_sequence WHERE name = 'discovery_runs'")
    .all() as { seq: number }[];
  const last = Math.max(counted?.seq ?? 0, former);
  if (last === 0) return;
  connection.prepare("DELETE FROM sqlite_sequence WHERE name = 'discovery_runs'").run();
  connection
    .prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('discovery_runs', ?)")
    .run(last + RUNS_APART);
}

/** The newest run's number; 0 where the file contains no store. */
export function lastRun(connection: Connection): number {
  const [table] = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'discovery_runs'").all();
  if (table === undefined) return 0;
  const [row] = connection.prepare('SELECT coalesce(max(id), 0) AS id FROM discovery_runs').all() as {
    id: number;
  }[];
  return row!.id;
}

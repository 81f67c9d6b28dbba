import type { RunEntity } from '../../model/entity.ts';
import { type Exposure, exposuresOf } from '../../private-file.ts';
import { oneLine } from '../../text/clean.ts';
import { clusterText } from '../../text/cluster-text.ts';
import type { EngineProbe } from '../migrate/engine-probe.ts';
import { type History, shownNames } from '../migrate/history.ts';
import { migrationsFolder, readMigrations } from '../migrate/migrations.ts';
import { describeTarget, parseTarget, type StoreOptions } from '../options.ts';
import { STORE_TABLES } from '../sql/tables.ts';
import { filesOf } from './kept-backups.ts';

/** The state of a store. */
export interface StoreStatus {
  provider: 'sqlite' | 'postgresql';
  /** The file, or the server's address without user and password. */
  at: string;
  engineVersion: string;
  /** The duration of one round trip to the engine. */
  latencyMs: number;
  /** The size of the file with its log, or of all tables of the schema. */
  sizeBytes: number;
  /** `current`: usable. `pending`: needs migrations. `failed`, `too_new`, `edited`: see the hint of the error at open. */
  schema: 'current' | 'pending' | 'failed' | 'too_new' | 'edited';
  migrations: { applied: string[]; pending: string[] };
  /** Per table; empty while migrations are pending. */
  rows: { [table: string]: number };
  /** Files of the store that other users of this machine can read. */
  exposed: Exposure[];
  lastRun: Pick<RunEntity, 'id' | 'startedAt' | 'finishedAt' | 'status' | 'error'> | null;
}

/** Looks at a store without changing it: no file is created, nothing is migrated. @throws DatabaseError */
export async function storeStatus(options: StoreOptions): Promise<StoreStatus> {
  const target = parseTarget(options);
  const known = await readMigrations(migrationsFolder(options.packageRoot, target.provider));
  const report = async (probe: EngineProbe): Promise<StoreStatus> => {
    const started = performance.now();
    await probe.ask('SELECT 1 AS one');
    const latencyMs = performance.now() - started;
    const schema = schemaState(probe.history);
    const readable = schema === 'current' || schema === 'edited';
    return {
      provider: target.provider,
      at: describeTarget(target),
      engineVersion: probe.engineVersion,
      latencyMs,
      sizeBytes: probe.sizeBytes,
      schema,
      migrations: {
        applied: shownNames(probe.history.applied),
        pending: probe.history.pending.map(({ name }) => name),
      },
      rows: readable ? await countAll(probe) : {},
      exposed: await exposuresOf(await filesOf(target, options.backupFolder)),
      lastRun: readable ? await lastRun(probe, target.provider) : null,
    };
  };
  if (target.provider === 'sqlite') {
    const { askSqlite } = await import('../sqlite/probe.ts');
    return askSqlite(target.path, known, report);
  }
  const { askPostgresql } = await import('../postgresql/probe.ts');
  return askPostgresql(target.url, known, report);
}

function schemaState(history: History): StoreStatus['schema'] {
  if (history.unknown.length > 0) return 'too_new';
  if (history.failed.length > 0) return 'failed';
  if (history.edited.length > 0) return 'edited';
  return history.pending.length > 0 ? 'pending' : 'current';
}

async function countAll({ ask }: EngineProbe): Promise<{ [table: string]: number }> {
  const counts = STORE_TABLES.map(table => `SELECT '${table}' AS name, count(*) AS n FROM ${table}`);
  const rows = await ask(counts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(row => [String(row.name), Number(row.n)]));
}

async function lastRun(
  { ask }: EngineProbe,
  provider: StoreStatus['provider'],
): Promise<StoreStatus['lastRun']> {
  const ms = (column: string) =>
    provider === 'sqlite' ? column : `(extract(epoch FROM ${column}) * 1000)::bigint AS ${column}`;
  const [row] = await ask(
    `SELECT id, status, error, ${ms('started_at')}, ${ms('finished_at')} FROM discovery_runs ORDER BY id DESC LIMIT 1`,
  );
  if (!row) return null;
  return {
    id: Number(row.id),
    status: oneLine(String(row.status)).slice(0, 20) as RunEntity['status'],
    startedAt: Number(row.started_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    error: row.error === null ? null : clusterText(String(row.error)),
  };
}

import { sqltag as sql } from '@prisma/client/runtime/client';
import type { RunEntity } from '../../model/entity.ts';
import type { Session } from '../session/session.ts';
import { defineTable, int, json, nullable, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { isIn } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Numbered by the database; counts and unseen parts are JSON, since no query looks inside. */
export const discoveryRuns = defineTable<RunEntity>({
  model: 'discoveryRun',
  name: 'discovery_runs',
  key: ['id'],
  columns: {
    id: int({ generated: true }),
    startedAt: time(),
    finishedAt: nullable(time()),
    status: text({ oneOf: ['running', 'completed', 'failed'] }),
    facets: json(),
    apiCalls: int(),
    counts: json(),
    unseen: json(),
    warnings: json(),
    error: nullable(text({ maxLength: 100_000 })),
  },
});

/** Discoveries, each by one process. */
export class DiscoveryRunRepository extends Repository<RunEntity, number, Omit<RunEntity, 'id'>> {
  constructor(session: Session) {
    super(session, discoveryRuns);
  }

  /** Those of these runs that exist, in the order of their ids. */
  of(ids: readonly number[]): Promise<RunEntity[]> {
    return readRows(this.session, discoveryRuns, sql`WHERE ${isIn('t.id', ids)} ORDER BY t.id`);
  }

  /** The run that began last, finished or not. */
  async last(): Promise<RunEntity | null> {
    const [run] = await readRows(this.session, discoveryRuns, sql`ORDER BY t.id DESC LIMIT 1`);
    return run ?? null;
  }

  /** Deletes up to `limit` runs from before a moment (ms) that have no commits. Returns how many. */
  dropEmptyBefore(ms: number, limit: number): Promise<number> {
    const chosen = sql`SELECT id FROM discovery_runs WHERE finished_at < ${this.session.dialect.time(ms)}
      AND NOT EXISTS (SELECT 1 FROM commits WHERE commits.run_id = discovery_runs.id) LIMIT ${limit}`;
    return this.session.write(db => db.$executeRaw(sql`DELETE FROM discovery_runs WHERE id IN (${chosen})`));
  }

  /** Deletes finished runs without commits beyond the newest `keep`. */
  async trim(keep: number): Promise<void> {
    const trim = sql`DELETE FROM discovery_runs WHERE finished_at IS NOT NULL
      AND id <= (SELECT max(id) FROM discovery_runs) - ${keep}
      AND NOT EXISTS (SELECT 1 FROM commits WHERE commits.run_id = discovery_runs.id)`;
    await this.session.write(db => db.$executeRaw(trim));
  }
}

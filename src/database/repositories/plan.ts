import { join, sqltag as sql } from '@prisma/client/runtime/client';
import { LONGEST } from '../../model/limits.ts';
import type { PlanEntity, PlanFilter } from '../../model/plan.ts';
import type { Session } from '../session/session.ts';
import { defineTable, int, json, nullable, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Kept after use, as a record of what was asked for. */
export const plans = defineTable<PlanEntity>({
  model: 'plan',
  name: 'plans',
  key: ['id'],
  columns: {
    id: text({ maxLength: LONGEST.word }),
    identity: text({ maxLength: LONGEST.word }),
    revision: int(),
    asker: text({ maxLength: LONGEST.user }),
    request: json(),
    steps: json(),
    leftOut: json(),
    createdAt: time(),
    expiresAt: time(),
    usedAt: nullable(time()),
    outcome: nullable(text({ maxLength: LONGEST.word })),
  },
});

/** Plans by their short id. */
export class PlanRepository extends Repository<PlanEntity, string> {
  constructor(session: Session) {
    super(session, plans);
  }

  /** Plans made in a time span (ms, inclusive), or with one of these ids, oldest first. */
  list({ since, until, ids }: PlanFilter): Promise<PlanEntity[]> {
    const { dialect } = this.session;
    if (ids?.length === 0) return Promise.resolve([]);
    const conditions = where([
      when(ids, some => sql`t.id IN (${join([...some])})`),
      when(since, ms => sql`t.created_at >= ${dialect.time(ms)}`),
      when(until, ms => sql`t.created_at <= ${dialect.time(ms)}`),
    ]);
    return readRows(this.session, plans, sql`${conditions} ORDER BY t.created_at, t.id`);
  }

  /** Plans that were begun and have no recorded end: their process died, or is still at work. */
  unended(): Promise<PlanEntity[]> {
    return readRows(
      this.session,
      plans,
      sql`WHERE t.used_at IS NOT NULL AND t.outcome IS NULL ORDER BY t.id`,
    );
  }

  /** Deletes up to `limit` plans that expired unused before a moment (ms). Returns how many. */
  dropUnusedBefore(ms: number, limit: number): Promise<number> {
    const chosen = sql`SELECT id FROM plans
      WHERE expires_at < ${this.session.dialect.time(ms)} AND used_at IS NULL LIMIT ${limit}`;
    return this.session.write(db => db.$executeRaw(sql`DELETE FROM plans WHERE id IN (${chosen})`));
  }
}

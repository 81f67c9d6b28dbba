import { sqltag as sql } from '@prisma/client/runtime/client';
import { LONGEST } from '../../model/limits.ts';
import { PLAN_EVENTS, type PlanEvent, type PlanEventEntity } from '../../model/operation.ts';
import type { Session } from '../session/session.ts';
import { defineTable, int, json, nullable, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Kept for ever, in the order they happened. */
export const planEvents = defineTable<PlanEventEntity>({
  model: 'planEvent',
  name: 'plan_events',
  key: ['id'],
  columns: {
    id: int({ generated: true }),
    plan: text({ maxLength: LONGEST.word }),
    at: time(),
    type: text({ oneOf: PLAN_EVENTS }),
    who: text({ maxLength: LONGEST.user }),
    how: nullable(text({ maxLength: LONGEST.word })),
    facts: json(),
  },
});

/** What happened to plans: approved, refused, begun, ended. */
export class PlanEventRepository extends Repository<PlanEventEntity, number, PlanEvent> {
  constructor(session: Session) {
    super(session, planEvents);
  }

  /** The events of one plan, or of a time span (ms, inclusive), oldest first. */
  list(filter: { plan?: string; since?: number | undefined; until?: number | undefined }) {
    const { dialect } = this.session;
    const conditions = where([
      when(filter.plan, id => sql`t.plan = ${id}`),
      when(filter.since, ms => sql`t.at >= ${dialect.time(ms)}`),
      when(filter.until, ms => sql`t.at <= ${dialect.time(ms)}`),
    ]);
    return readRows(this.session, planEvents, sql`${conditions} ORDER BY t.id`);
  }
}

import { join, sqltag as sql } from '@prisma/client/runtime/client';
import { LONGEST } from '../../model/limits.ts';
import { OPERATION_STATES, type OperationEntity, type OperationFilter } from '../../model/operation.ts';
import type { Session } from '../session/session.ts';
import { bool, defineTable, int, json, nullable, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** An operation is written before it is sent. */
export const operations = defineTable<OperationEntity>({
  model: 'operation',
  name: 'operations',
  key: ['id'],
  columns: {
    id: text({ maxLength: LONGEST.word }),
    plan: text({ maxLength: LONGEST.word }),
    resource: text({ maxLength: LONGEST.id }),
    incarnation: int(),
    node: text({ maxLength: LONGEST.id }),
    kind: text({ oneOf: ['config', 'revert', 'power', 'migrate', 'snapshot'] }),
    takesBack: nullable(text({ maxLength: LONGEST.word })),
    paths: json(),
    sent: json(),
    wanted: json(),
    uuid: nullable(text({ maxLength: LONGEST.id })),
    managed: bool(),
    sentAt: time(),
    outcome: nullable(json()),
    upid: nullable(text({ maxLength: LONGEST.upid })),
    taskEnd: nullable(json()),
    state: text({ oneOf: OPERATION_STATES }),
    standings: json(),
    digestAfter: nullable(text({ maxLength: LONGEST.word })),
    liveDiffers: bool(),
    mayBeCause: bool(),
    judgedAt: nullable(time()),
    identity: text({ maxLength: LONGEST.user }),
    asker: text({ maxLength: LONGEST.user }),
    why: nullable(text()),
  },
});

/** Writes to Proxmox; the id consists of plan and number. */
export class OperationRepository extends Repository<OperationEntity, string> {
  constructor(session: Session) {
    super(session, operations);
  }

  /** Operations, oldest first. */
  list({ plan, states, since, until, resources }: OperationFilter): Promise<OperationEntity[]> {
    const { dialect } = this.session;
    if (states?.length === 0 || resources?.length === 0) return Promise.resolve([]);
    const conditions = where([
      when(plan, id => sql`t.plan = ${id}`),
      when(states, some => sql`t.state IN (${join([...some])})`),
      when(resources, some => sql`t.resource IN (${join([...some])})`),
      when(since, ms => sql`t.sent_at >= ${dialect.time(ms)}`),
      when(until, ms => sql`t.sent_at <= ${dialect.time(ms)}`),
    ]);
    return readRows(this.session, operations, sql`${conditions} ORDER BY t.sent_at, t.id`);
  }
}

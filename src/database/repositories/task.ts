import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { TaskEntity } from '../../model/entity.ts';
import type { Page, ResourceSpan, Rows, Sort, TaskFilter } from '../../model/filter.ts';
import { LONGEST } from '../../model/limits.ts';
import { RESOURCE_TYPES } from '../../model/resource.ts';
import type { Session } from '../session/session.ts';
import { defineTable, json, nullable, text, time } from '../sql/columns.ts';
import type { Dialect } from '../sql/dialect.ts';
import { readRows } from '../sql/rows.ts';
import { escapeLike, isIn, orderBy, when, where } from '../sql/where.ts';
import { Repository } from './base.ts';
import { readList } from './page.ts';

/** Kept as long as history, and so longer than by PVE; the UPID is the key. */
export const tasks = defineTable<TaskEntity>({
  model: 'task',
  name: 'tasks',
  key: ['upid'],
  columns: {
    upid: text({ maxLength: LONGEST.upid }),
    nodeId: text({ maxLength: LONGEST.id }),
    type: text({ maxLength: LONGEST.word }),
    status: text({ oneOf: ['running', 'ok', 'warning', 'error', 'unknown'] }),
    resourceType: nullable(text({ oneOf: RESOURCE_TYPES })),
    resourceId: nullable(text({ maxLength: LONGEST.id })),
    user: text({ maxLength: LONGEST.user }),
    tokenId: nullable(text({ maxLength: LONGEST.user })),
    startTime: time(),
    endTime: nullable(time()),
    exitStatus: nullable(text()),
    logEntries: nullable(json({ maxLength: LONGEST.text })),
  },
  computed: {
    createdAt: { column: time(), from: (_task, now) => now, insertOnly: true },
    updatedAt: { column: time(), from: (_task, now) => now },
  },
});

const LONGEST_TASK_MS = 31 * 86_400_000;

/** Proxmox tasks, newest first unless sorted otherwise. */
export class TaskRepository extends Repository<TaskEntity, string> {
  constructor(session: Session) {
    super(session, tasks);
  }

  /** Deletes up to `limit` tasks that ended before a moment (ms). Returns how many. */
  dropEndedBefore(ms: number, limit: number): Promise<number> {
    const chosen = sql`SELECT upid FROM tasks WHERE end_time < ${this.session.dialect.time(ms)} LIMIT ${limit}`;
    return this.session.write(db => db.$executeRaw(sql`DELETE FROM tasks WHERE upid IN (${chosen})`));
  }

  /**
   * Tasks that ran in any of these spans, the first `atMost` of each, oldest first. A task that ran longer than a month is not
   * found: without that bound each span would be searched among all tasks that ever began before it.
   */
  async within(spans: readonly ResourceSpan[], atMost: number): Promise<TaskEntity[]> {
    if (spans.length === 0) return [];
    const { dialect } = this.session;
    const rows = spans.map(({ resource, since, until }, n) => [
      n,
      resource.type,
      resource.id,
      since - LONGEST_TASK_MS,
      since,
      until,
    ]);
    const kinds = {
      n: 'int',
      type: 'text',
      id: 'text',
      earliest: 'time',
      since: 'time',
      until: 'time',
    } as const;
    const cells = Object.entries(kinds).map(([name, kind], n) => `${dialect.cell(n, kind)} AS ${name}`);
    const found = sql`SELECT v.upid, row_number() OVER (PARTITION BY k.n ORDER BY v.start_time, v.upid) AS place
      FROM (SELECT ${raw(cells.join(', '))} ${dialect.rowsFrom(JSON.stringify(rows))}) AS k
      JOIN tasks AS v ON v.resource_type = k.type AND v.resource_id = k.id
        AND v.start_time >= k.earliest AND v.start_time <= k.until AND (v.end_time IS NULL OR v.end_time >= k.since)`;
    return readRows(
      this.session,
      tasks,
      sql`WHERE t.upid IN (SELECT upid FROM (${found}) AS found WHERE place <= ${atMost}) ORDER BY t.start_time, t.upid`,
    );
  }

  /** Tasks that match, or a page of them. @throws ValidationError for a sort key the table does not have. */
  async list(
    filter: TaskFilter = {},
    sort: Sort = { by: 'startTime', order: 'desc' },
    page?: Page,
  ): Promise<Rows<TaskEntity>> {
    const { dialect } = this.session;
    const conditions = where([
      when(filter.upids, upids => isIn('t.upid', upids)),
      when(filter.resource, key => sql`t.resource_type = ${key.type} AND t.resource_id = ${key.id}`),
      when(filter.resourceType, type => sql`t.resource_type = ${type}`),
      when(filter.node, node => sql`t.node_id = ${node}`),
      when(filter.nodes, nodes => isIn('t.node_id', nodes)),
      when(filter.user, user => byUser(dialect, user)),
      when(filter.types, types => isIn('t.type', types)),
      when(filter.statuses, statuses => isIn('t.status', statuses)),
      when(filter.since, since => sql`(t.end_time IS NULL OR t.end_time >= ${dialect.time(since)})`),
      when(filter.until, until => sql`t.start_time <= ${dialect.time(until)}`),
    ]);
    const order = orderBy(dialect, tasks, sort);
    if (page) {
      return readList(this.session, tasks, { conditions, order, page });
    }
    const rows = await readRows(this.session, tasks, sql`${conditions} ${order}`);
    return { rows, total: rows.length };
  }
}

function byUser(dialect: Dialect, user: string): Sql {
  const [, id = user, token] = /^([^!]*)!(.*)$/.exec(user) ?? [];
  const whose = id.includes('@') ? sql`t.user = ${id}` : dialect.like('t.user', `${escapeLike(id)}@%`);
  return token === undefined ? whose : sql`${whose} AND t.token_id = ${token}`;
}

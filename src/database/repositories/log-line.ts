import { raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { LogLineEntity } from '../../model/entity.ts';
import type { ResourceSpan } from '../../model/filter.ts';
import { LONGEST } from '../../model/limits.ts';
import type { Session } from '../session/session.ts';
import { insertRows } from '../sql/bulk.ts';
import { defineTable, int, nullable, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Keyed by PVE's own numbering of lines, so that a line read twice is kept once. */
export const logLines = defineTable<LogLineEntity>({
  model: 'logLine',
  name: 'log_lines',
  key: ['id'],
  columns: {
    id: text({ maxLength: 500 }),
    at: time(),
    nodeId: text({ maxLength: LONGEST.id }),
    user: text({ maxLength: LONGEST.user }),
    vmid: int({ min: 1 }),
    message: text({ maxLength: 100_000 }),
    pid: nullable(int()),
  },
});

/** Lines of the cluster's log that name a guest. */
export class LogLineRepository extends Repository<LogLineEntity, string> {
  constructor(session: Session) {
    super(session, logLines);
  }

  /** Adds lines; known ones stay as they are. */
  async add(rows: readonly LogLineEntity[]): Promise<void> {
    await insertRows(this.session, logLines, rows, 'ignore');
  }

  /** Deletes up to `limit` lines from before a moment (ms). Returns how many. */
  dropBefore(ms: number, limit: number): Promise<number> {
    const chosen = sql`SELECT id FROM log_lines WHERE at < ${this.session.dialect.time(ms)} LIMIT ${limit}`;
    return this.session.write(db => db.$executeRaw(sql`DELETE FROM log_lines WHERE id IN (${chosen})`));
  }

  /** Lines about these guests within any of these spans, oldest first. */
  async within(spans: readonly ResourceSpan[]): Promise<LogLineEntity[]> {
    if (spans.length === 0) return [];
    const { dialect } = this.session;
    const rows = spans.map(({ resource, since, until }) => [Number(resource.id), since, until]);
    const kinds = { vmid: 'int', since: 'time', until: 'time' } as const;
    const cells = Object.entries(kinds).map(([name, kind], n) => `${dialect.cell(n, kind)} AS ${name}`);
    const found = sql`SELECT v.id FROM (SELECT ${raw(cells.join(', '))} ${dialect.rowsFrom(JSON.stringify(rows))}) AS k
      JOIN log_lines AS v ON v.vmid = k.vmid AND v.at >= k.since AND v.at <= k.until`;
    return readRows(this.session, logLines, sql`WHERE t.id IN (${found}) ORDER BY t.at, t.id`);
  }

  /** Lines of a time span (ms, inclusive), optionally of one guest, oldest first. */
  between(filter: { vmid?: number; since: number; until?: number }): Promise<LogLineEntity[]> {
    const { dialect } = this.session;
    const conditions = where([
      when(filter.vmid, vmid => sql`t.vmid = ${vmid}`),
      sql`t.at >= ${dialect.time(filter.since)}`,
      when(filter.until, until => sql`t.at <= ${dialect.time(until)}`),
    ]);
    return readRows(this.session, logLines, sql`${conditions} ORDER BY t.at, t.id`);
  }
}

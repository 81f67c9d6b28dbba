import { sqltag as sql } from '@prisma/client/runtime/client';
import { DETAIL_TOPICS, type Detail, type DetailTopic } from '../../model/detail.ts';
import { LONGEST } from '../../model/limits.ts';
import type { Session } from '../session/session.ts';
import { defineTable, json, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { isIn, when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Which fact: of what, of whom, told by whom. */
export type DetailKey = Pick<Detail, 'topic' | 'subject' | 'source'>;

/** One table for all topics: a further one needs no migration (ADR 0007). */
export const details = defineTable<Detail>({
  model: 'detail',
  name: 'details',
  key: ['topic', 'subject', 'source'],
  columns: {
    topic: text({ oneOf: DETAIL_TOPICS }),
    subject: text({ maxLength: LONGEST.source }),
    source: text({ maxLength: LONGEST.source }),
    data: json(),
    observedAt: time(),
  },
});

/** Facts kept current only. */
export class DetailRepository extends Repository<Detail, DetailKey> {
  constructor(session: Session) {
    super(session, details);
  }

  /** A topic's facts, of all subjects unless some are named. */
  async of<T extends DetailTopic>(topic: T, subjects?: readonly string[]): Promise<Detail<T>[]> {
    const conditions = where([sql`t.topic = ${topic}`, when(subjects, wanted => isIn('t.subject', wanted))]);
    const rows = await readRows(this.session, details, sql`${conditions} ORDER BY t.subject, t.source`);
    return rows as Detail<T>[];
  }

  /** Makes these rows all that a source tells of a topic. */
  async replace(topic: DetailTopic, source: string, rows: readonly Detail[]): Promise<void> {
    await this.session.write(db =>
      db.$executeRaw(sql`DELETE FROM details WHERE topic = ${topic} AND source = ${source}`),
    );
    await this.upsertMany(rows);
  }

  /** Drops some topics of these subjects. */
  async forget(topics: readonly DetailTopic[], subjects: readonly string[]): Promise<void> {
    if (subjects.length === 0) return;
    const gone = sql`DELETE FROM details WHERE ${isIn('topic', topics)} AND ${isIn('subject', subjects)}`;
    await this.session.write(db => db.$executeRaw(gone));
  }
}

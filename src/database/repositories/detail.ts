import { sqltag as sql } from '@prisma/client/runtime/client';
import { DETAIL_TOPICS, type Detail, type DetailTopic } from '../../model/detail.ts';
import { LONGEST } from '../../model/limits.ts';
import type { Session } from '../session/session.ts';
import { defineTable, json, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { isIn, when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** The key of a fact: its topic, the subject it is about, and the source that reported it. */
export type DetailKey = Pick<Detail, 'topic' | 'subject' | 'source'>;

/** One table for all topics: another topic needs no migration (ADR 0007). */
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

/** Facts that are only kept current. */
export class DetailRepository extends Repository<Detail, DetailKey> {
  constructor(session: Session) {
    super(session, details);
  }

  /** A topic's facts, of these subjects or of all. */
  async of<T extends DetailTopic>(topic: T, subjects?: readonly string[]): Promise<Detail<T>[]> {
    return (await this.ofTopics([topic], subjects)) as Detail<T>[];
  }

  /** The same of several topics. */
  async ofTopics(topics: readonly DetailTopic[], subjects?: readonly string[]): Promise<Detail[]> {
    if (subjects?.length === 0) return [];
    const conditions = where([isIn('t.topic', topics), when(subjects, wanted => isIn('t.subject', wanted))]);
    return readRows(this.session, details, sql`${conditions} ORDER BY t.subject, t.source`);
  }

  /** Replaces everything that a source reported on a topic. */
  async replace(topic: DetailTopic, source: string, rows: readonly Detail[]): Promise<void> {
    await this.session.write(db =>
      db.$executeRaw(sql`DELETE FROM details WHERE topic = ${topic} AND source = ${source}`),
    );
    await this.upsertMany(rows);
  }

  /** Deletes these topics of these subjects. */
  async forget(topics: readonly DetailTopic[], subjects: readonly string[]): Promise<void> {
    if (subjects.length === 0) return;
    const gone = sql`DELETE FROM details WHERE ${isIn('topic', topics)} AND ${isIn('subject', subjects)}`;
    await this.session.write(db => db.$executeRaw(gone));
  }
}

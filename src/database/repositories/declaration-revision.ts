import { sqltag as sql } from '@prisma/client/runtime/client';
import type { RevisionEntity } from '../../model/declaration.ts';
import { LONGEST } from '../../model/limits.ts';
import type { Session } from '../session/session.ts';
import { insertRows } from '../sql/bulk.ts';
import { defineTable, int, json, nullable, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Numbers are assigned here, so that of two declarations at once only one gets the next. */
export const revisions = defineTable<RevisionEntity>({
  model: 'declarationRevision',
  name: 'declaration_revisions',
  key: ['number'],
  columns: {
    number: int({ min: 1 }),
    at: time(),
    author: text({ maxLength: LONGEST.user }),
    why: nullable(text()),
    source: text({ oneOf: ['store', 'file'] }),
    content: json(),
    hash: text({ maxLength: LONGEST.word }),
  },
});

/** Declarations, as a sequence of revisions. */
export class DeclarationRevisionRepository extends Repository<RevisionEntity, number> {
  constructor(session: Session) {
    super(session, revisions);
  }

  /** The revision in force; null where nothing was ever declared. */
  async newest(): Promise<RevisionEntity | null> {
    const [row] = await readRows(this.session, revisions, sql`ORDER BY t.number DESC LIMIT 1`);
    return row ?? null;
  }

  /** The revision that was in force at a moment (ms); null where there was none. */
  async at(ms: number): Promise<RevisionEntity | null> {
    const before = sql`WHERE t.at <= ${this.session.dialect.time(ms)} ORDER BY t.number DESC LIMIT 1`;
    return (await readRows(this.session, revisions, before))[0] ?? null;
  }

  /** The revisions of a time span (ms, inclusive), newest first. */
  async between({ since, until }: { since?: number | undefined; until?: number | undefined }) {
    const { dialect } = this.session;
    const conditions = where([
      when(since, ms => sql`t.at >= ${dialect.time(ms)}`),
      when(until, ms => sql`t.at <= ${dialect.time(ms)}`),
    ]);
    return readRows(this.session, revisions, sql`${conditions} ORDER BY t.number DESC`);
  }

  /** Writes a revision unless that number is taken. Returns whether it is the one that stands. */
  async add(revision: RevisionEntity): Promise<boolean> {
    await insertRows(this.session, revisions, [revision], 'ignore');
    const { hash, author, at } = (await this.findById(revision.number))!;
    return hash === revision.hash && author === revision.author && at === revision.at;
  }
}

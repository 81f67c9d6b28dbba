import { join, raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { CommitEntity } from '../../model/entity.ts';
import { FACETS, type Facet } from '../../model/facet.ts';
import type { CommitOptions } from '../../model/store.ts';
import { type ClusterTime, latest } from '../../model/time.ts';
import type { Session } from '../session/session.ts';
import { bool, defineTable, int, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { when, where } from '../sql/where.ts';
import { Repository } from './base.ts';

/** Numbered by the database: `seq` grows with every commit and is never reused. */
export const commits = defineTable<CommitEntity>({
  model: 'commit',
  name: 'commits',
  key: ['seq'],
  columns: {
    seq: int({ generated: true }),
    runId: int(),
    facet: text({ oneOf: FACETS }),
    at: time(),
    observedAt: time(),
    complete: bool(),
    changes: int(),
  },
});

const lastOf = (facet: Facet) => `
  coalesce((SELECT max(seq) FROM commits WHERE facet = '${facet}'), 0),
  coalesce((SELECT max(seq) FROM commits WHERE facet = '${facet}' AND complete), 0)`;
/** No version refers to the commit, and no answer rests on it. */
const DISPENSABLE = sql`seq NOT IN (${raw(FACETS.map(lastOf).join(','))})
  AND NOT EXISTS (SELECT 1 FROM state_snapshots WHERE state_snapshots.seq = commits.seq)`;

/** Commits: their `seq` is the order of history. */
export class CommitRepository extends Repository<CommitEntity, number, Omit<CommitEntity, 'seq'>> {
  constructor(session: Session) {
    super(session, commits);
  }

  /**
   * Takes the next `seq`. Its time is `now` (ms, by the clock that dates history), or the previous commit's where clocks ran
   * back.
   */
  async open(options: CommitOptions, now: ClusterTime): Promise<CommitEntity> {
    const before = await this.last();
    return this.create({ ...options, at: before === null ? now : latest(now, before.at), changes: 0 });
  }

  /** The newest commit: optionally of one facet, only complete ones, or only up to a place in the sequence. */
  last(
    facet?: Facet,
    { complete, upTo }: { complete?: boolean; upTo?: number } = {},
  ): Promise<CommitEntity | null> {
    const conditions = where([
      when(facet, name => sql`t.facet = ${name}`),
      when(upTo, seq => sql`t.seq <= ${seq}`),
      complete ? sql`t.complete = ${true}` : undefined,
    ]);
    return this.#one(sql`${conditions} ORDER BY t.seq DESC LIMIT 1`);
  }

  /** The newest commit of each of these facets. */
  async lastOf(facets: Iterable<Facet>): Promise<Map<Facet, CommitEntity>> {
    const newest = [...facets].map(facet => sql`SELECT max(seq) FROM commits WHERE facet = ${facet}`);
    if (newest.length === 0) return new Map();
    const rows = await readRows(this.session, commits, sql`WHERE t.seq IN (${join(newest, ' UNION ALL ')})`);
    return new Map(rows.map(commit => [commit.facet, commit]));
  }

  /** The first commit from `seq` on. */
  first(seq: number): Promise<CommitEntity | null> {
    return this.#one(sql`WHERE t.seq >= ${seq} ORDER BY t.seq LIMIT 1`);
  }

  /** The newest commit written at or before a moment (ms). */
  at(ms: number): Promise<CommitEntity | null> {
    return this.#one(
      sql`WHERE t.at <= ${this.session.dialect.time(ms)} ORDER BY t.at DESC, t.seq DESC LIMIT 1`,
    );
  }

  /** The commits of a run, in the order of `seq`. */
  ofRun(runId: number): Promise<CommitEntity[]> {
    return readRows(this.session, commits, sql`WHERE t.run_id = ${runId} ORDER BY t.seq`);
  }

  /**
   * Deletes commits without versions that are older than the newest `keep`. The first commit (history starts there) and each
   * facet's last and last complete one (answers rest on them) stay.
   */
  async trim(keep: number): Promise<void> {
    const old = sql`seq <= (SELECT max(seq) FROM commits) - ${keep} AND seq > (SELECT min(seq) FROM commits)`;
    await this.session.write(db => db.$executeRaw(sql`DELETE FROM commits WHERE ${old} AND ${DISPENSABLE}`));
  }

  /** Deletes up to `limit` commits before `seq` that have no versions and are not a facet's last. Returns how many. */
  dropEmptyBefore(seq: number, limit: number): Promise<number> {
    const chosen = sql`SELECT seq FROM commits WHERE seq < ${seq} AND ${DISPENSABLE} LIMIT ${limit}`;
    return this.session.write(db => db.$executeRaw(sql`DELETE FROM commits WHERE seq IN (${chosen})`));
  }

  async #one(tail: Sql): Promise<CommitEntity | null> {
    const [commit] = await readRows(this.session, commits, tail);
    return commit ?? null;
  }
}

import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import {
  CHANGE_TYPES,
  type DatedVersion,
  type End,
  type StandingVersion,
  type Step,
  type Version,
} from '../../model/change.ts';
import { FACETS } from '../../model/facet.ts';
import type { VersionFilter } from '../../model/filter.ts';
import { LONGEST } from '../../model/limits.ts';
import { RESOURCE_TYPES, type ResourceKey, type ResourceType } from '../../model/resource.ts';
import { NEWEST_SEQ } from '../../model/store.ts';
import type { ClusterTime } from '../../model/time.ts';
import type { Session } from '../session/session.ts';
import { insertRows } from '../sql/bulk.ts';
import { defineTable, int, json, nullable, type Table, text, time } from '../sql/columns.ts';
import { readRows } from '../sql/rows.ts';
import { endsOf, lastVersions, type Span } from '../sql/version-ids.ts';
import { when, where } from '../sql/where.ts';
import { Repository } from './base.ts';
import { countRows } from './count.ts';

/** Looked up by resource and `seq`. `fieldCount` distinguishes a change from knowledge gained without parsing JSON. */
export const stateSnapshots = defineTable<Version>({
  model: 'stateSnapshot',
  name: 'state_snapshots',
  key: ['id'],
  columns: {
    id: int({ generated: true }),
    seq: int(),
    at: time({ field: 'snapshotTime' }),
    type: text({ field: 'resourceType', oneOf: RESOURCE_TYPES }),
    resourceId: text({ maxLength: LONGEST.id }),
    incarnation: int(),
    change: text({ field: 'changeType', oneOf: CHANGE_TYPES }),
    facet: text({ oneOf: FACETS }),
    name: nullable(text()),
    node: nullable(text({ maxLength: LONGEST.id })),
    fields: json(),
    state: json({ field: 'resourceData' }),
    windowAfter: nullable(time()),
    windowBefore: time(),
  },
  computed: {
    fieldCount: { column: int(), from: version => version.fields.length, uses: 'fields' },
    createdAt: { column: time(), from: version => version.at, insertOnly: true },
  },
});

/** The same table with some of its columns, which are faster to read. */
const narrowed = <T>(takes: (column: keyof Version) => boolean) =>
  ({
    ...stateSnapshots,
    columns: stateSnapshots.columns.filter(of => takes(of.key!)),
  }) as unknown as Table<T>;
/** Versions without their states, which are nine tenths of the data. */
const steps = narrowed<Step>(column => column !== 'state');
const END = new Set(['id', 'seq', 'type', 'resourceId', 'incarnation', 'change', 'fields', 'windowAfter']);
const endColumns = narrowed<End>(column => END.has(column));
const LED_TO_IT = new Set(['at', 'fields', 'windowAfter']);
const standing = narrowed<StandingVersion>(column => !LED_TO_IT.has(column));

/** A place in the sequence within the engines' range: tokens from outside may contain any number. */
const bounded = (seq: number) => Math.min(seq, NEWEST_SEQ);

function spanOf({ after, to, type }: Pick<VersionFilter, 'after' | 'to' | 'type'>): Span {
  return {
    types: type ? [type] : RESOURCE_TYPES,
    after: after === undefined ? undefined : bounded(after),
    to: bounded(to ?? NEWEST_SEQ),
  };
}

/** Whether something happened, as opposed to becoming known and maybe being old; the same rule as `changesOnly`. */
export function isChange({ change, fields, windowAfter }: DatedVersion): boolean {
  if (fields.length > 0 || change === 'created' || change === 'deleted') return true;
  return change === 'discovered' && windowAfter === null;
}

const NEWEST_FIRST = sql`ORDER BY t.seq DESC, t.id DESC`;

/**
 * Versions: each resource's complete state from a commit on. Large JSON is parsed when it is read. Ids grow with `seq`, since
 * only the lease's holder commits.
 */
export class StateSnapshotRepository extends Repository<Version, number, Omit<Version, 'id'>> {
  constructor(session: Session) {
    super(session, stateSnapshots);
  }

  /** Adds versions. History is append-only: nothing here updates a version. */
  async add(seq: number, at: ClusterTime, rows: readonly DatedVersion[]): Promise<void> {
    await insertRows(
      this.session,
      stateSnapshots,
      rows.map(row => ({ ...row, id: 0, seq, at })),
      'fail',
    );
  }

  /** Versions, newest first. */
  list(filter: VersionFilter, page?: { limit: number; beforeId?: number }): Promise<Version[]> {
    const before = page?.beforeId;
    const conditions = where([
      ...this.#conditions(filter),
      // Ids have the order of seqs: the second condition lets the index on seq skip what earlier pages showed.
      when(
        before,
        id =>
          sql`t.id < ${id} AND t.seq <= coalesce((SELECT seq FROM state_snapshots WHERE id < ${id} ORDER BY id DESC LIMIT 1), 0)`,
      ),
    ]);
    const limit = page ? sql`LIMIT ${page.limit}` : sql``;
    return readRows(this.session, stateSnapshots, sql`${conditions} ${NEWEST_FIRST} ${limit}`, {
      lazyJson: true,
    });
  }

  /** Versions without states, oldest first. */
  steps(filter: VersionFilter): Promise<Step[]> {
    const tail = sql`${where(this.#conditions(filter))} ORDER BY t.seq, t.id`;
    return readRows(this.session, steps, tail, { lazyJson: true });
  }

  /** How many versions match, counting at most `atMost`, so that "many or few?" stays cheap. */
  count(filter: VersionFilter, atMost?: number): Promise<number> {
    return countRows(this.session, stateSnapshots, where(this.#conditions(filter)), atMost);
  }

  /** The resources with matching versions, by type and id. */
  async changedKeys(filter: VersionFilter): Promise<ResourceKey[]> {
    const conditions = where(this.#conditions(filter));
    const query = sql`SELECT DISTINCT t.resource_type AS type, t.resource_id AS id FROM state_snapshots AS t ${conditions} ORDER BY 1, 2`;
    return this.session.select<ResourceKey>(query);
  }

  /** The newest version up to `seq` of each of these resources, deletions included. */
  at(seq: number, keys: ResourceKey[]): Promise<Version[]> {
    const { dialect } = this.session;
    const pairs = JSON.stringify(keys.map(key => [key.type, key.id]));
    const columns = raw(`${dialect.cell(0, 'text')} AS type, ${dialect.cell(1, 'text')} AS id`);
    return this.#newest(sql`(SELECT DISTINCT ${columns} ${dialect.rowsFrom(pairs)}) AS k`, seq, sql``);
  }

  /** Everything that existed at `seq`, by type and id. */
  async everything(seq: number, type?: ResourceType): Promise<StandingVersion[]> {
    const from = lastVersions(this.session.dialect, spanOf({ to: seq, type }));
    const tail = sql`WHERE t.change_type <> 'deleted'`;
    const found = await readRows(this.session, standing, tail, { from });
    // Sorted here: the database would have to move the states as well, and each engine has its own text order.
    const place = (version: StandingVersion) => RESOURCE_TYPES.indexOf(version.type);
    return found.sort((a, b) => place(a) - place(b) || (a.resourceId < b.resourceId ? -1 : 1));
  }

  /** The first and the last version of each resource in an interval, without states. */
  async ends({ after, to, type }: Pick<VersionFilter, 'after' | 'to' | 'type'>): Promise<[End, End][]> {
    const ids = endsOf(this.session.dialect, spanOf({ after, to, type }));
    const from = sql`${ids} JOIN state_snapshots AS t ON t.id IN (ids.first, ids.last)`;
    const found = await readRows(this.session, endColumns, sql``, { from });
    const byResource = Map.groupBy(found, step => `${step.type}/${step.resourceId}`);
    return [...byResource.values()].map(([one, other = one]) =>
      one!.id < other!.id ? [one!, other!] : [other!, one!],
    );
  }

  /** Deletes up to `limit` versions superseded by a newer one up to `seq`. Returns how many. */
  dropSuperseded(seq: number, limit: number): Promise<number> {
    const drop = sql`DELETE FROM state_snapshots WHERE id IN (
      SELECT v.id FROM state_snapshots AS v WHERE v.seq < ${seq} AND EXISTS (
        SELECT 1 FROM state_snapshots AS n
        WHERE n.resource_type = v.resource_type AND n.resource_id = v.resource_id
          AND n.seq <= ${seq} AND (n.seq, n.id) > (v.seq, v.id)
      ) LIMIT ${limit})`;
    return this.session.write(db => db.$executeRaw(drop));
  }

  /** The newest version up to `seq` for each key of `k`. */
  #newest(keys: Sql, seq: number, tail: Sql): Promise<Version[]> {
    const same = sql`v.resource_type = k.type AND v.resource_id = k.id AND v.seq <= ${bounded(seq)}`;
    const from = this.session.dialect.newestOf('state_snapshots', keys, same, 'v.seq DESC, v.id DESC');
    return readRows(this.session, stateSnapshots, tail, { from, lazyJson: true });
  }

  #conditions(filter: VersionFilter): (Sql | undefined)[] {
    const { dialect } = this.session;
    return [
      when(filter.resource, key => sql`t.resource_type = ${key.type} AND t.resource_id = ${key.id}`),
      when(filter.resources, keys => {
        const cells = raw(`${dialect.cell(0, 'text')}, ${dialect.cell(1, 'text')}`);
        const rows = JSON.stringify(keys.map(key => [key.type, key.id]));
        return sql`(t.resource_type, t.resource_id) IN (SELECT ${cells} ${dialect.rowsFrom(rows)})`;
      }),
      when(filter.type, type => sql`t.resource_type = ${type}`),
      when(
        filter.node,
        node =>
          sql`(t.node = ${node} OR (t.field_count > 0 AND ${dialect.fieldWas('t.fields', 'node', node)}))`,
      ),
      when(filter.after, after => sql`t.seq > ${bounded(after)}`),
      when(filter.to, to => sql`t.seq <= ${bounded(to)}`),
      // Times never run backwards along seq, so a time span is a span of seqs.
      when(
        filter.since,
        since =>
          sql`t.seq >= (SELECT c.seq FROM commits AS c WHERE c.at >= ${dialect.time(since)} ORDER BY c.at, c.seq LIMIT 1)`,
      ),
      when(
        filter.until,
        until =>
          sql`t.seq <= (SELECT c.seq FROM commits AS c WHERE c.at <= ${dialect.time(until)} ORDER BY c.at DESC, c.seq DESC LIMIT 1)`,
      ),
      filter.changesOnly
        ? sql`(t.field_count > 0 OR t.change_type IN ('created', 'deleted') OR (t.change_type = 'discovered' AND t.window_after IS NULL))`
        : undefined,
    ];
  }
}

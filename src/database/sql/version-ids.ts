import { raw, type Sql, sqltag as sql } from '@prisma/client/runtime/client';
import type { Dialect } from './dialect.ts';

/** The versions to consider: of these types, with `after < seq <= to`. */
export interface Span {
  types: readonly string[];
  /** Absent: from the beginning. */
  after: number | undefined;
  to: number;
}

/**
 * A FROM clause `ids`: for each resource with versions in a span, the ids of the first and the last. Ids grow with `seq`. Both
 * variants read nothing but an index.
 */
export function endsOf(dialect: Dialect, span: Span): Sql {
  return dialect.provider === 'sqlite' ? steppedEnds(span) : groupedEnds(span);
}

/**
 * A FROM clause whose `t` is the last version of each resource in a span. PostgreSQL is forced to look each up by id: otherwise
 * it may read the whole table, including states, to merge the two.
 */
export function lastVersions(dialect: Dialect, span: Span): Sql {
  const ids = endsOf(dialect, span);
  return dialect.provider === 'sqlite'
    ? sql`${ids} JOIN state_snapshots AS t ON t.id = ids.last`
    : sql`${ids} CROSS JOIN LATERAL (SELECT v.* FROM state_snapshots AS v WHERE v.id = ids.last LIMIT 1) AS t`;
}

/**
 * PostgreSQL reads the index of resources in parallel, which is faster than looking up each resource in it. The condition is on
 * the aggregates: in WHERE it would lead to the index of seqs, which has no resources, and so to every row.
 */
function groupedEnds({ types, after, to }: Span): Sql {
  const type = raw(types.map(name => `'${name}'`).join(', '));
  const counted = sql`FILTER (WHERE ${within(sql`s.seq`, after, to)})`;
  return sql`(SELECT min(s.id) ${counted} AS first, max(s.id) ${counted} AS last FROM state_snapshots AS s
    WHERE s.resource_type IN (${type}) GROUP BY s.resource_type, s.resource_id) AS ids`;
}

/** SQLite steps from resource to resource through the index, and looks up both ends of each. */
function steppedEnds({ types, after, to }: Span): Sql {
  const begin = raw(types.map(name => `SELECT '${name}' AS type`).join(' UNION ALL '));
  const next = (beyond: Sql) =>
    sql`(SELECT min(s.resource_id) FROM state_snapshots AS s WHERE s.resource_type = walk.type ${beyond})`;
  const end = (order: Sql) => sql`(SELECT v.id FROM state_snapshots AS v
    WHERE v.resource_type = k.type AND v.resource_id = k.id AND ${within(sql`v.seq`, after, to)} ORDER BY ${order} LIMIT 1)`;
  return sql`(
    WITH RECURSIVE k(type, id) AS (
      SELECT walk.type, ${next(sql``)} FROM (${begin}) AS walk
      UNION ALL
      SELECT walk.type, ${next(sql`AND s.resource_id > walk.id`)} FROM k AS walk WHERE walk.id IS NOT NULL
    ) SELECT ${end(sql`v.seq, v.id`)} AS first, ${end(sql`v.seq DESC, v.id DESC`)} AS last FROM k WHERE k.id IS NOT NULL
  ) AS ids`;
}

function within(seq: Sql, after: number | undefined, to: number): Sql {
  return after === undefined ? sql`${seq} <= ${to}` : sql`${seq} > ${after} AND ${seq} <= ${to}`;
}

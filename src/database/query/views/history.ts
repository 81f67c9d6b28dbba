import { SECRET, SECRET_CHANGED } from '../../../text/mask.ts';
import type { ViewDialect } from '../view-dialect.ts';

const RESOURCE = (type: string, id: string) =>
  `CASE WHEN ${type} = 'cluster' THEN 'cluster' ELSE ${type} || '/' || ${id} END`;

/** What happened, as opposed to what only became known and may be old. */
const IS_CHANGE =
  "(s.field_count > 0 OR s.change_type IN ('created', 'deleted') OR (s.change_type = 'discovered' AND s.window_after IS NULL))";

/** Tasks; a running task on a node that cannot be seen now has the status unknown. */
export function tasksView(d: ViewDialect): string {
  const unseen = `t.status = 'running' AND t.node_id NOT IN (SELECT ${d.cell(0, 'text')} FROM ${d.given('seen_task_nodes')})`;
  return `SELECT t.upid AS upid, t.node_id AS node, ${d.text('t.type')} AS type, CASE WHEN t.resource_type <> 'node' THEN t.resource_type || '/' || t.resource_id END AS resource, ${d.text(`(t."user" || coalesce('!' || t.token_id, ''))`)} AS "user", CASE WHEN ${unseen} THEN 'unknown' WHEN t.status = 'running' THEN 'running' ELSE coalesce(${d.text('t.exit_status')}, t.status) END AS status, CASE WHEN ${unseen} THEN 'unknown' ELSE t.status END AS result, ${d.time('t.start_time')} AS started_at, ${d.time('t.end_time')} AS ended_at FROM ${d.table('tasks')} t`;
}

/** Versions that changed something; their authors come with the query. */
export function changesView(d: ViewDialect, authors: boolean): string {
  const who = authors
    ? `LEFT JOIN (SELECT ${d.cell(0, 'integer')} AS id, ${d.cell(1, 'text')} AS "user" FROM ${d.given('authors')}) a ON a.id = s.id`
    : '';
  return `SELECT s.seq AS seq, ${d.time('s.snapshot_time')} AS at, ${RESOURCE('s.resource_type', 's.resource_id')} AS resource, ${d.text('s.name')} AS name, s.change_type AS change, ${d.time('s.window_after')} AS after_at, ${d.time('s.window_before')} AS before_at, ${authors ? 'a."user"' : 'NULL'} AS "user" FROM ${d.table('state_snapshots')} s ${who} WHERE ${IS_CHANGE}`;
}

/** The fields of these versions. A changed secret is marked as changed, since both sides look alike. */
export function changeFieldsView(d: ViewDialect): string {
  const path = `(${d.scalar('f.value', 'path')})`;
  const isTime = `(${path} = 'started_at' OR ${path} LIKE 'snapshots.%')`;
  const side = (name: string) =>
    `CASE WHEN ${isTime} THEN ${d.timeOfJson('f.value', name)} WHEN ${path} = 'pool' AND s.resource_type IN ('vm', 'container') THEN ${d.pool(`(${d.scalar('f.value', name)})`)} ELSE ${d.scalar('f.value', name)} END`;
  const fields = `SELECT s.seq AS seq, ${RESOURCE('s.resource_type', 's.resource_id')} AS resource, ${path} AS path, ${side('from')} AS from_raw, ${side('to')} AS to_raw FROM ${d.table('state_snapshots')} s CROSS JOIN ${d.elements('s.fields', 'f')} WHERE ${IS_CHANGE}`;
  const changed = `CASE WHEN from_raw <> to_raw AND ${d.text('from_raw')} = ${d.text('to_raw')} THEN replace(${d.text('to_raw')}, '${SECRET}', '${SECRET_CHANGED}') ELSE ${d.text('to_raw')} END`;
  return `SELECT seq, resource, ${d.text('path')} AS path, ${d.text('from_raw')} AS from_value, ${changed} AS to_value FROM (${fields}) AS moved WHERE NOT (path = 'pool' AND from_raw IS NULL AND to_raw IS NULL)`;
}

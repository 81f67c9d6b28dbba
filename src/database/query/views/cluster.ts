import type { GivenName } from '../../../model/query.ts';
import { VIEWS } from '../../../sql/catalogue.ts';
import type { ViewDialect } from '../view-dialect.ts';

/** A view whose rows come with the query, because they are computed rather than stored. */
export function givenView(name: GivenName & ('nodes' | 'storage'), d: ViewDialect): string {
  const columns = Object.entries(VIEWS[name].columns).map(
    ([column, { type }], at) => `${d.cell(at, type)} AS ${column}`,
  );
  return `SELECT ${columns.join(', ')} FROM ${d.given(name)}`;
}

/** Single backups; where an older version read them, only the newest is known. */
export function backupsView(d: ViewDialect): string {
  const at = d.position('b.source', '@');
  const storage = d.text(`(CASE WHEN ${at} > 0 THEN substr(b.source, 1, ${at} - 1) ELSE b.source END)`);
  const node = d.text(`(CASE WHEN ${at} > 0 THEN substr(b.source, ${at} + 1) END)`);
  const unjudged = `SELECT ${d.cell(0, 'text')} FROM ${d.given('unjudged_backups')}`;
  const former = `CASE WHEN b.topic = 'former_backups' THEN 1 WHEN b.subject IN (${unjudged}) THEN NULL ELSE 0 END`;
  const rows = (volume: string, made: string, size: string, from: string, where: string) =>
    `SELECT b.subject AS resource, ${storage} AS storage, ${node} AS node, ${volume} AS volume, ${made} AS created_at, ${size} AS size_gib, ${former} AS of_predecessor FROM ${d.table('details')} b ${from} WHERE b.topic IN ('backups', 'former_backups') ${where}`;
  const listed = rows(
    d.text(d.scalar('v.value', 'volume')),
    d.timeOfJson('v.value', 'at'),
    d.gib(d.number(`(${d.scalar('v.value', 'bytes')})`)),
    `CROSS JOIN ${d.elements("(b.data -> 'volumes')", 'v')}`,
    '',
  );
  const newest = rows(
    'NULL',
    d.timeOfJson('b.data', 'newestAt'),
    'NULL',
    '',
    "AND (b.data -> 'volumes') IS NULL",
  );
  return `${listed} UNION ALL ${newest}`;
}

/** Backup jobs, with the selection of guests in words. */
export function backupJobsView(d: ViewDialect): string {
  const of = (name: string) => d.scalar('j.data', name);
  const list = (name: string) =>
    `(SELECT string_agg(${d.valueOf('n')}, ',') FROM ${d.elements(`(j.data -> '${name}')`, 'n')})`;
  const guests = `CASE WHEN ${of('all')} = '1' THEN 'all' || coalesce(' but ' || ${list('exclude')}, '') WHEN ${of('pool')} IS NOT NULL THEN 'pool ' || ${of('pool')} ELSE ${list('vmids')} END`;
  return `SELECT ${d.text('j.subject')} AS id, ${d.integer(`(${of('enabled')})`)} AS enabled, ${d.text(`(${of('schedule')})`)} AS schedule, ${d.text(`(${of('storage')})`)} AS storage, ${d.text(`(${of('mode')})`)} AS mode, ${d.text(`(${guests} || coalesce(' on ' || ${of('node')}, ''))`)} AS selection, CASE WHEN ${of('enabled')} = '1' THEN ${d.timeOfJson('j.data', 'nextRunAt')} END AS next_run_at FROM ${d.table('details')} j WHERE j.topic = 'backup_job'`;
}

import { configKey } from '../../../model/config/index.ts';
import { GUEST_TYPES, type GuestType } from '../../../model/resource.ts';
import { HIBERNATED } from '../../../model/status.ts';
import type { ViewDialect } from '../view-dialect.ts';

const TABLES = { vm: 'vms', container: 'containers' } as const;

/** Guests of both types, as lists show them: the status of a guest that cannot be seen is unknown, whatever it was. */
export function guestsView(d: ViewDialect): string {
  return GUEST_TYPES.map(type => guestsOf(type, d)).join(' UNION ALL ');
}

function guestsOf(type: GuestType, d: ViewDialect): string {
  /** NULL until the configuration has been read; from then on an absent key has its default. */
  const configured = (value: string, name: string, wrap = (of: string) => `'${of}'`) => {
    const otherwise = configKey(type, name)?.default;
    return otherwise === undefined
      ? value
      : `CASE WHEN c.config IS NULL THEN NULL ELSE coalesce(${value}, ${wrap(String(otherwise))}) END`;
  };
  const key = (name: string) => d.scalar('c.config', name);
  const keyPart = (name: string, part: string) => d.scalar(`(c.config -> '${name}')`, part);
  const flag = (name: string, value = key(name)) => configured(d.integer(`(${value})`), name, of => of);
  const only = (guests: GuestType, value: string) => (guests === type ? value : 'NULL');
  const text = (value: string) => d.text(`(${value})`);
  const startup = ['order', 'up', 'down'].map(
    name => `coalesce(',${name}=' || ${keyPart('startup', name)}, '')`,
  );
  return `SELECT '${type}/' || v.id AS resource, '${type}' AS type, v.id AS vmid, ${d.text('v.name')} AS name, ${d.text('v.node_id')} AS node,
CASE WHEN u.resource IS NOT NULL OR v.status IS NULL THEN 'unknown' WHEN v.status = '${HIBERNATED.status}' AND v.lock_status = '${HIBERNATED.lock}' THEN 'suspended' ELSE v.status END AS status,
${d.flag('v.template')} AS template, ${d.real('v.cpu_cores')} AS cpus, ${d.whole('v.memory_bytes / 1048576')} AS memory_mib,
${d.gib('v.disk_size')} AS boot_disk_gib, ${d.text(d.pool('v.pool'))} AS pool,
${configured(text(key('ostype')), 'ostype')} AS ostype,
${only('vm', flag('agent', keyPart('agent', 'enabled')))} AS agent, ${flag('onboot')} AS onboot,
${text(`CASE WHEN (c.config -> 'startup') IS NOT NULL THEN substr(${startup.join(' || ')}, 2) END`)} AS startup,
${only('vm', configured(text(keyPart('machine', 'type')), 'machine'))} AS machine, ${only('vm', configured(text(keyPart('cpu', 'cputype')), 'cpu'))} AS cpu_type,
${only('vm', configured(text(key('bios')), 'bios'))} AS bios, ${flag('protection')} AS protection,
${d.text('v.lock_status')} AS lock, ${d.text('v.ha_state')} AS ha_state, ${only('container', flag('unprivileged'))} AS unprivileged,
coalesce(${createdHere(type, d)}, ${only('vm', `CASE WHEN v.identity LIKE '%ctime=%' THEN ${d.timeOfText(`substr(v.identity, ${d.position('v.identity', 'ctime=')} + 6)`)} END`)}) AS created_at,
CASE WHEN u.resource IS NULL AND v.status <> 'stopped' THEN ${d.time('v.started_at')} END AS started_at,
(SELECT max(${d.timeOfJson('b.data', 'newestAt')}) FROM ${d.table('details')} b WHERE b.topic = 'backups' AND b.subject = '${type}/' || v.id AND b.subject NOT IN (SELECT ${d.cell(0, 'text')} FROM ${d.given('unjudged_backups')})) AS last_backup_at,
${d.time('v.last_seen')} AS seen_at, u.reason AS unseen_reason
FROM ${d.table(TABLES[type])} v LEFT JOIN (SELECT ${d.cell(0, 'text')} AS resource, ${d.cell(1, 'text')} AS reason FROM ${d.given('unseen_guests')}) u ON u.resource = '${type}/' || v.id
LEFT JOIN ${d.table('guest_configs')} c ON c.resource_type = '${type}' AND c.resource_id = v.id`;
}

/** When its creation was seen; NULL where it existed at first sight. */
function createdHere(type: GuestType, d: ViewDialect): string {
  return `(SELECT max(${d.time('s.window_before')}) FROM ${d.table('state_snapshots')} s WHERE s.resource_type = '${type}' AND s.resource_id = CAST(v.id AS TEXT) AND s.incarnation = v.incarnation AND s.change_type = 'created')`;
}

/** A row for each tag. */
export function tagsView(d: ViewDialect): string {
  return GUEST_TYPES.map(
    type =>
      `SELECT '${type}/' || v.id AS resource, ${d.text(d.valueOf('t'))} AS tag FROM ${d.table(TABLES[type])} v CROSS JOIN ${d.elements('v.tags', 't')}`,
  ).join(' UNION ALL ');
}

import { normaliseList } from '../../history/normalise.ts';
import type { BackupJobFacts, Detail, HaFacts, HaRuleFacts } from '../../model/detail.ts';
import { MAX_VMID } from '../../model/limits.ts';
import { formatKey, guestOfHaId } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import type { OurTime } from '../../model/time.ts';
import { type BackupJobRow, endpoints, type HaRuleRow } from '../../proxmox/endpoints/index.ts';
import { isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { reportedOr } from '../common/reported-or.ts';
import type { HaStatus } from './cluster-facts.ts';
import { asGuest, insteadOfRules, readHaGroups } from './ha-groups.ts';
import type { ListRead, SettingSeen } from './seen.ts';
import { haResourceState, haRuleState, jobState } from './state.ts';

/** The id of a job from `vzdump.cron`, before Proxmox VE 7.1: it contains the file's digest, and so changes with each edit. */
const OF_CRON = /^[0-9a-f]{40}:\d+$/;

/** The backup jobs. @throws ProxmoxError */
export async function readJobs(
  api: Api,
  previous: readonly Detail<'backup_job'>[],
  observedAt: OurTime,
): Promise<ListRead> {
  const known = new Map(previous.map(row => [row.subject, row.data]));
  const list = await api.get(endpoints.cluster.backupJobs);
  const items = list.map((row): SettingSeen => {
    const data = jobFacts(row, known.get(row.id));
    const detail: Detail = { topic: 'backup_job', subject: row.id, source: '', data, observedAt };
    return { id: OF_CRON.test(row.id) ? null : row.id, ...jobState(row, data), detail };
  });
  return { items, whole: isWhole(list) };
}

function jobFacts(row: BackupJobRow, before: BackupJobFacts | undefined): BackupJobFacts {
  return {
    enabled: reportedOr(row, 'enabled', before?.enabled) ?? true,
    schedule: reportedOr(row, 'schedule', before?.schedule),
    storage: reportedOr(row, 'storage', before?.storage),
    mode: reportedOr(row, 'mode', before?.mode),
    all: reportedOr(row, 'all', before?.all) ?? false,
    vmids: isUnread(row, 'vmid') ? (before?.vmids ?? []) : vmidsOf(row.vmid ?? ''),
    exclude: isUnread(row, 'exclude') ? (before?.exclude ?? []) : vmidsOf(row.exclude ?? ''),
    pool: reportedOr(row, 'pool', before?.pool),
    node: reportedOr(row, 'node', before?.node),
    comment: reportedOr(row, 'comment', before?.comment),
    nextRunAt: row['next-run'] ? row['next-run'] * 1000 : (before?.nextRunAt ?? null),
  };
}

function vmidsOf(list: string): number[] {
  return normaliseList(list)
    .map(Number)
    .filter(vmid => Number.isInteger(vmid) && vmid > 0 && vmid <= MAX_VMID)
    .sort((a, b) => a - b);
}

/** The pools that the token may see. @throws ProxmoxError */
export async function readPools(
  api: Api,
  previous: readonly Detail<'pool'>[],
  observedAt: OurTime,
): Promise<ListRead> {
  const known = new Map(previous.map(row => [row.subject, row.data]));
  const list = await api.get(endpoints.cluster.pools);
  const items = list.map((row): SettingSeen => {
    const data = { comment: reportedOr(row, 'comment', known.get(row.poolid)?.comment) };
    const detail: Detail = { topic: 'pool', subject: row.poolid, source: '', data, observedAt };
    const state: JsonObject = row.comment ? { comment: row.comment } : {};
    return { id: row.poolid, state, unread: isUnread(row, 'comment') ? ['comment'] : [], detail };
  });
  return { items, whole: isWhole(list) };
}

/** The guests under HA, with what its manager reports of them. @throws ProxmoxError */
export async function readHaResources(
  api: Api,
  previous: readonly Detail<'ha'>[],
  status: HaStatus | null,
  observedAt: OurTime,
): Promise<ListRead> {
  const known = new Map(previous.map(row => [row.subject, row.data]));
  const services = new Map(
    (status ?? []).flatMap(row => (row.sid === undefined ? [] : [[row.sid, row] as const])),
  );
  const list = await api.get(endpoints.cluster.haResources);
  const items = list.map((row): SettingSeen => {
    const subject = formatKey(guestOfHaId(row.sid)!);
    const before = known.get(subject);
    const service = services.get(row.sid);
    const stands = service === undefined ? status === null || !isWhole(status) : isUnread(service, 'state');
    const data: HaFacts = {
      requested: reportedOr(row, 'state', before?.requested),
      state: service?.state ?? (stands ? before?.state : undefined) ?? null,
      group: reportedOr(row, 'group', before?.group),
      maxRestart: reportedOr(row, 'max_restart', before?.maxRestart),
      maxRelocate: reportedOr(row, 'max_relocate', before?.maxRelocate),
      comment: reportedOr(row, 'comment', before?.comment),
    };
    const detail: Detail = { topic: 'ha', subject, source: '', data, observedAt };
    return { id: row.sid, ...haResourceState(row), detail };
  });
  return { items, whole: isWhole(list) };
}

/**
 * The HA rules, or before Proxmox VE 9 the HA groups that serve the same purpose. @throws ProxmoxError; of kind `not-implemented`
 * where there are neither.
 */
export function readHaRules(
  api: Api,
  previous: readonly Detail<'ha_rule'>[],
  observedAt: OurTime,
): Promise<ListRead> {
  return insteadOfRules(readRules(api, previous, observedAt), () => readHaGroups(api, previous, observedAt));
}

async function readRules(
  api: Api,
  previous: readonly Detail<'ha_rule'>[],
  observedAt: OurTime,
): Promise<ListRead> {
  const known = new Map(previous.map(row => [row.subject, row.data]));
  const list = await api.get(endpoints.cluster.haRules);
  // A name with a colon would be taken for a guest's; PVE allows none.
  const rules = list.filter(row => !row.rule.includes(':'));
  const items = rules.map((row): SettingSeen => {
    const data = ruleFacts(row, known.get(row.rule));
    const detail: Detail = { topic: 'ha_rule', subject: row.rule, source: '', data, observedAt };
    return { id: row.rule, ...haRuleState(row), detail };
  });
  return { items, whole: isWhole(list) && rules.length === list.length };
}

function ruleFacts(row: HaRuleRow, before: HaRuleFacts | undefined): HaRuleFacts {
  const readOr = <K extends keyof HaRuleRow & string, F>(field: K, now: F, then: F | undefined) =>
    isUnread(row, field) ? (then ?? now) : now;
  return {
    type: readOr('type', row.type ?? 'unknown', before?.type),
    guests: readOr('resources', normaliseList(row.resources).map(asGuest), before?.guests),
    nodes: readOr(
      'nodes',
      normaliseList(row.nodes).map(node => node.split(':')[0]!),
      before?.nodes,
    ),
    strict: readOr('strict', row.strict ?? false, before?.strict),
    affinity: readOr('affinity', row.affinity ?? null, before?.affinity),
    enabled: readOr('disable', row.disable !== true, before?.enabled),
  };
}

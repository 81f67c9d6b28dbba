import { type Backable, selects } from '../../health/backup-jobs.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { BackupJobFacts, Detail } from '../../model/detail.ts';
import type { GuestEntity } from '../../model/entity.ts';
import type { GuestFilter } from '../../model/filter.ts';
import {
  formatKey,
  GUEST_TYPES,
  guestKey,
  guestOfHaId,
  type ResourceKey,
  type SettingType,
} from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import { NEWEST_SEQ } from '../../model/store.ts';
import { clusterText, stateValue } from '../format/text.ts';
import { configFacts } from '../guests/facts.ts';
import { unseenFields, unseenIn } from '../in-sight.ts';
import { listed } from './listed.ts';

/*
 * Backup jobs, pools, and resources and rules of high availability, as history knows them, with what belongs to them.
 */

type Setting = ResourceKey & { type: SettingType };

/** A backup job, pool or HA resource or rule as it is; null unless history knows it to exist. */
export async function settingFacts(key: Setting, context: ToolContext): Promise<Row | null> {
  const { store, timeZone } = context;
  const [version] = await store.versionsAt(NEWEST_SEQ, [key]);
  if (version === undefined || version.change === 'deleted') return null;
  const [belongings, unseen] = await Promise.all([
    belongingsOf(key, version.state, context),
    unseenIn(store, 'datacenter'),
  ]);
  return {
    ...configFacts(stateValue('state', version.state) as JsonObject),
    ...belongings,
    ...unseenFields(unseen.get(formatKey(key)) ?? null, timeZone),
  };
}

function belongingsOf(key: Setting, state: JsonObject, context: ToolContext): Promise<Row> {
  if (key.type === 'backup-job') return jobBelongings(key.id, context);
  if (key.type === 'pool') return poolBelongings(key.id, context);
  const guest = guestOfHaId(key.id);
  const named =
    guest === null ? ((state['resources'] ?? []) as string[]).map(memberName) : [formatKey(guest)];
  return haBelongings(guest === null ? null : formatKey(guest), named, context);
}

/** The guests that a job includes, and when Proxmox says it runs next. */
async function jobBelongings(id: string, { store, now, timeZone }: ToolContext): Promise<Row> {
  const [job] = await store.details('backup_job', [id]);
  if (job === undefined) return {};
  const { all, vmids, pool } = job.data;
  const some = all ? {} : pool === null ? { ids: vmids } : { pool };
  const meant = (await guestsOf(store, some)).filter(guest => selects(job.data, backable(guest))).map(named);
  return {
    next_run_at: nextRun(job.data, now, timeZone),
    ...(meant.length > 0 ? listed('guests', meant) : { guests: [] }),
    as_of: formatTime(job.observedAt, timeZone),
  };
}

/** When an enabled job runs next; null if it is disabled, or if that moment has passed. */
function nextRun({ enabled, nextRunAt }: BackupJobFacts, now: number, timeZone: string): string | null {
  return enabled && nextRunAt != null && nextRunAt > now ? formatTime(nextRunAt, timeZone) : null;
}

/** Its guests, and the jobs that back up the pool or some of its guests, each with how many. */
async function poolBelongings(id: string, { store, now, timeZone }: ToolContext): Promise<Row> {
  const [guests, jobs] = await Promise.all([guestsOf(store, { pool: id }), store.details('backup_job')]);
  const members = guests.filter(guest => guest.pool === id);
  const backing = jobs.flatMap(job => {
    const meant = members.filter(guest => selects(job.data, backable(guest))).length;
    return meant > 0 || job.data.pool === id
      ? [{ ...jobRow(job, now, timeZone), guests: `${meant} of ${members.length}` }]
      : [];
  });
  return {
    ...(members.length > 0 ? listed('guests', members.map(named)) : { guests: [] }),
    ...(backing.length > 0 && listed('backup_jobs', backing)),
  };
}

/** Its guests, and for a single guest the manager's state and the rules that name it. */
async function haBelongings(subject: string | null, guests: string[], { store }: ToolContext): Promise<Row> {
  const ids = guests.map(key => Number(key.split('/')[1])).filter(Number.isInteger);
  const [all, facts, rules] = await Promise.all([
    guestsOf(store, { ids }),
    store.details('ha', subject === null ? [] : [subject]),
    store.details('ha_rule'),
  ]);
  const known = new Map(all.map(guest => [guestKey(guest), guest]));
  const naming = subject === null ? [] : rules.filter(rule => rule.data.guests.includes(subject));
  const shown = guests.map(key => {
    const guest = known.get(key);
    return guest === undefined ? `${clusterText(key, 60)} (not known)` : `${named(guest)} on ${guest.nodeId}`;
  });
  return {
    manager_state: facts[0]?.data.state ?? null,
    ...listed('guests', shown),
    rules: naming.length > 0 ? naming.map(rule => `ha/${clusterText(rule.subject, 80)}`) : null,
  };
}

/** A job as guests and pools show it; `enabled` only if it is false. */
export function jobRow({ subject, data }: Detail<'backup_job'>, now: number, timeZone: string): Row {
  return {
    job: formatKey({ type: 'backup-job', id: clusterText(subject, 80) }),
    schedule: data.schedule === null ? null : clusterText(data.schedule, 60),
    storage: data.storage === null ? null : clusterText(data.storage, 60),
    mode: data.mode === null ? null : clusterText(data.mode, 40),
    enabled: data.enabled ? null : false,
    next_run_at: nextRun(data, now, timeZone),
  };
}

async function guestsOf(store: ToolContext['store'], some: GuestFilter): Promise<GuestEntity[]> {
  return (await Promise.all(GUEST_TYPES.map(type => store.guests(type, some)))).flatMap(list => list.rows);
}

function backable({ id, nodeId, pool }: GuestEntity): Backable {
  return { id, node: nodeId, pool };
}

function named(guest: GuestEntity): string {
  return guest.name === null ? guestKey(guest) : `${guestKey(guest)} ${clusterText(guest.name, 60)}`;
}

function memberName(sid: string): string {
  const guest = guestOfHaId(sid);
  return guest === null ? sid : formatKey(guest);
}

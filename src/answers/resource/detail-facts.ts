import { selects } from '../../health/backup-jobs.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Detail } from '../../model/detail.ts';
import type { GuestEntity } from '../../model/entity.ts';
import { reasonText } from '../../model/reason-text.ts';
import { guestKey, parseKey } from '../../model/resource.ts';
import { clusterText } from '../format/text.ts';
import { gib } from '../format/units.ts';
import { jobRow } from './setting-facts.ts';

const INTERFACES_SHOWN = 8;
const ADDRESSES_SHOWN = 6;
/** Versions looked at since backups were last read, which was minutes ago. */
const VERSIONS_LOOKED_AT = 100;
const NOT_JUDGED = 'read before this guest came by its VMID: they may be of the one before';

/** Facts of a guest without a history: addresses, high availability, replication, backups; each if known. */
export async function guestDetails(guest: GuestEntity, context: ToolContext): Promise<Row> {
  const { store, timeZone } = context;
  const subject = guestKey(guest);
  const [addresses, ha, replication, backups] = await Promise.all([
    store.details('addresses', [subject]),
    store.details('ha', [subject]),
    store.details('replication', [subject]),
    backupFacts(subject, context),
  ]);
  return {
    addresses: addresses[0] === undefined ? null : addressFacts(addresses[0], timeZone),
    ha_resource: ha[0] === undefined ? null : haFacts(ha[0]),
    replication:
      replication.length === 0 ? null : replication.flatMap(row => replicationFacts(row, timeZone)),
    backups,
  };
}

/** `[{interface, mac, ips}]`, with when the guest reported them, or why it reports nothing now. */
function addressFacts({ data, observedAt }: Detail<'addresses'>, timeZone: string): Row | null {
  const { interfaces, reportedAt, silent } = data;
  if (interfaces.length === 0 && silent === null) return null;
  return {
    interfaces: interfaces.slice(0, INTERFACES_SHOWN).map(({ name, mac, ips }) => ({
      name: clusterText(name, 40),
      mac,
      ips: ips.slice(0, ADDRESSES_SHOWN).map(ip => clusterText(ip, 60)),
    })),
    as_of: formatTime(silent === null ? observedAt : (reportedAt ?? observedAt), timeZone),
    silent: silent === null ? null : clusterText(reasonText(silent), 160),
  };
}

function haFacts({ data }: Detail<'ha'>): Row {
  return {
    requested: data.requested,
    state: data.state,
    group: data.group,
    max_restart: data.maxRestart,
    max_relocate: data.maxRelocate,
    comment: data.comment === null ? null : clusterText(data.comment, 200),
  };
}

function replicationFacts({ data, source }: Detail<'replication'>, timeZone: string): Row[] {
  return data.map(job => ({
    job: job.job,
    from: source,
    to: job.target,
    schedule: job.schedule,
    last_sync_at: job.lastSyncAt === null ? null : formatTime(job.lastSyncAt, timeZone),
    failures: job.failures > 0 ? job.failures : null,
    error: job.error === null ? null : clusterText(job.error, 200),
  }));
}

/**
 * A guest's backups: a count of 0 only if every backup could be seen, null if nothing is known. Backups of a guest that had its
 * VMID before are listed separately (`former`) and not counted, like those whose owner is not decided yet (`unjudged`). A deleted
 * guest's backups are still its own.
 */
export async function backupFacts(
  subject: string,
  { store, timeZone }: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<Row | null> {
  const [rows, others, commit] = await Promise.all([
    store.details('backups', [subject]),
    store.details('former_backups', [subject]),
    store.lastCommit('backups'),
  ]);
  const former = others.map(row => ({ ...sumOf([row], timeZone), of_predecessor: true }));
  const apart = former.length > 0 ? { former } : {};
  if (rows.length > 0 && (await hasComeSince(subject, commit?.seq ?? 0, store)))
    return {
      unjudged: { ...sumOf(rows, timeZone), reason: NOT_JUDGED },
      as_of: formatTime(Math.min(...rows.map(row => row.observedAt)), timeZone),
      ...apart,
    };
  if (rows.length === 0) {
    if (commit?.complete === true)
      return { count: 0, as_of: formatTime(commit.observedAt, timeZone), ...apart };
    return former.length > 0 ? apart : null;
  }
  return {
    ...sumOf(rows, timeZone),
    as_of: formatTime(Math.min(...rows.map(row => row.observedAt)), timeZone),
    ...apart,
  };
}

/** Whether a guest got its VMID after backups were last read: the next reading decides whose the backups under it are. */
async function hasComeSince(subject: string, seq: number, store: ToolContext['store']): Promise<boolean> {
  const resource = parseKey(subject);
  const since = await store.versions({ resource, after: seq }, { limit: VERSIONS_LOOKED_AT });
  return since.some(version => version.change === 'created');
}

function sumOf(rows: readonly Detail<'backups' | 'former_backups'>[], timeZone: string): Row {
  const newest = Math.max(...rows.map(row => row.data.newestAt ?? 0));
  return {
    count: rows.reduce((sum, row) => sum + row.data.count, 0),
    last_backup_at: newest > 0 ? formatTime(newest, timeZone) : null,
    size_gib: gib(rows.reduce((sum, row) => sum + row.data.bytes, 0)),
    on: rows.map(row => clusterText(row.source, 80)),
  };
}

/** The backup jobs that include a guest, even disabled ones. */
export async function backupJobs(guest: GuestEntity, { store, now, timeZone }: ToolContext): Promise<Row[]> {
  return (await store.details('backup_job'))
    .filter(job => selects(job.data, { id: guest.id, node: guest.nodeId, pool: guest.pool }))
    .map(job => jobRow(job, now, timeZone));
}

/** Further facts about a node. */
export async function nodeDetails(id: string, { store, timeZone }: ToolContext): Promise<Row> {
  const [row] = await store.details('node', [id]);
  if (row === undefined) return {};
  const { data, observedAt } = row;
  return {
    kernel: data.kernel,
    cpu_model: data.cpuModel === null ? null : clusterText(data.cpuModel, 120),
    cpu_sockets: data.cpuSockets,
    load: data.load.length > 0 ? data.load : null,
    root_gib: gib(data.rootTotalBytes),
    root_used_gib: gib(data.rootUsedBytes),
    swap_gib: data.swapTotalBytes ? gib(data.swapTotalBytes) : null,
    swap_used_gib: data.swapTotalBytes ? gib(data.swapUsedBytes) : null,
    details_as_of: formatTime(observedAt, timeZone),
  };
}

/**
 * How many backups are on a storage, and how many of them are of guests whose VMID belongs to another one now; null if none are
 * known.
 */
export async function storedBackups(id: string, { store, timeZone }: ToolContext): Promise<Row | null> {
  const all = await Promise.all([store.details('backups'), store.details('former_backups')]);
  const rows = all.flat().filter(row => row.source.split('@')[0] === id);
  if (rows.length === 0) return null;
  const former = rows.filter(row => row.topic === 'former_backups');
  return {
    count: rows.reduce((sum, row) => sum + row.data.count, 0),
    of_predecessors: former.length > 0 ? former.reduce((sum, row) => sum + row.data.count, 0) : null,
    guests: new Set(rows.map(row => row.subject)).size,
    size_gib: gib(rows.reduce((sum, row) => sum + row.data.bytes, 0)),
    as_of: formatTime(Math.min(...rows.map(row => row.observedAt)), timeZone),
  };
}

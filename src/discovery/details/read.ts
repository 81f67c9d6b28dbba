import { normaliseList } from '../../history/normalise.ts';
import type {
  BackupJobFacts,
  ClusterFacts,
  Detail,
  DetailTopic,
  HaFacts,
  NodeFacts,
  ReplicationFacts,
} from '../../model/detail.ts';
import { MAX_VMID } from '../../model/limits.ts';
import type { GuestType } from '../../model/resource.ts';
import { endpoints, type NodeStatus } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { readScalar } from '../../proxmox/schema.ts';
import { isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { age } from '../common/clock.ts';
import type { NodeReport, Previous, Reported } from './decide.ts';
import { readCertificates, readHaRules, readQdevice } from './read-rules.ts';

/** Rules of high availability are edited by hand (ms). */
const RULES_EVERY_MS = 900_000;
const CERTIFICATES_EVERY_MS = 86_400_000;

function isDue(readAt: number | null, every: number, now: number): boolean {
  return readAt === null || age(readAt, now) >= every;
}

/** Replication jobs that are kept of one guest. */
const JOBS_AT_MOST = 100;

/** A field as it is reported now, as it was reported before where it could not be read, or null. */
function reportedOr<T extends object, K extends keyof T & string, F>(
  row: T,
  field: K,
  previous: F | undefined,
) {
  const value = row[field];
  return value ?? (isUnread(row, field) ? previous : undefined) ?? null;
}

/** The facts of a list that may lack rows: those it lacks then stand as they were reported before. */
function withPrevious<T extends DetailTopic>(
  list: readonly unknown[],
  now: Detail<T>[],
  previous: readonly Detail<T>[],
): Detail<T>[] {
  if (isWhole(list)) return now;
  const subjects = new Set(now.map(row => row.subject));
  return [...now, ...previous.filter(row => !subjects.has(row.subject))];
}

/** The version and the facts of a node. @throws ProxmoxError as the node fails. */
export async function readNode(
  api: Api,
  node: string,
  previous: NodeFacts | undefined,
  observedAt: number,
): Promise<NodeReport> {
  try {
    const status = await api.get(endpoints.nodes.status, { node });
    const version = /^pve-manager\/([^/]+)/.exec(status.pveversion ?? '')?.[1];
    const facts = {
      ...nodeFacts(status, previous),
      ...(await certificatesOf(api, node, previous, observedAt)),
    };
    return version !== undefined ? { version, facts } : { ...(await readVersion(api, node)), facts };
  } catch (error) {
    if (!(error instanceof ProxmoxError) || error.kind !== 'forbidden') throw error;
    return { ...(await readVersion(api, node)), facts: null };
  }
}

/** Certificates change a few times a year, and are read once a day. */
async function certificatesOf(api: Api, node: string, previous: NodeFacts | undefined, observedAt: number) {
  const { certificates = null, certificatesReadAt = null } = previous ?? {};
  const read = isDue(certificatesReadAt, CERTIFICATES_EVERY_MS, observedAt)
    ? await readCertificates(api, node)
    : undefined;
  return read === undefined || read === null
    ? { certificates, certificatesReadAt }
    : { certificates: read, certificatesReadAt: observedAt };
}

async function readVersion(api: Api, node: string): Promise<{ version: string }> {
  const { version } = await api.get(endpoints.nodes.version, { node });
  return { version };
}

function nodeFacts(status: NodeStatus, previous: NodeFacts | undefined): NodeFacts {
  // A part that could not be read at all leaves none of its fields behind.
  const part = <K extends 'cpuinfo' | 'rootfs' | 'swap' | 'current-kernel'>(name: K) =>
    status[name] as NonNullable<NodeStatus[K]> | undefined;
  const of = <K extends 'cpuinfo' | 'rootfs' | 'swap' | 'current-kernel', F>(
    name: K,
    field: keyof NonNullable<NodeStatus[K]> & string,
    before: F | undefined,
  ) => {
    const found = part(name);
    return (
      found === undefined ? reportedOr(status, name, before) : reportedOr(found, field, before)
    ) as F | null;
  };
  const { loadavg } = status;
  return {
    kernel: of('current-kernel', 'release', previous?.kernel),
    cpuModel: of('cpuinfo', 'model', previous?.cpuModel),
    cpuSockets: of('cpuinfo', 'sockets', previous?.cpuSockets),
    // Each stands for its own time: without one of them the others would be taken for it.
    load: loadavg !== undefined && isWhole(loadavg) ? loadavg : (previous?.load ?? []),
    rootTotalBytes: of('rootfs', 'total', previous?.rootTotalBytes),
    rootUsedBytes: of('rootfs', 'used', previous?.rootUsedBytes),
    swapTotalBytes: of('swap', 'total', previous?.swapTotalBytes),
    swapUsedBytes: of('swap', 'used', previous?.swapUsedBytes),
  };
}

/** A node's replication jobs, by guest. @throws ProxmoxError; PVE answers none without quorum. */
export async function readReplication(
  api: Api,
  node: string,
  guestType: (id: number) => GuestType | null,
  previous: readonly Detail<'replication'>[],
  observedAt: number,
): Promise<Reported> {
  const jobs = new Map<string, ReplicationFacts[]>();
  const ownPrevious = previous.filter(row => row.source === node);
  const known = new Map(ownPrevious.flatMap(row => row.data.map(job => [job.job, job] as const)));
  const list = await api.get(endpoints.nodes.replication, { node });
  for (const row of list) {
    // The job's name begins with its guest's number: `101-0`.
    const guest = row.guest ?? Number(/^([1-9]\d{0,8})-/.exec(row.id)?.[1]);
    const type = guestType(guest);
    if (type === null) continue;
    const of = jobs.get(`${type}/${guest}`) ?? [];
    jobs.set(`${type}/${guest}`, of);
    const before = known.get(row.id);
    if (of.length >= JOBS_AT_MOST) continue;
    of.push({
      job: row.id,
      target: reportedOr(row, 'target', before?.target),
      schedule: reportedOr(row, 'schedule', before?.schedule),
      lastSyncAt: row.last_sync
        ? row.last_sync * 1000
        : reportedOr(row, 'last_sync', before?.lastSyncAt) || null,
      failures: reportedOr(row, 'fail_count', before?.failures) ?? 0,
      error: reportedOr(row, 'error', before?.error),
    });
  }
  const topic = 'replication';
  const rows = [...jobs].map(
    ([subject, data]): Detail<'replication'> => ({ topic, subject, source: node, data, observedAt }),
  );
  return { topic, source: node, rows: withPrevious(list, rows, ownPrevious) };
}

/**
 * What is known of the cluster as a whole: high availability, backup jobs, pools, options. Each stands alone: one that
 * fails is handed to `failed` and leaves the others.
 */
export async function readClusterDetails(
  api: Api,
  previous: Previous,
  { observedAt, members }: { observedAt: number; members: number },
  failed: (what: string, error: ProxmoxError) => void,
): Promise<Reported[]> {
  const rulesReadAt = previous.cluster[0]?.data.rulesReadAt ?? null;
  const ruled = isDue(rulesReadAt, RULES_EVERY_MS, observedAt)
    ? await readHaRules(api, previous.ha_rule, observedAt)
    : undefined;
  const rulesAt = ruled === undefined ? rulesReadAt : observedAt;
  const reads: [what: string, read: () => Promise<Reported[]>][] = [
    ['high availability', () => readHa(api, previous, { observedAt, members, rulesAt })],
    ['backup jobs', () => readBackupJobs(api, previous, observedAt)],
    ['pools', () => readPools(api, previous, observedAt)],
  ];
  const told = await Promise.all(
    reads.map(([what, read]) =>
      read().catch((error: unknown) => {
        if (!(error instanceof ProxmoxError)) throw error;
        failed(what, error);
        return [];
      }),
    ),
  );
  return [...told.flat(), ...(ruled ? [{ topic: 'ha_rule' as const, source: '', rows: ruled }] : [])];
}

async function readHa(
  api: Api,
  previous: Previous,
  { observedAt, members, rulesAt }: { observedAt: number; members: number; rulesAt: number | null },
): Promise<Reported[]> {
  const [resources, status, options, qdevice] = await Promise.all([
    api.get(endpoints.cluster.haResources),
    api.get(endpoints.cluster.haStatus),
    api.get(endpoints.cluster.options),
    // Where the nodes' number is odd, it changes nothing for the loss of one.
    members % 2 === 0 ? readQdevice(api, members) : undefined,
  ]);
  const services = new Map(status.flatMap(row => (row.sid === undefined ? [] : [[row.sid, row] as const])));
  const known = new Map(previous.ha.map(row => [row.subject, row.data]));
  const guests = resources.map((row): Detail<'ha'> => {
    const [kind, id] = row.sid.split(':');
    const subject = `${kind === 'ct' ? 'container' : 'vm'}/${id}`;
    const before = known.get(subject);
    const service = services.get(row.sid);
    const stands = service === undefined ? !isWhole(status) : isUnread(service, 'state');
    const data: HaFacts = {
      requested: reportedOr(row, 'state', before?.requested),
      state: service?.state ?? (stands ? before?.state : undefined) ?? null,
      group: reportedOr(row, 'group', before?.group),
      maxRestart: reportedOr(row, 'max_restart', before?.maxRestart),
      maxRelocate: reportedOr(row, 'max_relocate', before?.maxRelocate),
      comment: reportedOr(row, 'comment', before?.comment),
    };
    return { topic: 'ha', subject, source: '', data, observedAt };
  });
  const cluster = previous.cluster[0]?.data;
  const [quorum, master] = ['quorum', 'master'].map(type => status.find(row => row.type === type));
  const lost = isWhole(status) ? undefined : cluster;
  const data: ClusterFacts = {
    options: plainOptions(options, cluster?.options),
    haQuorum: quorum ? reportedOr(quorum, 'status', cluster?.haQuorum) : (lost?.haQuorum ?? null),
    haMaster: master ? reportedOr(master, 'node', cluster?.haMaster) : (lost?.haMaster ?? null),
    maintenance: lost === undefined ? inMaintenance(status) : (lost.maintenance ?? null),
    qdevice: qdevice ?? cluster?.qdevice ?? null,
    rulesReadAt: rulesAt,
  };
  return [
    { topic: 'ha', source: '', rows: withPrevious(resources, guests, previous.ha) },
    { topic: 'cluster', source: '', rows: [{ topic: 'cluster', subject: '', source: '', data, observedAt }] },
  ];
}

/** The nodes whose local resource manager says so: `pve1 (maintenance mode, Sat Nov 21 ...)`. */
function inMaintenance(
  status: readonly { type: string; node?: string | undefined; status?: string | undefined }[],
) {
  return status.flatMap(row =>
    row.type === 'lrm' && row.node !== undefined && /\(maintenance mode\b/.test(row.status ?? '')
      ? [row.node]
      : [],
  );
}

/** Options as texts; PVE itself sends some as objects. `allowed-tags` is made of the tags in use, and no option. */
function plainOptions(
  options: { [name: string]: unknown },
  previous: ClusterFacts['options'] = {},
): ClusterFacts['options'] {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      if (name === 'allowed-tags' || value === '') return [];
      const text = optionText(value) ?? previous[name];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

function optionText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    const read = readScalar(value);
    return read === undefined ? undefined : String(read);
  }
  const parts = Object.values(value);
  return parts.every(part => readScalar(part) !== undefined) ? JSON.stringify(value) : undefined;
}

async function readBackupJobs(api: Api, previous: Previous, observedAt: number): Promise<Reported[]> {
  const numbers = (list: string) =>
    normaliseList(list)
      .map(Number)
      .filter(vmid => Number.isInteger(vmid) && vmid > 0 && vmid <= MAX_VMID);
  const known = new Map(previous.backup_job.map(row => [row.subject, row.data]));
  const list = await api.get(endpoints.cluster.backupJobs);
  const jobs = list.map((row): Detail<'backup_job'> => {
    const before = known.get(row.id);
    const data: BackupJobFacts = {
      enabled: reportedOr(row, 'enabled', before?.enabled) ?? true,
      schedule: reportedOr(row, 'schedule', before?.schedule),
      storage: reportedOr(row, 'storage', before?.storage),
      mode: reportedOr(row, 'mode', before?.mode),
      all: reportedOr(row, 'all', before?.all) ?? false,
      vmids: isUnread(row, 'vmid') ? (before?.vmids ?? []) : numbers(row.vmid ?? ''),
      exclude: isUnread(row, 'exclude') ? (before?.exclude ?? []) : numbers(row.exclude ?? ''),
      pool: reportedOr(row, 'pool', before?.pool),
      node: reportedOr(row, 'node', before?.node),
      comment: reportedOr(row, 'comment', before?.comment),
      nextRunAt: row['next-run'] ? row['next-run'] * 1000 : (before?.nextRunAt ?? null),
    };
    return { topic: 'backup_job', subject: row.id, source: '', data, observedAt };
  });
  return [{ topic: 'backup_job', source: '', rows: withPrevious(list, jobs, previous.backup_job) }];
}

async function readPools(api: Api, previous: Previous, observedAt: number): Promise<Reported[]> {
  const known = new Map(previous.pool.map(row => [row.subject, row.data]));
  const list = await api.get(endpoints.cluster.pools);
  const pools = list.map((row): Detail<'pool'> => {
    const data = { comment: reportedOr(row, 'comment', known.get(row.poolid)?.comment) };
    return { topic: 'pool', subject: row.poolid, source: '', data, observedAt };
  });
  return [{ topic: 'pool', source: '', rows: withPrevious(list, pools, previous.pool) }];
}

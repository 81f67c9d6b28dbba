import type { Detail, DetailTopic, NodeFacts, ReplicationFacts } from '../../model/detail.ts';
import type { GuestType } from '../../model/resource.ts';
import type { OurTime } from '../../model/time.ts';
import { endpoints, type NodeStatus } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { age } from '../common/clock.ts';
import { reportedOr } from '../common/reported-or.ts';
import type { NodeReport, Reported } from './decide.ts';
import { readCertificates } from './read-seldom.ts';

const CERTIFICATES_EVERY_MS = 86_400_000;

function isDue(readAt: number | null, every: number, now: number): boolean {
  return readAt === null || age(readAt, now) >= every;
}

/** Most replication jobs kept of one guest. */
const JOBS_AT_MOST = 100;

/** The facts of a list, completed by earlier ones where the list lacks rows. */
function withPrevious<T extends DetailTopic>(
  list: readonly unknown[],
  now: Detail<T>[],
  previous: readonly Detail<T>[],
): Detail<T>[] {
  if (isWhole(list)) return now;
  const subjects = new Set(now.map(row => row.subject));
  return [...now, ...previous.filter(row => !subjects.has(row.subject))];
}

/** The version and the facts of a node. @throws ProxmoxError where the node fails. */
export async function readNode(
  api: Api,
  node: string,
  previous: NodeFacts | undefined,
  observedAt: OurTime,
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
async function certificatesOf(api: Api, node: string, previous: NodeFacts | undefined, observedAt: OurTime) {
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
  // A part that could not be read at all has none of its fields.
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
    // The three averages stand for different times: with one missing, the others would be taken for it.
    load: loadavg !== undefined && isWhole(loadavg) ? loadavg : (previous?.load ?? []),
    rootTotalBytes: of('rootfs', 'total', previous?.rootTotalBytes),
    rootUsedBytes: of('rootfs', 'used', previous?.rootUsedBytes),
    swapTotalBytes: of('swap', 'total', previous?.swapTotalBytes),
    swapUsedBytes: of('swap', 'used', previous?.swapUsedBytes),
  };
}

/** A node's replication jobs, by guest. @throws ProxmoxError; without quorum PVE reports none. */
export async function readReplication(
  api: Api,
  node: string,
  guestType: (id: number) => GuestType | null,
  previous: readonly Detail<'replication'>[],
  observedAt: OurTime,
): Promise<Reported> {
  const jobs = new Map<string, ReplicationFacts[]>();
  const ownPrevious = previous.filter(row => row.source === node);
  const known = new Map(ownPrevious.flatMap(row => row.data.map(job => [job.job, job] as const)));
  const list = await api.get(endpoints.nodes.replication, { node });
  for (const row of list) {
    // The job's name begins with the guest's number: `101-0`.
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

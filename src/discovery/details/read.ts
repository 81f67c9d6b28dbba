import type { Detail, DetailTopic, NodeFacts, ReplicationFacts } from '../../model/detail.ts';
import { type GuestType, guestKey } from '../../model/resource.ts';
import type { OurTime } from '../../model/time.ts';
import { endpoints, type NodeStatus } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { isUnread, isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { age } from '../common/clock.ts';
import { reportedOr } from '../common/reported-or.ts';
import { openFacts, type Told } from '../common/unconfirmed.ts';
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
  before: Detail<'node'> | undefined,
  observedAt: OurTime,
): Promise<NodeReport> {
  const previous = before?.data;
  try {
    const status = await api.get(endpoints.nodes.status, { node });
    const version = /^pve-manager\/([^/]+)/.exec(status.pveversion ?? '')?.[1];
    const facts = {
      ...nodeFacts(status, before),
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

type Part = 'cpuinfo' | 'rootfs' | 'swap' | 'current-kernel';

function nodeFacts(status: NodeStatus, before: Detail<'node'> | undefined): NodeFacts {
  const previous = before?.data;
  const facts: { [column: string]: Told } = {};
  const note = (column: string, unread: boolean, known: unknown) => {
    facts[column] = { told: !unread, unread, known: known !== undefined && known !== null };
  };
  const of = <K extends Part, F>(
    column: string,
    name: K,
    field: keyof NonNullable<NodeStatus[K]> & string,
    known: F | undefined,
  ) => {
    // A part that could not be read at all has none of its fields.
    const part = status[name] as NonNullable<NodeStatus[K]> | undefined;
    note(column, part === undefined ? isUnread(status, name) : isUnread(part, field), known);
    return (
      part === undefined ? reportedOr(status, name, known) : reportedOr(part, field, known)
    ) as F | null;
  };
  // The three averages stand for different times: with one missing, the others would be taken for it.
  const load = status.loadavg !== undefined && isWhole(status.loadavg) ? status.loadavg : undefined;
  note('load', load === undefined, previous?.load[0]);
  const read = {
    kernel: of('kernel', 'current-kernel', 'release', previous?.kernel),
    cpuModel: of('cpu_model', 'cpuinfo', 'model', previous?.cpuModel),
    cpuSockets: of('cpu_sockets', 'cpuinfo', 'sockets', previous?.cpuSockets),
    load: load ?? previous?.load ?? [],
    rootTotalBytes: of('root_gib', 'rootfs', 'total', previous?.rootTotalBytes),
    rootUsedBytes: of('root_used_gib', 'rootfs', 'used', previous?.rootUsedBytes),
    swapTotalBytes: of('swap_gib', 'swap', 'total', previous?.swapTotalBytes),
    swapUsedBytes: of('swap_used_gib', 'swap', 'used', previous?.swapUsedBytes),
  };
  const unconfirmed = openFacts(facts, previous?.unconfirmed, before?.observedAt ?? null);
  return unconfirmed === null ? read : { ...read, unconfirmed };
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
    const of = jobs.get(guestKey({ type, id: guest })) ?? [];
    jobs.set(guestKey({ type, id: guest }), of);
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

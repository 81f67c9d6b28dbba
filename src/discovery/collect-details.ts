import type {
  BackupJobFacts,
  ClusterFacts,
  Detail,
  DetailTopic,
  HaFacts,
  NodeFacts,
  ReplicationFacts,
} from '../model/detail.ts';
import type { GuestType } from '../model/resource.ts';
import { endpoints, type NodeStatus } from '../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../proxmox/proxmox-error.ts';
import { normaliseList } from '../state/normalise.ts';
import type { Api } from './api.ts';

/** What one source tells of one topic; it replaces what the source told before. */
export interface Told {
  topic: DetailTopic;
  source: string;
  rows: Detail[];
}

/** What a node tells of itself. */
export interface NodeTold {
  version: string;
  /** Null where the token may not read more than the version. */
  facts: NodeFacts | null;
}

/** The version and the facts of a node. @throws ProxmoxError as the node fails. */
export async function readNode(api: Api, node: string): Promise<NodeTold> {
  try {
    const status = await api.get(endpoints.nodes.status, { node });
    const version = /^pve-manager\/([^/]+)/.exec(status.pveversion ?? '')?.[1];
    if (version !== undefined) return { version, facts: nodeFacts(status) };
    return { ...(await readVersion(api, node)), facts: nodeFacts(status) };
  } catch (error) {
    if (!(error instanceof ProxmoxError) || error.kind !== 'forbidden') throw error;
    return { ...(await readVersion(api, node)), facts: null };
  }
}

async function readVersion(api: Api, node: string): Promise<{ version: string }> {
  const { version } = await api.get(endpoints.nodes.version, { node });
  return { version };
}

function nodeFacts(status: NodeStatus): NodeFacts {
  const { cpuinfo, rootfs, swap } = status;
  const kernel = status['current-kernel']?.['release'];
  return {
    kernel: typeof kernel === 'string' ? kernel : null,
    cpuModel: cpuinfo?.model ?? null,
    cpuSockets: cpuinfo?.sockets ?? null,
    load: status.loadavg ?? [],
    rootTotalBytes: rootfs?.total ?? null,
    rootUsedBytes: rootfs?.used ?? null,
    swapTotalBytes: swap?.total ?? null,
    swapUsedBytes: swap?.used ?? null,
  };
}

/** A node's replication jobs, by guest. @throws ProxmoxError; PVE answers none without quorum. */
export async function readReplication(
  api: Api,
  node: string,
  guestType: (id: number) => GuestType | null,
  observedAt: number,
): Promise<Told> {
  const jobs = new Map<string, ReplicationFacts[]>();
  for (const row of await api.get(endpoints.nodes.replication, { node })) {
    const type = row.guest === undefined ? null : guestType(row.guest);
    if (type === null) continue;
    const of = jobs.get(`${type}/${row.guest}`) ?? [];
    jobs.set(`${type}/${row.guest}`, of);
    of.push({
      job: row.id,
      target: row.target ?? null,
      schedule: row.schedule ?? null,
      lastSyncAt: row.last_sync ? row.last_sync * 1000 : null,
      failures: row.fail_count ?? 0,
      error: row.error ?? null,
    });
  }
  const topic = 'replication';
  const rows = [...jobs].map(
    ([subject, data]) => ({ topic, subject, source: node, data, observedAt }) as const,
  );
  return { topic, source: node, rows };
}

/**
 * What is known of the cluster as a whole: high availability, backup jobs, pools, options. Each stands alone: one that
 * fails is handed to `failed` and leaves the others.
 */
export async function readClusterDetails(
  api: Api,
  observedAt: number,
  failed: (what: string, error: ProxmoxError) => void,
): Promise<Told[]> {
  const reads: [what: string, read: () => Promise<Told[]>][] = [
    ['high availability', () => readHa(api, observedAt)],
    ['backup jobs', () => readBackupJobs(api, observedAt)],
    ['pools', () => readPools(api, observedAt)],
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
  return told.flat();
}

async function readHa(api: Api, observedAt: number): Promise<Told[]> {
  const [resources, status, options] = await Promise.all([
    api.get(endpoints.cluster.haResources),
    api.get(endpoints.cluster.haStatus),
    api.get(endpoints.cluster.options),
  ]);
  const services = new Map(status.flatMap(row => (row.sid === undefined ? [] : [[row.sid, row] as const])));
  const guests = resources.map((row): Detail<'ha'> => {
    const [kind, id] = row.sid.split(':');
    const data: HaFacts = {
      requested: row.state ?? null,
      state: services.get(row.sid)?.state ?? null,
      group: row.group ?? null,
      maxRestart: row.max_restart ?? null,
      maxRelocate: row.max_relocate ?? null,
      comment: row.comment ?? null,
    };
    return {
      topic: 'ha',
      subject: `${kind === 'ct' ? 'container' : 'vm'}/${id}`,
      source: '',
      data,
      observedAt,
    };
  });
  const data: ClusterFacts = {
    options: plainOptions(options),
    haQuorum: status.find(row => row.type === 'quorum')?.status ?? null,
    haMaster: status.find(row => row.type === 'master')?.node ?? null,
  };
  return [
    { topic: 'ha', source: '', rows: guests },
    { topic: 'cluster', source: '', rows: [{ topic: 'cluster', subject: '', source: '', data, observedAt }] },
  ];
}

/** Options as texts. `allowed-tags` is made of the tags in use, and no option. */
function plainOptions(options: { [name: string]: unknown }): ClusterFacts['options'] {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      name === 'allowed-tags' || value === '' || value === null || value === undefined
        ? []
        : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]],
    ),
  );
}

async function readBackupJobs(api: Api, observedAt: number): Promise<Told[]> {
  const numbers = (list: string | undefined) => normaliseList(list).map(Number).filter(Number.isSafeInteger);
  const jobs = (await api.get(endpoints.cluster.backupJobs)).map((row): Detail<'backup_job'> => {
    const data: BackupJobFacts = {
      enabled: row.enabled ?? true,
      schedule: row.schedule ?? null,
      storage: row.storage ?? null,
      mode: row.mode ?? null,
      all: row.all ?? false,
      vmids: numbers(row.vmid),
      exclude: numbers(row.exclude),
      pool: row.pool ?? null,
      node: row.node ?? null,
      comment: row.comment ?? null,
    };
    return { topic: 'backup_job', subject: row.id, source: '', data, observedAt };
  });
  return [{ topic: 'backup_job', source: '', rows: jobs }];
}

async function readPools(api: Api, observedAt: number): Promise<Told[]> {
  const pools = (await api.get(endpoints.cluster.pools)).map((row): Detail<'pool'> => {
    const data = { comment: row.comment ?? null };
    return { topic: 'pool', subject: row.poolid, source: '', data, observedAt };
  });
  return [{ topic: 'pool', source: '', rows: pools }];
}

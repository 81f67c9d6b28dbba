import type { ClusterFacts } from '../../model/detail.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import { readScalar } from '../../proxmox/schema.ts';
import { isWhole } from '../../proxmox/unread.ts';
import type { Api } from '../common/api.ts';
import { reportedOr } from '../common/reported-or.ts';

/** What the HA manager reports of itself, of nodes and of services. */
export type HaStatus = readonly {
  type: string;
  node?: string | undefined;
  status?: string | undefined;
  sid?: string | undefined;
  state?: string | undefined;
}[];

/** What was read about the cluster as a whole; null for what could not be read. */
export interface ClusterReport {
  options: { [name: string]: unknown } | null;
  status: HaStatus | null;
  qdevice: ClusterFacts['qdevice'];
}

/** The state of the cluster as a whole; what was not reported keeps its value. */
export function clusterFacts(
  { options, status, qdevice }: ClusterReport,
  previous: ClusterFacts | undefined,
): ClusterFacts {
  const [quorum, master] = ['quorum', 'master'].map(type => status?.find(row => row.type === type));
  const lost = status !== null && isWhole(status) ? undefined : previous;
  return {
    options: options === null ? (previous?.options ?? {}) : plainOptions(options, previous?.options),
    haQuorum: quorum ? reportedOr(quorum, 'status', previous?.haQuorum) : (lost?.haQuorum ?? null),
    haMaster: master ? reportedOr(master, 'node', previous?.haMaster) : (lost?.haMaster ?? null),
    maintenance: lost === undefined && status !== null ? inMaintenance(status) : (lost?.maintenance ?? null),
    qdevice: qdevice ?? previous?.qdevice ?? null,
  };
}

/** The nodes whose local resource manager is in maintenance: `pve1 (maintenance mode, Sat Nov 21 ...)`. */
function inMaintenance(status: HaStatus): string[] {
  return status.flatMap(row =>
    row.type === 'lrm' && row.node !== undefined && /\(maintenance mode\b/.test(row.status ?? '')
      ? [row.node]
      : [],
  );
}

/** Options as texts; PVE sends some as objects. `allowed-tags` is derived from the tags in use, and is not an option. */
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

/** The QDevice of a cluster with this many nodes; undefined where it cannot be read, as in older versions. */
export async function readQdevice(api: Api, members: number): Promise<ClusterFacts['qdevice']> {
  try {
    const reported = await api.get(endpoints.cluster.qdevice);
    if (Object.keys(reported).length === 0) return { votes: 0, connected: false };
    // With the LMS algorithm it has one vote less than there are nodes, otherwise one: `pvecm qdevice setup`.
    const isLms = /lms|last man/i.test(String(reported['Algorithm'] ?? ''));
    return { votes: isLms ? members - 1 : 1, connected: /^connected/i.test(String(reported['State'] ?? '')) };
  } catch (error) {
    if (error instanceof ProxmoxError) return undefined;
    throw error;
  }
}

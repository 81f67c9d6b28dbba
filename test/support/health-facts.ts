import type { GuestHealth, HealthFacts, NodeHealth, StorageHealth } from '../../src/health/facts.ts';

/** The moment that facts made here are of: Friday, 20 November 2026, 06:00 UTC. */
export const NOW = Date.UTC(2026, 10, 20, 6);
export const GIB = 1024 ** 3;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A node with nothing wrong. */
export function node(id: string, parts: Partial<NodeHealth> = {}): NodeHealth {
  return {
    id,
    status: 'online',
    lastStatus: 'online',
    out: null,
    silent: null,
    left: false,
    memoryBytes: 128 * GIB,
    memoryUsedBytes: 40 * GIB,
    version: '9.2.11',
    cpuModel: 'EPYC',
    rootBytes: 94 * GIB,
    rootUsedBytes: 20 * GIB,
    clockAheadMs: 0,
    certificates: [{ file: 'pve-ssl.pem', expiresAt: NOW + 400 * DAY }],
    maintenance: false,
    votes: 1,
    ...parts,
  };
}

const DISK = { scsi0: { volume: 'san:vm-1-disk-0', size: '32G' } };

/** A VM that runs on pve1 with nothing wrong; `config` is laid over its own. */
export function vm(id: number, parts: Partial<GuestHealth> = {}): GuestHealth {
  const { config, ...rest } = parts;
  return {
    key: `vm/${id}`,
    type: 'vm',
    id,
    name: null,
    node: 'pve1',
    status: 'running',
    out: null,
    template: false,
    lock: null,
    seenAt: NOW,
    pool: null,
    memoryBytes: 4 * GIB,
    ha: null,
    haRequested: null,
    apparmor: null,
    config: config === null ? null : { agent: { enabled: 1 }, memory: 4096, ...DISK, ...config },
    pending: {},
    snapshots: {},
    createdAt: null,
    ...rest,
  };
}

/** A container of the same kind. */
export function container(id: number, parts: Partial<GuestHealth> = {}): GuestHealth {
  const { config, ...rest } = parts;
  const own = { unprivileged: 1, rootfs: { volume: `san:subvol-${id}-disk-0`, size: '8G' } };
  return {
    ...vm(id),
    key: `container/${id}`,
    type: 'container',
    config: { ...own, ...config },
    ...rest,
  };
}

/** A shared storage that every node reaches. */
export function storage(id: string, parts: Partial<StorageHealth> = {}): StorageHealth {
  const nodes = ['pve1', 'pve2', 'pve3'];
  return {
    id,
    type: 'nfs',
    content: ['images', 'rootdir', 'backup', 'iso'],
    shared: true,
    enabled: true,
    nodes: [],
    out: null,
    reach: nodes.map(one => ({ node: one, active: true })),
    fills: [{ node: null, totalBytes: 1000 * GIB, usedBytes: 300 * GIB, isCurrent: true, past: [] }],
    ...parts,
  };
}

/** A job that backs everybody up each night. */
export function job(parts: Partial<NonNullable<HealthFacts['jobs']>[number]> = {}) {
  return {
    id: 'nightly',
    enabled: true,
    schedule: '01:00',
    storage: 'san',
    mode: 'snapshot',
    all: true,
    vmids: [],
    exclude: [],
    pool: null,
    node: null,
    comment: null,
    ...parts,
  };
}

/** A failure of a task. */
export function failure(parts: Partial<HealthFacts['tasks']['failures'][number]> = {}) {
  return {
    type: 'qmstart',
    resource: 'vm/101',
    node: 'pve1',
    user: 'bob@pve',
    times: 1,
    firstAt: NOW - 3 * HOUR,
    lastAt: NOW - 3 * HOUR,
    exitStatus: 'start failed',
    upid: 'UPID:pve1:1',
    mended: false,
    ...parts,
  };
}

/** A cluster of three nodes with nothing wrong, but for the parts that are told; every guest has a backup of last night. */
export function facts(parts: Partial<HealthFacts> = {}): HealthFacts {
  const guests = parts.guests ?? [vm(101), vm(102, { node: 'pve2' }), container(200, { node: 'pve3' })];
  return {
    now: NOW,
    timeZone: 'UTC',
    cluster: {
      quorate: true,
      haQuorum: 'OK',
      votes: 3,
      expectedVotes: 3,
      qdevice: { votes: 0, connected: false },
    },
    nodes: [node('pve1'), node('pve2'), node('pve3')],
    isGlance: false,
    guests,
    storages: [storage('san')],
    jobs: [job()],
    backups: {
      complete: true,
      readAt: NOW,
      newest: new Map(guests.map(guest => [guest.key, NOW - 5 * HOUR])),
      ofPredecessor: new Set(),
      unjudged: new Set(),
    },
    replications: [],
    haRules: [],
    tasks: {
      readAt: NOW,
      ownOnly: false,
      nodes: ['pve1', 'pve2', 'pve3'],
      running: [],
      ended: [],
      failures: [],
    },
    drift: [],
    accepted: [],
    ...parts,
  };
}

import type { DatedVersion } from '../../src/model/change.ts';
import type { NewRevision } from '../../src/model/declaration.ts';
import type {
  GuestConfigEntity,
  GuestEntity,
  NodeEntity,
  StorageEntity,
  TaskEntity,
} from '../../src/model/entity.ts';
import type { Facet } from '../../src/model/facet.ts';
import type { OperationEntity } from '../../src/model/operation.ts';
import type { PlanEntity } from '../../src/model/plan.ts';
import type { CommitWriter, Lease, Store } from '../../src/model/store.ts';
import { clusterTime, ourTime } from '../../src/model/time.ts';
import { type Plain, timed } from './plain-times.ts';

const T0 = Date.UTC(2026, 0, 1);
const observed = { incarnation: 1, lastSeen: T0, unseenReason: null, createdAt: T0, updatedAt: T0 + 5 };

export function aNode(id = 'pve1', more: Plain<Partial<NodeEntity>> = {}): NodeEntity {
  return timed<NodeEntity>({
    id,
    status: 'online',
    cpuUsage: 0.25,
    cpuMax: 16,
    memoryUsage: 2 ** 36 + 1,
    memoryMax: 2 ** 37,
    uptime: 12_345,
    pveVersion: '9.0.3',
    startedAt: T0 - 1000,
    bootAt: T0 - 1000,
    removed: false,
    unconfirmed: null,
    ...observed,
    ...more,
  });
}

export function aGuest(id: number, more: Plain<Partial<GuestEntity>> = {}): GuestEntity {
  return timed<GuestEntity>({
    type: 'vm',
    id,
    nodeId: 'pve1',
    name: `web-${id}`,
    status: 'running',
    template: false,
    tags: ['prod'],
    pool: null,
    cpuCores: 2,
    cpuUsage: 0.123456789,
    memoryBytes: 2 ** 33,
    memoryUsage: 2 ** 32,
    diskSize: 2 ** 40 + 7,
    diskUsage: 0,
    networkIn: Number.MAX_SAFE_INTEGER,
    networkOut: 5,
    uptime: 99,
    haState: null,
    lockStatus: null,
    startedAt: T0,
    bootAt: T0,
    identity: null,
    configSeen: null,
    unconfirmed: null,
    ...observed,
    ...more,
  });
}

export function aConfig(id: number, more: Plain<Partial<GuestConfigEntity>> = {}): GuestConfigEntity {
  return timed<GuestConfigEntity>({
    type: 'vm',
    id,
    config: { cores: 2, net0: { tag: 10 } },
    pending: {},
    snapshots: {},
    observedAt: T0,
    ...more,
  });
}

export function aStorage(id = 'local', more: Plain<Partial<StorageEntity>> = {}): StorageEntity {
  return timed<StorageEntity>({
    id,
    type: 'dir',
    contentTypes: ['iso', 'backup'],
    enabled: true,
    shared: false,
    nodes: [],
    path: '/var/lib/vz',
    options: { prune: 'keep-last=3' },
    totalBytes: 2 ** 42,
    usedBytes: 2 ** 41,
    availableBytes: 2 ** 41,
    ...observed,
    ...more,
  });
}

export function aTask(n: number, more: Plain<Partial<TaskEntity>> = {}): TaskEntity {
  return timed<TaskEntity>({
    upid: `UPID:pve1:${n.toString(16).padStart(8, '0')}:qmstart:101:root@pam:`,
    nodeId: 'pve1',
    type: 'qmstart',
    status: 'ok',
    resourceType: 'vm',
    resourceId: '101',
    user: 'root@pam',
    tokenId: null,
    startTime: T0 + n * 1000,
    endTime: T0 + n * 1000 + 500,
    exitStatus: 'OK',
    logEntries: null,
    ...more,
  });
}

export function aVersion(id: number | string, more: Plain<Partial<DatedVersion>> = {}): DatedVersion {
  return timed<DatedVersion>({
    type: 'vm',
    resourceId: String(id),
    incarnation: 1,
    change: 'updated',
    facet: 'inventory',
    name: `web-${id}`,
    node: 'pve1',
    fields: [{ path: 'status', from: 'stopped', to: 'running' }],
    state: { node: 'pve1', status: 'running', tags: [], template: false },
    windowAfter: T0 - 1000,
    windowBefore: T0,
    ...more,
  });
}

/** Commits under a lease, one facet after another, the way a discovery does. */
export interface Writing {
  lease: Lease;
  runId: number;
  commit<T>(
    write: (commit: CommitWriter) => Promise<T>,
    more?: { facet?: Facet; complete?: boolean },
  ): Promise<T>;
}

export async function startWriting(store: Store, holder = 'test'): Promise<Writing> {
  const lease = await store.acquireLease(holder, 60_000);
  if (!lease) throw new Error('another process holds the lease');
  const run = await store.startRun(['inventory']);
  return {
    lease,
    runId: run.id,
    commit: (write, more = {}) =>
      store.commitFacet(
        lease,
        { runId: run.id, facet: 'inventory', observedAt: ourTime(T0), complete: true, ...more },
        write,
      ),
  };
}

export function aRevision(more: Partial<NewRevision> = {}): NewRevision {
  return {
    at: T0,
    author: 'claude of 1000@desk',
    why: 'agreed in the weekly',
    source: 'store',
    content: {
      rules: [
        {
          id: 'vm/101',
          match: { resource: 'vm/101' },
          fields: { 'config.memory': 8192, 'config.ide2': null },
          since: { 'config.memory': 1, 'config.ide2': 1 },
        },
      ],
      exceptions: [],
    },
    hash: 'a'.repeat(64),
    ...more,
  };
}

export function aPlan(id = 'p-7f3k9', more: Partial<PlanEntity> = {}): PlanEntity {
  return {
    id,
    identity: 'b'.repeat(64),
    revision: 1,
    asker: 'claude of 1000@desk',
    request: { to: 'declared' },
    steps: [
      {
        resource: 'vm/101',
        name: 'web',
        incarnation: 1,
        path: 'config.memory',
        from: 4096,
        to: 8192,
        effect: 'after restart',
      },
    ],
    leftOut: [],
    createdAt: T0,
    expiresAt: T0 + 900_000,
    usedAt: null,
    outcome: null,
    ...more,
  };
}

export function anOperation(id = 'p-7f3k9.1', more: Partial<OperationEntity> = {}): OperationEntity {
  return {
    id,
    plan: 'p-7f3k9',
    resource: 'vm/101',
    incarnation: 1,
    node: 'pve1',
    kind: 'config',
    takesBack: null,
    paths: ['config.memory'],
    sent: { kind: 'config', set: { memory: '8192' } },
    wanted: [{ key: 'memory', from: '4096', to: '8192' }],
    uuid: 'u',
    managed: false,
    sentAt: T0,
    outcome: null,
    upid: null,
    taskEnd: null,
    state: 'sent',
    standings: {},
    digestAfter: null,
    liveDiffers: false,
    mayBeCause: true,
    judgedAt: null,
    identity: 'mcp@pve!write',
    asker: 'claude of 1000@desk',
    why: null,
    ...more,
  };
}

/** Writes a row or two of each table that a commit fills; the version says more where `version` does. */
export async function writeSome(
  writer: CommitWriter,
  { guests = [aGuest(101)], version = {} }: { guests?: GuestEntity[]; version?: Partial<DatedVersion> } = {},
): Promise<void> {
  await writer.upsertNodes([aNode()]);
  await writer.upsertGuests('vm', guests);
  await writer.upsertGuests('container', [aGuest(200, { type: 'container' })]);
  await writer.upsertConfigs([aConfig(101)]);
  await writer.upsertStorages([aStorage()]);
  await writer.upsertNodeStorages([
    {
      ...{ nodeId: 'pve1', storageId: 'local', active: true },
      ...{ totalBytes: 1, usedBytes: null, availableBytes: null, lastSeen: ourTime(5), unconfirmed: null },
    },
  ]);
  await writer.upsertTasks([aTask(1)]);
  await writer.insertLogLines([
    { id: 'l', at: clusterTime(1), nodeId: 'pve1', user: 'u', vmid: 101, message: 'm', pid: 7 },
  ]);
  await writer.insertVersions([aVersion(101, version)]);
}

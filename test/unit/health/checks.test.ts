import { expect, test } from 'vitest';
import type { HealthFacts } from '../../../src/health/facts.ts';
import { CHECKS, findingsOf, unjudgedBy } from '../../../src/health/index.ts';
import {
  container,
  DAY,
  facts,
  failure,
  GIB,
  HOUR,
  job,
  NOW,
  node,
  storage,
  vm,
} from '../../support/health-facts.ts';

/** What shows a fault, and what comes near it and is none. Each finding as `severity resource: a part of what is said`. */
interface Case {
  check: string;
  shows: [HealthFacts, ...string[]][];
  silent: HealthFacts[];
}

const quorum = facts().cluster;
const three = (first: Parameters<typeof node>[1]) => [node('pve1', first), node('pve2'), node('pve3')];
const local = (id: string, parts = {}) => storage(id, { shared: false, type: 'zfspool', ...parts });
const disk = (volume: string, key = 'scsi0') => ({ [key]: { volume, size: '32G' } });
const mount = (volume: string, parts = {}) => ({ mp0: { volume, mp: '/data', ...parts } });
const card = (macaddr: string, parts = {}) => ({
  net0: { model: 'virtio', bridge: 'vmbr0', macaddr, ...parts },
});
const fill = (usedPercent: number, parts = {}) => [
  {
    node: null,
    totalBytes: 1000 * GIB,
    usedBytes: usedPercent * 10 * GIB,
    isCurrent: true,
    past: [],
    ...parts,
  },
];
const grows = (from: number, perDay: number, days = 20) =>
  Array.from({ length: days * 2 }, (_, at) => ({
    at: NOW - (days - at / 2) * DAY,
    totalBytes: 1000 * GIB,
    usedBytes: (from + (perDay * at) / 2) * GIB,
  }));
const out = { since: NOW - HOUR, reason: { code: 'node-not-online', node: 'pve3' } } as const;
const backups = (parts: Partial<HealthFacts['backups']>) => ({ ...facts().backups, ...parts });
const tasks = (parts: Partial<HealthFacts['tasks']>) => ({ ...facts().tasks, ...parts });
const guests = (...list: HealthFacts['guests']) => facts({ guests: list });
const task = { upid: 'UPID:pve1:2', node: 'pve1', user: 'root@pam', startedAt: NOW - 60_000 };
const replica = {
  job: '101-0',
  guest: 'vm/101',
  target: 'pve2',
  failures: 0,
  error: null,
  lastSyncAt: NOW - HOUR,
};
const snapshots = (days: number) => ({ before: NOW - days * DAY });
const certificates = (days: number) => [{ file: 'pve-ssl.pem', expiresAt: NOW + days * DAY }];

const CASES: Case[] = [
  {
    check: 'quorum-lost',
    shows: [
      [facts({ cluster: { ...quorum, quorate: false } }), 'critical cluster: no quorum'],
      [
        facts({ cluster: { ...quorum, haQuorum: 'No quorum on node' } }),
        'critical cluster: high availability',
      ],
    ],
    silent: [facts({ cluster: { ...quorum, quorate: null, haQuorum: null } })],
  },
  {
    check: 'versions-mixed',
    shows: [
      [facts({ nodes: three({ version: '9.1.2' }) }), 'warning cluster: 9.1.2 on pve1; 9.2.11 on pve2, pve3'],
    ],
    silent: [
      facts({ nodes: three({ version: '9.1.2', status: 'offline' }) }),
      facts({ nodes: three({ version: null }) }),
    ],
  },
  {
    check: 'node-offline',
    shows: [
      [
        facts({ nodes: three({ status: 'offline' }) }),
        'critical node/pve1: offline; 1 guest was running there',
      ],
      [
        facts({ nodes: three({ status: 'offline' }), guests: [vm(101, { status: 'stopped' })] }),
        'critical node/pve1: offline',
      ],
    ],
    silent: [facts({ nodes: three({ status: 'unknown', out }) })],
  },
  {
    check: 'node-silent',
    shows: [
      [
        facts({ nodes: three({ status: 'unknown', out, silent: out }) }),
        'warning node/pve1: last known online',
      ],
    ],
    silent: [facts({ nodes: three({ status: 'unknown', out }) })],
  },
  {
    check: 'node-left',
    shows: [
      [
        facts({ nodes: [...facts().nodes, node('old', { left: true })], guests: [vm(101, { node: 'old' })] }),
        'warning node/old: 1 guest is listed on it',
      ],
    ],
    silent: [],
  },
  {
    check: 'node-maintenance',
    shows: [[facts({ nodes: three({ maintenance: true }) }), 'info node/pve1: in maintenance']],
    silent: [facts({ nodes: three({ maintenance: null }) })],
  },
  {
    check: 'node-root-full',
    shows: [
      [facts({ nodes: three({ rootUsedBytes: 86 * GIB }) }), 'warning node/pve1: 91.5 % full'],
      [facts({ nodes: three({ rootUsedBytes: 93 * GIB }) }), 'critical node/pve1: 98.9 % full'],
    ],
    silent: [
      facts({ nodes: three({ rootUsedBytes: null }) }),
      facts({ nodes: three({ rootUsedBytes: 93 * GIB, status: 'offline' }) }),
    ],
  },
  {
    check: 'clock-off',
    shows: [
      [
        facts({ nodes: three({ clockAheadMs: -61_000 }) }),
        "warning node/pve1: its clock is 61 s behind the cluster's",
      ],
      [facts({ nodes: three({ clockAheadMs: 7_000 }) }), 'warning node/pve1: 7 s ahead of'],
    ],
    silent: [
      facts({ nodes: three({ clockAheadMs: 3_500 }) }),
      facts({ nodes: three({ clockAheadMs: null }) }),
    ],
  },
  {
    check: 'certificate-expiring',
    shows: [
      [facts({ nodes: three({ certificates: certificates(9) }) }), 'warning node/pve1: expires in 9 days'],
      [facts({ nodes: three({ certificates: certificates(1) }) }), 'critical node/pve1: expires in 1 day'],
      [facts({ nodes: three({ certificates: certificates(-2) }) }), 'critical node/pve1: has expired'],
    ],
    silent: [
      facts({ nodes: three({ certificates: certificates(20) }) }),
      facts({ nodes: three({ certificates: null }) }),
    ],
  },
  {
    check: 'memory-overcommitted',
    shows: [
      [
        guests(vm(101, { memoryBytes: 100 * GIB }), vm(102, { memoryBytes: 40 * GIB })),
        'warning node/pve1: 140 GiB of 128 GiB',
      ],
      [
        guests(vm(101, { memoryBytes: 150 * GIB, config: { balloon: 32 * 1024 } })),
        'info node/pve1: which ballooning can bring down to fit',
      ],
      [
        guests(
          vm(101, { memoryBytes: 150 * GIB, config: { balloon: 32 * 1024, hostpci0: { host: '01:00.0' } } }),
        ),
        'warning node/pve1: 150 GiB',
      ],
    ],
    silent: [
      guests(vm(101, { memoryBytes: 100 * GIB }), vm(102, { memoryBytes: 40 * GIB, status: 'stopped' })),
      guests(vm(101, { memoryBytes: 128 * GIB })),
      facts({ nodes: three({ memoryBytes: null }), guests: [vm(101, { memoryBytes: 500 * GIB })] }),
    ],
  },
  {
    check: 'memory-short',
    shows: [[facts({ nodes: three({ memoryUsedBytes: 126 * GIB }) }), 'warning node/pve1: 98.4 %']],
    silent: [facts({ nodes: three({ memoryUsedBytes: null }) })],
  },
  {
    check: 'n-1-memory',
    shows: [
      [
        guests(
          vm(101, { memoryBytes: 100 * GIB }),
          vm(102, { memoryBytes: 90 * GIB, node: 'pve2' }),
          vm(103, { memoryBytes: 90 * GIB, node: 'pve3' }),
        ),
        'warning node/pve1: may take 100 GiB, and 76 GiB are free',
        'warning node/pve2: may take 90 GiB',
        'warning node/pve3: may take 90 GiB',
      ],
      // Enough in all, but no single node has room for the large one.
      [
        guests(
          vm(101, { memoryBytes: 80 * GIB }),
          vm(102, { memoryBytes: 60 * GIB, node: 'pve2' }),
          vm(103, { memoryBytes: 60 * GIB, node: 'pve3' }),
        ),
        'warning node/pve1: may take 80 GiB, and 136 GiB are free',
        'warning node/pve2: may take 60 GiB',
        'warning node/pve3: may take 60 GiB',
      ].slice(0, 2) as [HealthFacts, ...string[]],
    ],
    silent: [
      facts({ nodes: [node('pve1')], guests: [vm(101, { memoryBytes: 100 * GIB })] }),
      facts({
        nodes: [node('pve1'), node('pve2', { memoryBytes: null })],
        guests: [vm(101, { memoryBytes: 100 * GIB })],
      }),
      guests(
        vm(101, { memoryBytes: 100 * GIB, status: 'stopped' }),
        vm(102, { memoryBytes: 100 * GIB, node: 'pve2', status: 'stopped' }),
      ),
    ],
  },
  {
    check: 'storage-filling',
    shows: [
      [facts({ storages: [storage('san', { fills: fill(86) })] }), 'warning storage/san: 86 % full'],
      [
        facts({ storages: [storage('san', { fills: fill(96, { node: 'pve2' }) })] }),
        'critical storage/san: 96 % full on pve2',
      ],
      [
        facts({ storages: [storage('san', { fills: fill(90, { isCurrent: false }) })] }),
        'warning storage/san: was 90 % full when last seen',
      ],
      [
        facts({ storages: [storage('san', { fills: fill(70, { past: grows(300, 20) }) })] }),
        'warning storage/san: 70 % full; full in 15 days',
      ],
    ],
    silent: [
      facts({ storages: [storage('san', { fills: fill(84) })] }),
      facts({ storages: [storage('san', { fills: fill(99), enabled: false })] }),
      facts({ storages: [storage('san', { fills: fill(70, { past: grows(300, 20).slice(-5) }) })] }),
      facts({ storages: [storage('san', { fills: fill(70, { past: grows(900, -10) }) })] }),
      facts({
        storages: [storage('san', { fills: [{ ...fill(0)[0]!, totalBytes: null, usedBytes: null }] })],
      }),
    ],
  },
  {
    check: 'storage-unreachable',
    shows: [
      [
        facts({
          storages: [
            storage('san', {
              reach: [
                { node: 'pve1', active: false },
                { node: 'pve2', active: true },
              ],
            }),
          ],
        }),
        'critical storage/san: unreachable from pve1',
      ],
      [
        facts({ guests: [], storages: [storage('san', { reach: [{ node: 'pve1', active: false }] })] }),
        'warning storage/san: unreachable',
      ],
    ],
    silent: [
      facts({ storages: [storage('san', { reach: [{ node: 'pve1', active: null }] })] }),
      facts({ storages: [storage('san', { enabled: false, reach: [{ node: 'pve1', active: false }] })] }),
      facts({ storages: [storage('san', { out, reach: [{ node: 'pve1', active: false }] })] }),
    ],
  },
  {
    check: 'storage-disabled-in-use',
    shows: [
      [
        facts({ guests: [vm(101)], storages: [] }),
        'warning vm/101: scsi0 on storage/san, which does not exist',
      ],
      [
        facts({ guests: [vm(101)], storages: [storage('san', { enabled: false })] }),
        'warning vm/101: scsi0 on storage/san, which is disabled',
      ],
      [
        facts({ guests: [vm(101)], storages: [storage('san', { nodes: ['pve2'] })] }),
        'warning vm/101: which is not meant for pve1',
      ],
      [
        facts({
          guests: [vm(101, { config: { ide2: { volume: 'off:iso/x.iso', media: 'cdrom' } } })],
          storages: [storage('san'), storage('off', { enabled: false })],
        }),
        'info vm/101: ide2 on storage/off',
      ],
    ],
    silent: [
      facts({ guests: [vm(101)], storages: [storage('san', { enabled: false, out })] }),
      facts({ guests: [vm(101)], storages: [], backups: backups({ complete: false }) }),
      facts({
        guests: [vm(101, { config: disk('off:vm-1-disk-1', 'unused0') })],
        storages: [storage('san'), storage('off', { enabled: false })],
      }),
    ],
  },
  {
    check: 'backup-jobs-disabled',
    shows: [
      [facts({ jobs: [job({ enabled: false })] }), 'critical cluster: the only backup job is disabled'],
      [
        facts({ jobs: [job({ enabled: false }), job({ id: 'b', enabled: false })] }),
        'critical cluster: all 2 backup jobs',
      ],
    ],
    silent: [
      facts({ jobs: [job({ enabled: false }), job({ id: 'b' })] }),
      facts({ jobs: [] }),
      facts({ jobs: null }),
    ],
  },
  {
    check: 'backup-job-storage',
    shows: [
      [facts({ storages: [] }), 'critical backup-job/nightly: stores on storage/san, which does not exist'],
      [
        facts({ storages: [storage('san', { enabled: false })] }),
        'critical backup-job/nightly: which is disabled',
      ],
      [
        facts({ storages: [storage('san', { content: ['images'] })] }),
        'critical backup-job/nightly: does not hold backups',
      ],
      [
        facts({ storages: [storage('san', { reach: [{ node: 'pve1', active: false }] })] }),
        'warning backup-job/nightly: which pve1 cannot reach',
      ],
      [
        facts({
          storages: [
            storage('san', { reach: ['pve1', 'pve2', 'pve3'].map(one => ({ node: one, active: false })) }),
          ],
        }),
        'critical backup-job/nightly: none of its nodes reaches',
      ],
    ],
    silent: [
      facts({ storages: [], backups: backups({ complete: false }) }),
      facts({ jobs: [job({ enabled: false })], storages: [storage('san', { enabled: false })] }),
      facts({ jobs: [job({ storage: null })], storages: [storage('san', { enabled: false })] }),
    ],
  },
  {
    check: 'backup-job-empty',
    shows: [
      [
        facts({ jobs: [job(), job({ id: 'gone', all: false, pool: 'old' })] }),
        'info backup-job/gone: pool old holds no guest',
      ],
    ],
    silent: [facts({ jobs: [job({ all: false, vmids: [101] })] }), guests()],
  },
  {
    check: 'backup-failed',
    shows: [
      [
        facts({
          tasks: tasks({
            failures: [failure({ type: 'vzdump', exitStatus: 'job errors', resource: 'node/pve1' })],
          }),
        }),
        'warning node/pve1: job errors',
      ],
    ],
    silent: [
      facts({ tasks: tasks({ failures: [failure({ type: 'vzdump', mended: true })] }) }),
      facts({ tasks: tasks({ failures: [failure()] }) }),
    ],
  },
  {
    check: 'backup-missing',
    shows: [
      [
        facts({ guests: [vm(101)], backups: backups({ newest: new Map() }) }),
        'warning vm/101: no backup at 2026-11-20',
      ],
      [
        facts({ guests: [vm(101, { createdAt: NOW - 2 * HOUR })], backups: backups({ newest: new Map() }) }),
        'info vm/101: but a job will make its first one',
      ],
      [
        facts({
          guests: [vm(101)],
          jobs: [job({ exclude: [101] })],
          backups: backups({ newest: new Map() }),
        }),
        'info vm/101: no backup',
      ],
      [
        facts({
          guests: [vm(101, { createdAt: NOW - 5 * DAY })],
          backups: backups({ newest: new Map(), ofPredecessor: new Set(['vm/101']) }),
        }),
        'warning vm/101: only of the guest that had its VMID before',
      ],
    ],
    silent: [
      facts({ backups: backups({ complete: false, newest: new Map() }) }),
      facts({ guests: [vm(101, { template: true })], backups: backups({ newest: new Map() }) }),
      facts({ guests: [vm(101)], backups: backups({ newest: new Map(), unjudged: new Set(['vm/101']) }) }),
    ],
  },
  {
    check: 'backup-stale',
    shows: [
      [
        facts({ guests: [vm(101)], backups: backups({ newest: new Map([['vm/101', NOW - 4 * DAY]]) }) }),
        'warning vm/101: its latest backup is 4 days old, and its job runs every day',
      ],
      [
        facts({
          guests: [vm(101)],
          jobs: [job({ schedule: 'sat 03:00' })],
          backups: backups({ newest: new Map([['vm/101', NOW - 9 * DAY]]) }),
        }),
        'warning vm/101: every 7 days',
      ],
      [
        facts({
          guests: [vm(101)],
          jobs: [],
          backups: backups({ newest: new Map([['vm/101', NOW - 31 * DAY]]) }),
        }),
        'warning vm/101: 31 days old',
      ],
    ],
    silent: [
      facts({ guests: [vm(101)], backups: backups({ newest: new Map([['vm/101', NOW - 2 * DAY]]) }) }),
      facts({
        guests: [vm(101)],
        jobs: [job({ schedule: 'sat 03:00' })],
        backups: backups({ newest: new Map([['vm/101', NOW - 8 * DAY]]) }),
      }),
      facts({
        guests: [vm(101)],
        jobs: [job({ schedule: 'mon..fri 22:00' })],
        backups: backups({ newest: new Map([['vm/101', NOW - 4 * DAY]]) }),
      }),
    ],
  },
  {
    check: 'backup-of-predecessor',
    shows: [
      [
        facts({
          guests: [vm(101)],
          backups: backups({ newest: new Map(), ofPredecessor: new Set(['vm/101']) }),
        }),
        'warning vm/101: had it before',
      ],
    ],
    silent: [facts({ backups: backups({ ofPredecessor: new Set(['vm/101']) }) })],
  },
  {
    check: 'backup-no-job',
    shows: [
      [
        facts({ guests: [vm(101), vm(102)], jobs: [job({ all: false, vmids: [101] })] }),
        'warning vm/102: in no backup job',
      ],
      [
        facts({
          guests: [vm(101)],
          jobs: [job({ all: false, vmids: [7] }), job({ id: 'b', enabled: false })],
        }),
        'warning vm/101: only in a disabled one',
      ],
      [facts({ guests: [vm(101)], jobs: [job({ exclude: [101] })] }), 'info vm/101: on purpose'],
      [facts({ jobs: [] }), 'warning cluster: there is no backup job'],
    ],
    silent: [
      facts({ jobs: null }),
      facts({ guests: [], jobs: [] }),
      facts({ jobs: [job({ enabled: false })] }),
      facts({ guests: [vm(101, { pool: 'prod' })], jobs: [job({ all: false, pool: 'prod' })] }),
      facts({ guests: [vm(101, { template: true })], jobs: [job({ all: false, vmids: [7] })] }),
    ],
  },
  {
    check: 'lock-without-task',
    shows: [
      [guests(vm(101, { lock: 'backup' })), 'warning vm/101: locked (backup)'],
      [
        facts({
          guests: [vm(101, { lock: 'snapshot' })],
          tasks: tasks({ running: [{ ...task, type: 'qmstart', resource: 'vm/102' }] }),
        }),
        'warning vm/101: locked (snapshot)',
      ],
    ],
    silent: [
      guests(vm(101, { lock: 'suspended' }), vm(102, { lock: 'suspending' })),
      facts({
        guests: [vm(101, { lock: 'backup' })],
        tasks: tasks({ running: [{ ...task, type: 'vzdump', resource: null }] }),
      }),
      facts({
        guests: [vm(101, { lock: 'clone' })],
        tasks: tasks({ running: [{ ...task, type: 'qmclone', resource: 'vm/103' }] }),
      }),
      facts({
        guests: [vm(101, { lock: 'backup' })],
        tasks: tasks({ ended: [{ type: 'vzdump', resource: 'vm/101', node: 'pve1', endedAt: NOW - 5_000 }] }),
      }),
      facts({ guests: [vm(101, { lock: 'backup' })], tasks: tasks({ readAt: NOW - 1 }) }),
      facts({ guests: [vm(101, { lock: 'backup' })], tasks: tasks({ ownOnly: true }) }),
      facts({ guests: [vm(101, { lock: 'backup' })], tasks: tasks({ nodes: ['pve2'] }) }),
      guests(vm(101, { lock: 'backup', out })),
    ],
  },
  {
    check: 'task-failing',
    shows: [
      [
        facts({ tasks: tasks({ failures: [failure({ times: 3 })] }) }),
        'warning vm/101: qmstart failed 3 times',
      ],
    ],
    silent: [
      facts({ tasks: tasks({ failures: [failure()] }) }),
      facts({ tasks: tasks({ failures: [failure({ times: 3, mended: true })] }) }),
    ],
  },
  {
    check: 'task-failed',
    shows: [
      [
        facts({ tasks: tasks({ failures: [failure()] }) }),
        'info vm/101: qmstart failed at 2026-11-20T03:00:00+00:00 (bob@pve)',
      ],
    ],
    silent: [
      facts({ tasks: tasks({ failures: [failure({ lastAt: NOW - 2 * DAY })] }) }),
      facts({ tasks: tasks({ failures: [failure({ times: 3 })] }) }),
    ],
  },
  {
    check: 'ha-error',
    shows: [
      [guests(vm(101, { ha: 'error' })), 'critical vm/101: HA state error'],
      [guests(vm(101, { ha: 'fence' })), 'critical vm/101: HA state fence'],
    ],
    silent: [guests(vm(101, { ha: 'started' }))],
  },
  {
    check: 'ha-local-disk',
    shows: [
      [
        facts({
          guests: [vm(101, { ha: 'started', config: disk('zfs:vm-101-disk-0') })],
          storages: [local('zfs')],
        }),
        'warning vm/101: on pve1 alone: scsi0 on zfs',
      ],
      [
        facts({
          guests: [vm(101, { ha: 'started', config: disk('zfs:vm-101-disk-0') })],
          storages: [local('zfs')],
          replications: [replica],
        }),
        'info vm/101: on pve2 only',
      ],
      [
        guests(vm(101, { ha: 'started', config: disk('/dev/disk/by-id/x', 'scsi1') })),
        'warning vm/101: scsi1 /dev/disk',
      ],
    ],
    silent: [
      guests(vm(101, { ha: 'started' })),
      facts({ guests: [vm(101, { config: disk('zfs:vm-101-disk-0') })], storages: [local('zfs')] }),
      facts({
        guests: [vm(101, { ha: 'ignored', config: disk('zfs:vm-101-disk-0') })],
        storages: [local('zfs')],
      }),
      facts({
        guests: [
          vm(101, { ha: 'started', config: { ide2: { volume: 'zfs:vm-101-cloudinit', media: 'cdrom' } } }),
        ],
        storages: [local('zfs'), storage('san')],
      }),
    ],
  },
  {
    check: 'ha-passthrough',
    shows: [
      [
        guests(vm(101, { ha: 'started', config: { hostpci0: { host: '0000:01:00.0' } } })),
        'warning vm/101: hostpci0 0000:01:00.0',
      ],
      [
        guests(container(200, { ha: 'started', config: { mp0: { volume: '/srv/data', mp: '/data' } } })),
        'warning container/200: mp0 /srv/data',
      ],
    ],
    silent: [
      guests(vm(101, { config: { hostpci0: { host: '0000:01:00.0' } } })),
      guests(vm(101, { ha: 'started', config: { hostpci0: { mapping: 'gpu' }, usb0: { host: 'spice' } } })),
      guests(
        container(200, { ha: 'started', config: { mp0: { volume: '/srv/data', mp: '/data', shared: 1 } } }),
      ),
    ],
  },
  {
    check: 'replication-failing',
    shows: [
      [
        facts({ replications: [{ ...replica, failures: 3, error: 'no space' }] }),
        'warning vm/101: replication to pve2 failed 3 times: no space',
      ],
    ],
    silent: [facts({ replications: [replica] })],
  },
  {
    check: 'guest-halted',
    shows: [
      [guests(vm(101, { status: 'io-error' })), 'critical vm/101: QEMU halted it'],
      [guests(vm(101, { status: 'guest-panicked' })), 'critical vm/101: kernel panicked'],
    ],
    silent: [guests(vm(101, { status: 'paused' })), guests(vm(101, { status: 'io-error', out }))],
  },
  {
    check: 'guest-suspended',
    shows: [[guests(vm(101, { status: 'stopped', lock: 'suspended' })), 'warning vm/101: suspended to disk']],
    silent: [guests(vm(101, { lock: 'suspending' }))],
  },
  {
    check: 'snapshot-old',
    shows: [
      [guests(vm(101, { snapshots: snapshots(40) })), 'info vm/101: 1 snapshot older than 30 days: before'],
      [guests(vm(101, { snapshots: snapshots(200) })), 'warning vm/101: before'],
    ],
    silent: [guests(vm(101, { snapshots: snapshots(20) })), guests(vm(101, { snapshots: null }))],
  },
  {
    check: 'pending-restart',
    shows: [
      [guests(vm(101, { pending: { memory: 8192 } })), 'info vm/101: memory waits'],
      [guests(vm(101, { pending: { memory: 8192, cpu: '(deleted)' } })), 'info vm/101: cpu, memory wait'],
    ],
    silent: [
      guests(vm(101, { pending: { memory: 8192 }, status: 'stopped' })),
      guests(vm(101, { pending: { memory: null } })),
    ],
  },
  {
    check: 'onboot-missing',
    shows: [
      [
        guests(vm(101, { name: 'web01', config: { onboot: 1 } }), vm(102, { name: 'web02' })),
        'info vm/102: and vm/101 web01 does',
      ],
    ],
    silent: [
      guests(vm(101, { name: 'web01', config: { onboot: 1 } }), vm(102, { name: 'db02' })),
      guests(
        vm(101, { name: 'web01', config: { onboot: 1 } }),
        vm(102, { name: 'web02', status: 'stopped' }),
      ),
      guests(vm(101, { name: 'web01', config: { onboot: 1 } }), vm(102, { name: 'web02', ha: 'started' })),
      guests(vm(101, { name: 'web01' }), vm(102, { name: 'web02' })),
      guests(
        vm(101, { name: 'web01', config: { onboot: 1 } }),
        vm(102, { name: 'web02' }),
        vm(103, { name: 'web03' }),
      ),
      guests(vm(101, { name: '01', config: { onboot: 1 } }), vm(102, { name: '02' })),
    ],
  },
  {
    check: 'backup-disk-left-out',
    shows: [
      [
        guests(container(101, { config: mount('san:subvol-101-disk-1') })),
        'info container/101: its backups leave out mp0 (san:subvol-101-disk-1): mount points are in none unless',
      ],
      [
        guests(vm(101, { config: { scsi1: { volume: 'san:vm-101-disk-1', backup: 0 } } })),
        'info vm/101: its backups leave out scsi1 (san:vm-101-disk-1)',
      ],
    ],
    silent: [
      guests(container(101, { config: mount('san:subvol-101-disk-1', { backup: 1 }) })),
      guests(container(101, { config: mount('/mnt/media') })),
      guests(vm(101, { config: { scsi1: { volume: 'san:vm-101-disk-1', backup: 1 } } })),
      guests(vm(101, { config: { unused0: { volume: 'san:vm-101-disk-1' } } })),
      facts({
        guests: [container(101, { config: mount('san:subvol-101-disk-1') })],
        jobs: [job({ all: false, vmids: [7] })],
      }),
    ],
  },
  {
    check: 'mac-twice',
    shows: [
      [
        guests(
          vm(101, { config: card('BC:24:11:00:00:01') }),
          vm(102, { config: card('bc:24:11:00:00:01') }),
        ),
        'warning vm/101: net0 has the MAC address of vm/102',
        'warning vm/102: net0 has the MAC address of vm/101',
      ],
      [
        guests(
          vm(101, { config: card('BC:24:11:00:00:01') }),
          container(102, {
            status: 'stopped',
            config: { net0: { bridge: 'vmbr0', hwaddr: 'BC:24:11:00:00:01' } },
          }),
        ),
        'info vm/101: net0 has the MAC address of container/102',
        'info container/102: net0 has the MAC address of vm/101',
      ],
    ],
    silent: [
      guests(vm(101, { config: card('BC:24:11:00:00:01') }), vm(102, { config: card('BC:24:11:00:00:02') })),
      guests(
        vm(101, { config: card('BC:24:11:00:00:01') }),
        vm(102, { config: card('BC:24:11:00:00:01', { tag: 20 }) }),
      ),
      guests(
        vm(101, { config: card('BC:24:11:00:00:01') }),
        vm(102, { config: card('BC:24:11:00:00:01', { bridge: 'vmbr1' }) }),
      ),
      guests(
        vm(101, { config: card('BC:24:11:00:00:01') }),
        vm(102, { template: true, config: card('BC:24:11:00:00:01') }),
      ),
    ],
  },
  {
    check: 'disk-unused',
    shows: [
      [guests(vm(101, { config: disk('san:vm-101-disk-7', 'unused0') })), 'info vm/101: san:vm-101-disk-7'],
    ],
    silent: [],
  },
  {
    check: 'cdrom-attached',
    shows: [
      [
        guests(vm(101, { config: { ide2: { volume: 'local:iso/debian.iso', media: 'cdrom' } } })),
        'info vm/101: ide2 holds local:iso/debian.iso',
      ],
    ],
    silent: [
      guests(vm(101, { config: { ide2: { volume: 'none', media: 'cdrom' } } })),
      guests(vm(101, { config: { ide2: { volume: 'san:vm-101-cloudinit', media: 'cdrom' } } })),
      guests(
        vm(101, { status: 'stopped', config: { ide2: { volume: 'local:iso/debian.iso', media: 'cdrom' } } }),
      ),
    ],
  },
  {
    check: 'agent-missing',
    shows: [
      [guests(vm(101, { config: { agent: { enabled: 0 } } })), 'info vm/101: no guest agent'],
      [guests(vm(101, { config: { agent: null } })), 'info vm/101: no guest agent'],
    ],
    silent: [
      guests(vm(101, { config: { agent: 1 } })),
      guests(vm(101, { config: null })),
      guests(container(200)),
      guests(vm(101, { status: 'stopped', config: { agent: null } })),
    ],
  },
  {
    check: 'ide-disk',
    shows: [[guests(vm(101, { config: disk('san:vm-101-disk-0', 'ide0') })), 'info vm/101: ide0 on IDE']],
    silent: [guests(vm(101, { config: { ide2: { volume: 'local:iso/x.iso', media: 'cdrom' } } }))],
  },
  {
    check: 'machine-pinned',
    shows: [
      [guests(vm(101, { config: { machine: { type: 'pc-i440fx-7.2' } } })), 'info vm/101: QEMU 7.2'],
      [guests(vm(101, { config: { machine: 'pc-q35-9.0+pve1' } })), 'info vm/101: QEMU 9.0'],
    ],
    silent: [
      guests(vm(101, { config: { machine: { type: 'q35' } } })),
      guests(vm(101, { config: { machine: { type: 'pc-q35-10.0' } } })),
      facts({
        nodes: three({ version: '8.4.1' }),
        guests: [vm(101, { config: { machine: { type: 'pc-q35-8.1' } } })],
      }),
      facts({
        nodes: three({ version: null }),
        guests: [vm(101, { config: { machine: { type: 'pc-q35-2.1' } } })],
      }),
    ],
  },
  {
    check: 'cpu-host-mixed',
    shows: [
      [
        facts({
          nodes: three({ cpuModel: 'Xeon' }),
          guests: [vm(101, { config: { cpu: { cputype: 'host' } } })],
        }),
        'info vm/101: pve2, pve3 has another processor',
      ],
      [
        facts({
          nodes: three({ cpuModel: 'Xeon' }),
          guests: [vm(101, { ha: 'started', config: { cpu: 'host' } })],
        }),
        'warning vm/101: CPU type host',
      ],
    ],
    silent: [
      guests(vm(101, { config: { cpu: { cputype: 'host' } } })),
      facts({ nodes: three({ cpuModel: null }), guests: [vm(101, { config: { cpu: 'host' } })] }),
      facts({
        nodes: three({ cpuModel: 'Xeon' }),
        guests: [vm(101, { config: { cpu: { cputype: 'kvm64' } } })],
      }),
    ],
  },
  {
    check: 'container-privileged',
    shows: [[guests(container(200, { config: { unprivileged: 0 } })), 'info container/200: privileged']],
    silent: [guests(container(200), vm(101))],
  },
  {
    check: 'container-unconfined',
    shows: [
      [
        guests(container(200, { apparmor: 'unconfined', config: { unprivileged: 0 } })),
        'warning container/200: unconfined by AppArmor, and privileged',
      ],
    ],
    silent: [guests(container(200, { apparmor: 'generated' }))],
  },
  {
    check: 'drift',
    shows: [
      [
        facts({
          drift: [{ resource: 'vm/101', path: 'config.onboot', declared: 1, actual: null, rule: 'r1' }],
        }),
        'warning vm/101: not as declared: config.onboot',
      ],
      [
        facts({
          drift: [
            { resource: 'vm/101', path: 'tags', declared: ['a'], actual: ['b'], rule: 'x', against: 'y' },
            { resource: 'vm/109', path: null, declared: null, actual: null, rule: 'vm/109' },
          ],
        }),
        'warning vm/101: not as declared: tags',
        'warning vm/109: declared, and not there',
      ],
    ],
    silent: [],
  },
];

const checkOf = (name: string) => CHECKS.filter(check => check.name === name);

test.each(CASES)('$check finds what is wrong, and nothing else', ({ check, shows, silent }) => {
  expect(checkOf(check)).toHaveLength(1);
  for (const [given, ...expected] of shows) {
    const found = findingsOf(given, checkOf(check));
    expect(found.map(one => `${one.severity} ${one.resource}: ${one.what}`)).toEqual(
      expected.map(one => {
        const [head, part] = one.split(/: (.*)/s) as [string, string];
        return expect.stringMatching(new RegExp(`^${literal(head)}: .*${literal(part)}`, 's'));
      }),
    );
    for (const one of found) {
      expect(one.next.length, 'says what to do').toBeGreaterThan(10);
      expect(Object.keys(one.evidence).length, 'says what it rests on').toBeGreaterThan(0);
    }
  }
  for (const given of [facts(), ...silent]) expect(findingsOf(given, checkOf(check))).toEqual([]);
});

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

test('every check has its cases', () => {
  expect(CASES.map(one => one.check).sort()).toEqual(CHECKS.map(check => check.name).sort());
});

test('a healthy cluster has no findings, and nothing is left unjudged', () => {
  expect(findingsOf(facts())).toEqual([]);
  expect(unjudgedBy(facts())).toEqual([]);
});

test('what cannot be seen is said, and is no finding', () => {
  const blind = facts({
    jobs: null,
    backups: backups({ complete: false, newest: new Map() }),
    tasks: tasks({ ownOnly: true }),
  });
  expect(findingsOf(blind)).toEqual([]);
  expect(
    unjudgedBy(blind)
      .map(one => one.what.code)
      .sort(),
  ).toEqual(['backup-jobs', 'backups', 'locks']);
});

test('the most pressing comes first', () => {
  const given = guests(
    vm(101, { config: { agent: null } }),
    vm(102, { status: 'io-error' }),
    vm(103, { lock: 'suspended' }),
  );
  const severities = findingsOf(given).map(one => one.severity);
  expect(severities).toEqual(['critical', 'warning', 'info']);
});

test('a guest without a backup and in no job is one finding, and still two checks', () => {
  const given = facts({
    guests: [vm(101), vm(102)],
    jobs: [job({ all: false, vmids: [7] })],
    backups: backups({ newest: new Map([['vm/102', NOW - HOUR]]) }),
  });
  const found = (checks: string[]) =>
    findingsOf(
      given,
      CHECKS.filter(check => checks.includes(check.name)),
    ).map(one => `${one.check} ${one.resource}: ${one.what}`);
  expect(found(['backup-missing', 'backup-no-job'])).toEqual([
    expect.stringMatching(/^backup-missing vm\/101: no backup at .*, and in no backup job$/),
    'backup-no-job vm/102: in no backup job',
  ]);
  expect(found(['backup-no-job'])).toEqual([
    'backup-no-job vm/101: in no backup job',
    'backup-no-job vm/102: in no backup job',
  ]);
});

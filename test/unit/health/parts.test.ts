import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestPauseDays } from '../../../src/health/backup-jobs.ts';
import { allFit } from '../../../src/health/capacity.ts';
import { devicesOf } from '../../../src/health/devices.ts';
import type { Fill, HealthFacts } from '../../../src/health/facts.ts';
import { type Impact, impactOf } from '../../../src/health/impact.ts';
import { trendOf } from '../../../src/health/trend.ts';
import { container, DAY, facts, GIB, HOUR, NOW, node, storage, vm } from '../../support/health-facts.ts';
import { processorTime } from '../../support/processor-time.ts';

test.each([
  ['01:00', 1],
  ['*/15', 1],
  ['daily', 1],
  ['sat 03:00', 7],
  ['sat,sun 03:00', 6],
  ['mon..fri 22:00', 3],
  ['Mon..Sun 1:00', 1],
  ['fri..mon 4:00', 4],
  ['*-*-* 02:30', 1],
  ['*-*-1 04:00', 31],
  ['*-*-01,15 04:00', 31],
  ['monthly', 31],
  ['*-1-1', 366],
  [null, 1],
] as const)('the schedule %s pauses %i days at most', (schedule, days) => {
  expect(longestPauseDays(schedule)).toBe(days);
});

test('devices are told apart by what they need', () => {
  const config = {
    scsi0: { volume: 'zfs:vm-1-disk-0', size: '8G' },
    scsi1: { volume: '/dev/disk/by-id/wwn-1' },
    ide0: { volume: 'nas:iso/x.iso', media: 'cdrom' },
    ide2: { volume: 'none', media: 'cdrom' },
    ide3: { volume: 'zfs:vm-1-cloudinit', media: 'cdrom' },
    efidisk0: { volume: 'zfs:vm-1-disk-1', efitype: '4m' },
    unused0: { volume: 'zfs:vm-1-disk-2' },
    rootfs: { volume: 'zfs:subvol-1-disk-0' },
    mp0: { volume: '/srv/x', mp: '/x' },
    mp1: { volume: '/srv/y', mp: '/y', shared: 1 },
    hostpci0: { host: '0000:01:00.0' },
    hostpci1: { mapping: 'gpu' },
    usb0: { host: 'spice' },
    usb1: { host: '1234:5678' },
    serial0: 'socket',
    dev0: { path: '/dev/ttyUSB0' },
    net0: { model: 'virtio' },
    scsihw: 'virtio-scsi-pci',
  };
  expect(devicesOf(config).map(one => `${one.key} ${one.kind} ${one.storage ?? '-'}`)).toEqual([
    'scsi0 disk zfs',
    'scsi1 disk -',
    'ide0 cdrom nas',
    'ide3 cloudinit zfs',
    'efidisk0 disk zfs',
    'unused0 unused zfs',
    'rootfs disk zfs',
    'mp0 bind -',
    'mp1 bind -',
    'hostpci0 passthrough -',
    'hostpci1 mapped -',
    'usb1 passthrough -',
    'dev0 passthrough -',
  ]);
});

describe('the trend of a storage', () => {
  const fullAt = (trend: ReturnType<typeof trendOf>): number | null =>
    trend === null || 'why' in trend.full ? null : trend.full.at;
  const fillOf = (used: (day: number) => number, days: number): Fill => ({
    node: null,
    totalBytes: 1000 * GIB,
    usedBytes: Math.round(used(days) * GIB),
    isCurrent: true,
    past: Array.from({ length: days * 2 }, (_, at) => ({
      at: NOW - (days - at / 2) * DAY,
      totalBytes: 1000 * GIB,
      usedBytes: Math.round(used(at / 2) * GIB),
    })),
  });

  test('steady growth under any noise of a tenth of it tells the day within a tenth', () => {
    const growth = fc.record({
      start: fc.integer({ min: 100, max: 500 }),
      perDay: fc.double({ min: 2, max: 15, noNaN: true }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(growth, ({ start, perDay, seed }) => {
        const noise = (day: number) => (((seed + day * 7919) % 21) / 100 - 0.1) * perDay;
        const fill = fillOf(day => start + perDay * day + noise(day), 20);
        const trend = trendOf(fill, NOW);
        const left = (1000 * GIB - fill.usedBytes!) / (perDay * GIB);
        expect(trend!.bytesPerDay / GIB / perDay).toBeCloseTo(1, 1);
        if (left < 100) expect((fullAt(trend)! - NOW) / DAY / left).toBeCloseTo(1, 0);
      }),
    );
  });

  test('one large deletion or backup does not move it', () => {
    const jump = fillOf(day => 300 + 5 * day + (day > 10 && day < 12 ? 150 : 0), 20);
    expect(trendOf(jump, NOW)!.bytesPerDay / GIB).toBeCloseTo(5, 0);
  });

  test('what moves to and fro, shrinks or stands still is never full', () => {
    for (const used of [() => 300, (day: number) => 500 - 5 * day, (day: number) => 400 + 50 * Math.sin(day)])
      expect(fullAt(trendOf(fillOf(used, 20), NOW))).toBeNull();
  });

  test('cannot be told from too few looks, over too few days, or across a change of size', () => {
    expect(
      trendOf(
        fillOf(day => 300 + day, 2),
        NOW,
      ),
    ).toBeNull();
    expect(trendOf({ ...fillOf(day => 300 + day, 20), past: [] }, NOW)).toBeNull();
    const grown = fillOf(day => 300 + 20 * day, 20);
    const smaller = grown.past.map(one => ({ ...one, totalBytes: 600 * GIB }));
    expect(trendOf({ ...grown, past: smaller }, NOW)).toBeNull();
  });

  test('is not told further ahead than six times what was watched', () => {
    expect(
      fullAt(
        trendOf(
          fillOf(day => 300 + day / 10, 20),
          NOW,
        ),
      ),
    ).toBeNull();
  });
});

test('guests that fit are placed; one that no node has room for is not', () => {
  const free = new Map([
    ['a', 8],
    ['b', 4],
  ]);
  const any = ['a', 'b'];
  expect(
    allFit(
      [
        { memory: 8, nodes: any },
        { memory: 4, nodes: any },
      ],
      free,
    ),
  ).toBe(true);
  expect(
    allFit(
      [
        { memory: 6, nodes: any },
        { memory: 6, nodes: any },
      ],
      free,
    ),
  ).toBe(false);
  expect(allFit([{ memory: 5, nodes: ['b'] }], free)).toBe(false);
  expect(allFit([], new Map())).toBe(true);
});

const disk = (volume: string) => ({ scsi0: { volume, size: '8G' } });
const zfs = storage('zfs', { shared: false, type: 'zfspool' });
const started = { ha: 'started', haRequested: 'started' };

/** What the loss of pve1 means. */
const LOSSES: [what: string, given: Partial<HealthFacts>, expected: Partial<Impact>][] = [
  [
    'a guest on shared disks can start elsewhere, though nothing starts it',
    { guests: [vm(101)] },
    {
      stops: ['vm/101'],
      restartsElsewhere: [],
      cannotStartElsewhere: [],
      memoryFits: true,
      quorumHolds: true,
    },
  ],
  [
    'high availability starts its own',
    { guests: [vm(101, started), vm(102, { ha: 'ignored', haRequested: 'ignored' })] },
    { stops: ['vm/101', 'vm/102'], restartsElsewhere: ['vm/101'] },
  ],
  [
    'a local disk binds, whoever looks after the guest',
    { guests: [vm(101, { ...started, config: disk('zfs:vm-101-disk-0') })], storages: [zfs] },
    {
      restartsElsewhere: [],
      cannotStartElsewhere: [{ resource: 'vm/101', why: 'scsi0 is on zfs, a storage of pve1 alone' }],
    },
  ],
  [
    'disks that are bound alike stand in one clause',
    {
      guests: [
        vm(101, {
          config: { ...disk('zfs:a'), efidisk0: { volume: 'zfs:b' }, hostpci0: { host: '01:00.0' } },
        }),
      ],
      storages: [zfs],
    },
    {
      cannotStartElsewhere: [
        {
          resource: 'vm/101',
          why: 'scsi0, efidisk0 are on zfs, a storage of pve1 alone; hostpci0 passes 01:00.0 of pve1 through',
        },
      ],
    },
  ],
  [
    'a replica frees it',
    {
      guests: [vm(101, { ...started, config: disk('zfs:vm-101-disk-0') })],
      storages: [zfs],
      replications: [
        { job: '101-0', guest: 'vm/101', target: 'pve2', failures: 0, error: null, lastSyncAt: NOW - HOUR },
      ],
    },
    { restartsElsewhere: ['vm/101'], cannotStartElsewhere: [] },
  ],
  [
    'a storage that no other node has binds',
    { guests: [vm(101)], storages: [storage('san', { nodes: ['pve1'] })] },
    { cannotStartElsewhere: [{ resource: 'vm/101', why: 'scsi0 is on san, which no other node has' }] },
  ],
  [
    'so does one that no other node reaches',
    {
      guests: [vm(101)],
      storages: [storage('san', { reach: ['pve2', 'pve3'].map(one => ({ node: one, active: false })) })],
    },
    { cannotStartElsewhere: [{ resource: 'vm/101', why: 'scsi0 is on san, which no other node reaches' }] },
  ],
  [
    'one that cannot be seen only makes doubtful',
    { guests: [vm(101)], storages: [] },
    {
      cannotStartElsewhere: [],
      doubtful: [{ resource: 'vm/101', why: 'scsi0 is on san, which cannot be seen' }],
    },
  ],
  [
    'a strict rule of high availability binds, a loose one does not',
    {
      guests: [vm(101, started), vm(102, started)],
      haRules: [
        { rule: 'pin', type: 'node-affinity', guests: ['vm/101'], nodes: ['pve1'], strict: true },
        { rule: 'like', type: 'node-affinity', guests: ['vm/102'], nodes: ['pve1'], strict: false },
      ],
    },
    {
      restartsElsewhere: ['vm/102'],
      cannotStartElsewhere: [{ resource: 'vm/101', why: 'the HA rule pin binds it to pve1' }],
    },
  ],
  [
    'a rule that keeps apart binds where the others stand',
    {
      guests: [
        vm(101, started),
        vm(102, { ...started, node: 'pve2' }),
        vm(103, { ...started, node: 'pve3' }),
      ],
      haRules: [
        {
          rule: 'apart',
          type: 'resource-affinity-negative',
          guests: ['vm/101', 'vm/102', 'vm/103'],
          nodes: [],
          strict: true,
        },
      ],
    },
    {
      cannotStartElsewhere: [
        { resource: 'vm/101', why: 'the HA rule apart keeps it apart from vm/102, vm/103' },
      ],
    },
  ],
  [
    'what is off and bound is counted; templates are not',
    {
      guests: [
        vm(101, { status: 'stopped', config: disk('zfs:a') }),
        vm(102, { status: 'stopped' }),
        vm(103, { status: 'stopped', template: true, config: disk('zfs:b') }),
        container(200, { node: 'pve2', status: 'stopped', config: disk('zfs:c') }),
      ],
      storages: [zfs, storage('san')],
    },
    { stops: [], bound: 1, cannotStartElsewhere: [] },
  ],
  [
    'one that HA wants started counts though it is off',
    { guests: [vm(101, { ...started, status: 'stopped', config: disk('zfs:a') })], storages: [zfs] },
    {
      stops: [],
      bound: 0,
      cannotStartElsewhere: [{ resource: 'vm/101', why: 'scsi0 is on zfs, a storage of pve1 alone' }],
    },
  ],
  [
    'two nodes of three that are down leave no quorum, and HA starts nothing',
    { guests: [vm(101, started)], nodes: [node('pve1'), node('pve2', { status: 'offline' }), node('pve3')] },
    { quorumHolds: false, votes: { left: 1, needed: 2 }, restartsElsewhere: [] },
  ],
  [
    'of two nodes one has no quorum, unless there is a QDevice',
    { guests: [], nodes: [node('pve1'), node('pve2')] },
    { quorumHolds: false, votes: { left: 1, needed: 2 } },
  ],
  [
    'with a QDevice it has',
    {
      guests: [],
      nodes: [node('pve1'), node('pve2')],
      cluster: { ...facts().cluster, qdevice: { votes: 1, connected: true } },
    },
    { quorumHolds: true, votes: { left: 2, needed: 2 } },
  ],
  [
    'one that is not connected has a say in how many votes it takes, and none itself',
    {
      guests: [],
      nodes: [node('pve1'), node('pve2')],
      cluster: { ...facts().cluster, qdevice: { votes: 1, connected: false } },
    },
    { quorumHolds: false, votes: { left: 1, needed: 2 } },
  ],
  [
    'where nobody knows of a QDevice, nobody knows whether quorum holds',
    { guests: [], nodes: [node('pve1'), node('pve2')], cluster: { ...facts().cluster, qdevice: null } },
    { quorumHolds: null, votes: null },
  ],
  [
    'of three nodes the others hold it, with or without one',
    { guests: [], cluster: { ...facts().cluster, qdevice: null } },
    { quorumHolds: true },
  ],
  [
    'votes that are not known make it unknown',
    { guests: [], nodes: [node('pve1', { votes: null }), node('pve2')] },
    { quorumHolds: null },
  ],
  [
    'a node that stands alone leaves nothing',
    { guests: [], nodes: [node('pve1', { votes: null })] },
    { quorumHolds: false },
  ],
  [
    'memory that does not suffice is said, for those that could start',
    {
      guests: [
        vm(101, { memoryBytes: 100 * GIB }),
        vm(102, { node: 'pve2', memoryBytes: 60 * GIB }),
        vm(103, { node: 'pve3', memoryBytes: 60 * GIB }),
      ],
    },
    { memoryFits: false, memory: { neededBytes: 100 * GIB, freeBytes: 136 * GIB } },
  ],
  [
    'a node that does not tell its memory makes it unknown',
    { guests: [vm(101)], nodes: [node('pve1'), node('pve2', { memoryBytes: null }), node('pve3')] },
    { memoryFits: null },
  ],
  [
    'of a node that is down, those count that ran when it was last seen',
    {
      nodes: [node('pve1', { status: 'offline' }), node('pve2'), node('pve3')],
      guests: [
        vm(101, { out: { since: NOW, reason: { code: 'node-not-online', node: 'pve1' } } }),
        vm(102, { status: 'stopped' }),
      ],
    },
    { isDown: true, stops: ['vm/101'], quorumHolds: true },
  ],
  [
    'only the tasks on it are cut off',
    {
      guests: [],
      tasks: {
        ...facts().tasks,
        running: [
          { upid: 'a', type: 'vzdump', resource: 'vm/101', node: 'pve1', user: 'root@pam', startedAt: NOW },
          { upid: 'b', type: 'vzdump', resource: null, node: 'pve2', user: 'root@pam', startedAt: NOW },
        ],
      },
    },
    { runningTasks: [expect.objectContaining({ upid: 'a' })] },
  ],
];

test.each(LOSSES)('if pve1 goes down: %s', (_, given, expected) => {
  expect(impactOf('pve1', facts(given))).toMatchObject(expected);
});

test('of a node that is not there nothing is said', () => {
  expect(impactOf('pve9', facts())).toBeUndefined();
});

// Kills: all rules searched for each guest, and all guests for each rule.
test('ten times as many guests and rules take about ten times as long', () => {
  const cost = (count: number) => {
    const guests = Array.from({ length: count }, (_, n) =>
      vm(100 + n, { ...started, node: `pve${1 + (n % 2)}` }),
    );
    const haRules = guests.slice(1).map(({ key }, n) => ({
      ...{ rule: `apart-${n}`, type: 'resource-affinity-negative', nodes: [], strict: true },
      guests: [guests[n]!.key, key],
    }));
    const given = facts({ guests, haRules });
    return processorTime(() => impactOf('pve1', given));
  };
  cost(300);
  expect(cost(3_000)).toBeLessThan(25 * cost(300) + 100);
});

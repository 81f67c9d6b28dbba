import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideGuests } from '../../../src/discovery/guests/decide.ts';
import { observe } from '../../../src/discovery/guests/guest-entity.ts';
import { rowMoved } from '../../../src/discovery/guests/row.ts';
import { diffStates } from '../../../src/history/diff.ts';
import { guestState } from '../../../src/history/resource-state.ts';
import type { GuestEntity } from '../../../src/model/entity.ts';
import type { GuestObservation, InventoryObservation } from '../../../src/model/observation.ts';
import { clusterTime, later, ourTime } from '../../../src/model/time.ts';

const NOW = ourTime(Date.UTC(2026, 0, 2));
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 8 });
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 8 });

// Few values each, so that known and seen are often the same, and often differ in one thing only.
const status = fc.constantFrom('running', 'stopped', 'paused');
const node = fc.constantFrom('pve1', 'pve1', 'pve1', 'pve2', 'away');
const lock = nullable(fc.constantFrom('backup', 'snapshot', 'suspended', 'migrate'));
const tags = fc.constantFrom<string[]>([], [], ['a'], ['a', 'b'], ['b']);
const name = nullable(fc.constantFrom('web', 'web', 'db'));
const count = fc.constantFrom(0, 1, 2, 2 ** 33);
const boot = fc
  .constantFrom(-3_600_000, -61_000, -60_000, -1_000, 0, 59_000, 61_000)
  .map(by => later(NOW, by - 9e6));

const known: fc.Arbitrary<GuestEntity> = fc.record({
  type: fc.constant('vm' as const),
  id: fc.constant(101),
  nodeId: node,
  name,
  status: nullable(status),
  template: fc.constantFrom(false, false, true),
  tags,
  pool: nullable(fc.constant('p')),
  cpuCores: nullable(fc.constantFrom(2, 2, 4)),
  cpuUsage: nullable(fc.constantFrom(0, 0.5)),
  memoryBytes: nullable(count),
  memoryUsage: nullable(count),
  diskSize: nullable(fc.constantFrom(8, 8, 9)),
  diskUsage: nullable(count),
  networkIn: nullable(count),
  networkOut: nullable(count),
  uptime: nullable(count),
  haState: nullable(fc.constantFrom('started', 'error')),
  lockStatus: lock,
  startedAt: nullable(boot.map(at => clusterTime(Number(at)))),
  bootAt: nullable(boot),
  identity: nullable(fc.constant('uuid')),
  configSeen: nullable(fc.constant(later(NOW, -5))),
  unconfirmed: fc.oneof(
    { weight: 15, arbitrary: fc.constant(null) },
    fc.constantFrom<GuestEntity['unconfirmed'][]>(
      { pool: null },
      { ha: later(NOW, -20), status: later(NOW, -30) },
    ),
  ),
  incarnation: fc.constant(1),
  lastSeen: nullable(fc.constant(later(NOW, -10))),
  unseenReason: fc.constantFrom(null, null, null, null, { code: 'node-not-online', node: 'pve1' } as const),
  createdAt: fc.constant(clusterTime(NOW - 100)),
  updatedAt: fc.constant(NOW - 10),
});

const usage = fc.record(
  {
    cpuCores: fc.constantFrom(2, 2, 4),
    cpuUsage: fc.constantFrom(0, 0.5),
    memoryBytes: count,
    memoryUsage: count,
    diskSize: fc.constantFrom(8, 8, 9),
    diskUsage: count,
    networkIn: count,
    networkOut: count,
    uptime: count,
  },
  { requiredKeys: [] },
);

const row: fc.Arbitrary<GuestObservation> = fc.record({
  type: fc.constant('vm' as const),
  id: fc.constant(101),
  node,
  status: optional(status),
  passing: fc.boolean(),
  fromNode: fc.constant(false),
  name: optional(name),
  template: optional(fc.constantFrom(false, false, true)),
  tags: optional(tags),
  pool: optional(nullable(fc.constant('p'))),
  lock: optional(lock),
  ha: optional(nullable(fc.constantFrom('started', 'error'))),
  bootAt: optional(boot),
  usage,
});

/** A row that says what is known, but for the fields another row overlays: one, some or all of them. */
const pair = fc
  .tuple(
    known,
    row,
    fc.subarray(['node', 'status', 'name', 'template', 'tags', 'pool', 'lock', 'ha', 'usage']),
  )
  .map(([known, other, overlaid]): [GuestEntity, GuestObservation] => {
    const usage = {
      ...(known.cpuCores !== null && { cpuCores: known.cpuCores }),
      ...(known.memoryBytes !== null && { memoryBytes: known.memoryBytes }),
      ...(known.diskSize !== null && { diskSize: known.diskSize }),
      ...{ cpuUsage: 0.5, memoryUsage: 5 },
      uptime: 3,
      networkIn: 7,
    };
    const same: GuestObservation = {
      ...other,
      node: known.nodeId,
      status: known.status ?? undefined,
      name: known.name,
      template: known.template,
      tags: [...known.tags],
      pool: known.pool,
      lock: known.lockStatus,
      ha: known.haState,
      usage,
    };
    const overlay = Object.fromEntries(overlaid.map(key => [key, other[key as keyof GuestObservation]]));
    const seen = { ...same, ...overlay } as GuestObservation;
    return [known, seen.passing ? { ...seen, status: undefined } : seen];
  });

function judge(known: GuestEntity, row: GuestObservation, clockSteady: boolean) {
  const listed = new Map([['vm/101', row]]);
  const inventory: InventoryObservation = {
    ...{
      observedAt: NOW,
      clusterName: 'c',
      quorate: true,
      cluster: null,
      ofMajority: true,
      nodes: [],
      unreadable: new Set<string>(),
      pools: new Set(['p']),
    },
    ...{
      guests: [row],
      listed,
      online: new Set(['pve1', 'pve2']),
      consistent: true,
      nodesComplete: true,
      statusUnread: null,
    },
  };
  const basis = {
    ...{ known: new Map([['vm/101', known]]), inventory, confirmations: new Map(), absences: new Map() },
    ...{
      destroyed: new Map<string, number>(),
      firstSight: false,
      lastListing: NOW - 10,
      poolsHidden: false,
      ...{ oldRows: new Set<string>(), unsureRows: new Set<string>() },
    },
    ...{
      clockSteady,
      redated: false,
      clusterNow: clusterTime(0),
      deadNodes: new Set<string>(),
      tasksOfAll: true,
      arrival: () => null,
      startBefore: () => null,
      createdSince: () => null,
      vmidTaken: () => null,
      nextIncarnation: () => 1,
    },
  };
  return { verdict: decideGuests(basis), basis };
}

test('a guest is taken as standing only where the whole comparison finds nothing, and all that is new is written', () => {
  const counts = { standing: 0, rewritten: 0 };
  fc.assert(
    fc.property(pair, fc.boolean(), ([known, row], clockSteady) => {
      const { verdict, basis } = judge(known, row, clockSteady);
      expect(verdict.sightings.length + verdict.upserts.length).toBe(1);
      const [sighting] = verdict.sightings;
      if (sighting === undefined) {
        counts.rewritten++;
        return;
      }
      counts.standing++;
      const whole = observe(basis, known, row, undefined);
      expect(diffStates(guestState(known), guestState(whole))).toEqual([]);
      expect(verdict.changes).toEqual([]);
      expect({ ...known, ...sighting.seen, lastSeen: NOW, updatedAt: NOW }).toEqual(whole);
    }),
    { numRuns: 12_000 },
  );
  // Both ways are well trodden.
  expect(counts.standing).toBeGreaterThan(500);
  expect(counts.rewritten).toBeGreaterThan(500);
});

test.each<[string, Partial<GuestObservation>]>([
  ['another node', { node: 'pve2' }],
  ['another status', { status: 'stopped' }],
  ['no status', { status: undefined }],
  ['another name', { name: 'db' }],
  ['no name any more', { name: null }],
  ['another tag', { tags: ['a'] }],
  ['a pool', { pool: 'p' }],
  ['a template', { template: true }],
  ['an HA state', { ha: 'error' }],
  ['a lock that lasts', { lock: 'suspended' }],
  ['a lock that passes', { lock: 'snapshot' }],
  ['another size', { usage: { diskSize: 9 } }],
  ['a later boot', { bootAt: later(NOW, -1_000) }],
])('%s is looked at whole', (_, differing) => {
  const [first] = fc.sample(known, { numRuns: 1, seed: 1 }) as [GuestEntity];
  const guest: GuestEntity = {
    ...first,
    ...{ nodeId: 'pve1', name: 'web', status: 'running', template: false, tags: [], pool: null },
    ...{ haState: null, lockStatus: null, diskSize: 8, bootAt: later(NOW, -9e6), unseenReason: null },
  };
  const same: GuestObservation = {
    ...{ type: 'vm', id: 101, node: 'pve1', status: 'running', name: 'web', template: false, tags: [] },
    ...{
      passing: false,
      fromNode: false,
      pool: null,
      lock: null,
      ha: null,
      bootAt: later(NOW, -9e6),
      usage: { diskSize: 8, uptime: 9_000, cpuUsage: 0.5, memoryUsage: 5 },
    },
  };
  expect(judge(guest, same, true).verdict.sightings).toHaveLength(1);
  expect(judge(guest, { ...same, ...differing }, true).verdict.sightings).toHaveLength(0);
});

/** When (ms) looks at rows that tell these boots find a restart, of a guest that runs since 0. */
function restartsSeen(boots: number[]): number[] {
  const [sample] = fc.sample(known, { numRuns: 1, seed: 1 }) as [GuestEntity];
  let guest: GuestEntity = {
    ...sample,
    nodeId: 'pve1',
    status: 'running',
    unseenReason: null,
    unconfirmed: null,
  };
  Object.assign(guest, { startedAt: clusterTime(Number(NOW)), bootAt: NOW });
  return boots.flatMap(boot => {
    const { nodeId: node, name, template, tags, pool, lockStatus: lock, haState: ha } = guest;
    const told = { status: 'running', node, name, template, tags, pool, lock, ha } as const;
    const bootAt = later(NOW, boot);
    const row: GuestObservation = {
      ...told,
      type: 'vm',
      id: 101,
      passing: false,
      fromNode: false,
      bootAt,
      usage: { cpuUsage: 0.5, memoryUsage: 5 },
    };
    const isRestart = rowMoved(guest, row, true);
    const { sightings } = judge(guest, row, true).verdict;
    guest = { ...guest, bootAt: isRestart ? bootAt : sightings[0]!.seen.bootAt };
    return isRestart ? [boot] : [];
  });
}
const sums = (steps: number[]) =>
  steps.map((_, n) => steps.slice(0, n + 1).reduce((sum, one) => sum + one, 0));

// Kills: a boot that is followed by less than a minute at each look, so that who is restarted again and again never was.
test('restarts within a minute of each other are told once they come to more than that', () => {
  const steps = fc.array(fc.integer({ min: 31_000, max: 59_000 }), { minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(steps.map(sums), boots => {
      const told = restartsSeen(boots);
      for (const boot of boots)
        expect(boot - (told.findLast(at => at <= boot) ?? 0)).toBeLessThanOrEqual(60_000);
    }),
  );
});

// Kills: a boot that is not followed at all: clocks wander over months by more than a restart shows.
test('a boot that wanders, in rows that lag, is no restart', () => {
  const wandering = fc.array(fc.integer({ min: -10_000, max: 15_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(wandering, fc.infiniteStream(fc.integer({ min: 0, max: 13_000 })), (steps, lags) => {
      expect(restartsSeen(sums(steps).map(boot => boot + lags.next().value!))).toEqual([]);
    }),
  );
});

import { describe, expect, test } from 'vitest';
import { decideNodes } from '../../../src/discovery/inventory/decide-nodes.ts';
import { agesOfRows, nodesWithOldRows, repeatsItself } from '../../../src/discovery/inventory/row-ages.ts';
import type { NodeEntity } from '../../../src/model/entity.ts';
import type {
  GuestObservation,
  InventoryObservation,
  NodeObservation,
} from '../../../src/model/observation.ts';
import { ourTime } from '../../../src/model/time.ts';
import { aGuest, aNode } from '../../support/database-fixtures.ts';
import { someOf } from '../../support/given.ts';
import { type Plain, timed } from '../../support/plain-times.ts';

const BEFORE = 1_000_000_000;
const NOW = BEFORE + 60_000;
const BOOT = BEFORE - 500_000_000;
const known = (facts: Plain<Partial<NodeEntity>> = {}): NodeEntity =>
  aNode('pve1', { startedAt: BOOT, uptime: 500_000, lastSeen: BEFORE, createdAt: BEFORE, ...facts });
const seen = (facts: Plain<Partial<NodeObservation>> = {}): NodeObservation =>
  timed<NodeObservation>({
    ...{ id: 'pve1', status: 'online', usage: { uptime: 500_060 }, bootAt: BOOT },
    ...facts,
  });
const decide = (nodes: NodeEntity[], listed: NodeObservation[], { complete = true, created = true } = {}) => {
  const inventory = { nodes: listed, nodesComplete: complete, observedAt: NOW } as InventoryObservation;
  const verdict = decideNodes(
    new Map(nodes.map(node => [node.id, node])),
    inventory,
    ourTime(BEFORE),
    created,
  );
  return {
    ...verdict,
    told: verdict.versions.map(({ change, fields }) => [change, ...fields.map(one => one.path)]),
  };
};

// A boot time wanders, and a node that comes back repeats its old uptime: only both together are a reboot.
describe('a node was rebooted', () => {
  const REBOOT = { usage: { uptime: 30 }, bootAt: NOW - 30_000 };
  const restarted = [['updated', 'started_at']];
  test.each<[string, NodeEntity, NodeObservation, unknown[]]>([
    ['when it booted later and its uptime is shorter', known(), seen(REBOOT), restarted],
    ['not when its boot wandered off', known(), seen({ bootAt: BOOT + 600_000 }), []],
    ['not when its uptime alone is shorter', known(), seen({ usage: { uptime: 400 } }), []],
    ['not when its boot was as late', known({ startedAt: NOW - 90_000 }), seen(REBOOT), []],
    ['not while it is offline', known({ status: 'offline' }), seen({ ...REBOOT, status: 'offline' }), []],
    ['not while nobody knows its status', known(), seen({ ...REBOOT, status: undefined }), []],
    ['not when its boot is only learned', known({ startedAt: null }), seen(REBOOT), [['discovered']]],
  ])('%s', (_, was, is, told) => expect(decide([was], [is]).told).toEqual(told));
});

// Kills: "a row tells how its node is": one that stands still tells how it was.
test.each<[string, NodeEntity | undefined, NodeObservation, boolean]>([
  ['the same uptime a minute later', known(), seen({ usage: { uptime: 500_000 } }), true],
  ['an uptime that grew', known(), seen(), false],
  ['an uptime that shrank', known(), seen({ usage: { uptime: 30 } }), false],
  [
    'the same within the beat of its broadcasts',
    known({ lastSeen: ourTime(NOW - 9_000) }),
    seen({ usage: { uptime: 500_000 } }),
    false,
  ],
  ['no uptime, as without the right to see it', known({ uptime: null }), seen({ usage: {} }), false],
  ['a node that is offline', known(), seen({ status: 'offline', usage: { uptime: 500_000 } }), false],
  [
    'a node whose status nobody knows',
    known(),
    seen({ status: undefined, usage: { uptime: 500_000 } }),
    false,
  ],
  ['a node that was offline', known({ status: 'offline' }), seen({ usage: { uptime: 500_000 } }), false],
  ['a node that left', known({ removed: true }), seen({ usage: { uptime: 500_000 } }), false],
  ['a node seen for the first time', undefined, seen(), false],
])('$0: the row stands still: $3', (_, was, is, stands) =>
  expect(repeatsItself(was, is, ourTime(NOW))).toBe(stands));

// Kills: rows some seconds old each time a little older than before, and never old.
describe('the rows of a node are old', () => {
  const old = (was: NodeEntity, is: NodeObservation, own?: number) =>
    nodesWithOldRows(new Map([['pve1', was]]), { nodes: [is], observedAt: NOW } as InventoryObservation, {
      clockSteady: true,
      ahead: 0,
      asked: new Map(own === undefined ? [] : [['pve1', { uptime: own, bootAt: ourTime(NOW - own * 1000) }]]),
    }).has('pve1');
  const was = known({ bootAt: BOOT });
  const late = (s: number) => seen({ usage: { uptime: 500_060 - s }, bootAt: BOOT + s * 1000 });
  test.each<[string, NodeEntity, NodeObservation, number | undefined, boolean]>([
    ['not within the beat of its broadcasts', was, late(12), undefined, false],
    ['when they are behind its boot', was, late(20), undefined, true],
    ['when they repeat themselves', known({ uptime: 500_060 }), seen(), undefined, true],
    ['by its own word', was, late(20), 500_060, true],
    ['not by its own word, though it seems so', was, late(20), 500_041, false],
    ['when they are from before a boot it tells of', was, late(0), 30, true],
    ['not where no boot was known', known({ bootAt: null }), late(40), undefined, false],
    ['not while it is off', was, { ...late(40), status: 'offline' }, undefined, false],
    ['not where they tell no uptime', was, seen({ usage: {}, bootAt: undefined }), 500_060, false],
  ])('%s', (_, before, is, own, isOld) => expect(old(before, is, own)).toBe(isOld));

  // Kills: a row that says nothing of its age taken for a fresh one.
  test.each<[string, Plain<Partial<NodeObservation>>, [before: number, is: number, node?: string][], string]>(
    [
      [
        'and its guests move on',
        { usage: {} },
        [
          [10, 10],
          [20, 80],
        ],
        '',
      ],
      ['and its guests stand still', { usage: {} }, [[10, 10]], 'old unsure'],
      ['and none of its guests runs', { usage: {} }, [[0, 0]], 'unsure'],
      ['and only guests elsewhere move on', { usage: {} }, [[20, 80, 'pve2']], 'unsure'],
      ['but its uptime', {}, [[10, 10]], ''],
      ['and that it is off', { usage: {}, status: 'offline' }, [[10, 10]], ''],
    ],
  )('where their node tells nothing %s: %o', (_, told, guests, ages) => {
    const keys = guests.map((__, n) => `vm/${101 + n}`);
    const listed = guests.map(
      ([, uptime, node = 'pve1'], n) => [keys[n]!, { node, usage: { uptime } }] as const,
    );
    const before = guests.map(
      ([uptime, , nodeId = 'pve1'], n) =>
        [keys[n]!, aGuest(101 + n, { uptime, nodeId, lastSeen: BEFORE })] as const,
    );
    const found = agesOfRows(
      { nodes: new Map([['pve1', known({ bootAt: BOOT })]]), guests: new Map(before) },
      {
        nodes: [seen(told)],
        observedAt: ourTime(NOW),
        listed: new Map(listed.map(([key, row]) => [key, someOf<GuestObservation>(row)])),
      },
      { clockSteady: true, ahead: 0, asked: new Map() },
    );
    expect((['old', 'unsure'] as const).filter(age => found[age].has('pve1')).join(' ')).toBe(ages);
  });

  test('and a boot that they place a little later is not moved', () => {
    for (const s of [0, 5, 12]) expect(decide([was], [late(s)]).upserts).toMatchObject([{ bootAt: BOOT }]);
    expect(decide([was], [late(-20)]).upserts).toMatchObject([{ bootAt: BOOT - 20_000 }]);
  });
});

describe('a node', () => {
  test('that joins is created, unless it may have been there before', () => {
    const { versions, upserts } = decide([], [seen()]);
    expect(versions).toMatchObject([
      { change: 'created', windowAfter: BEFORE, windowBefore: NOW, incarnation: 1 },
    ]);
    expect(upserts).toMatchObject([{ startedAt: BOOT, createdAt: NOW, lastSeen: NOW, unseenReason: null }]);
    expect(decide([], [seen({ bootAt: undefined })]).upserts).toMatchObject([{ startedAt: null }]);
    const found = decide([], [seen()], { created: false });
    expect(found.versions).toMatchObject([{ change: 'discovered', windowAfter: null, windowBefore: NOW }]);
  });

  test('that comes back after it left lives a second time', () => {
    const { versions, upserts } = decide([known({ removed: true })], [seen()]);
    expect(versions).toMatchObject([{ change: 'created', incarnation: 2 }]);
    expect(upserts).toMatchObject([{ removed: false, incarnation: 2, createdAt: NOW }]);
  });

  test('that goes offline did so between the two looks', () => {
    const { versions } = decide([known()], [seen({ status: 'offline' })]);
    expect(versions).toMatchObject([
      {
        ...{ change: 'updated', windowAfter: BEFORE, windowBefore: NOW },
        fields: [{ path: 'status', from: 'online', to: 'offline' }],
      },
    ]);
  });

  test('whose status is seen for the first time was like that before', () => {
    const { versions } = decide([known({ status: 'unknown' })], [seen()]);
    expect(versions).toMatchObject([{ change: 'discovered', fields: [] }]);
  });

  test('that goes on as its boot is learned did not start', () => {
    const { told, upserts } = decide([known({ status: 'offline', startedAt: null })], [seen()]);
    expect(told).toEqual([['discovered'], ['updated', 'status']]);
    expect(upserts).toMatchObject([{ startedAt: BOOT }]);
  });

  test('whose status cannot be judged is out of sight since it last could', () => {
    const { told, upserts } = decide([known({ incarnation: 3 })], [seen({ status: undefined })]);
    expect(told).toEqual([]);
    expect(upserts).toMatchObject([
      { incarnation: 3, status: 'online', lastSeen: BEFORE, unseenReason: { code: 'status-contradicted' } },
    ]);
  });

  test('that is missing has left where the listing is whole, once', () => {
    const { versions, upserts } = decide([known()], []);
    expect(versions).toMatchObject([{ change: 'deleted', windowAfter: BEFORE, windowBefore: NOW }]);
    expect(upserts).toMatchObject([{ removed: true }]);
    expect(decide([known({ removed: true })], [])).toEqual({ versions: [], upserts: [], told: [] });
    const short = decide([known()], [], { complete: false });
    expect(short.told).toEqual([]);
    expect(short.upserts).toMatchObject([{ removed: false, unseenReason: { code: 'not-listed' } }]);
  });
});

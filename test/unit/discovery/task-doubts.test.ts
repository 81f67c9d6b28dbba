import { describe, expect, test } from 'vitest';
import { taskDoubt } from '../../../src/discovery/guests/task-doubts.ts';
import type { GuestConfigEntity, GuestEntity, TaskEntity } from '../../../src/model/entity.ts';
import type { GuestReading } from '../../../src/model/observation.ts';
import type { JsonObject } from '../../../src/model/state.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { aGuest, aTask } from '../../support/database-fixtures.ts';

const SEEN = 1_800_000_000_000;
const CARD = { name: 'eth0', hwaddr: 'BC:24:11:00:00:01' };
const OTHER_CARD = { name: 'eth0', hwaddr: 'BC:24:11:00:00:02' };
const UNREAD = { code: 'tasks-unread', node: 'pve1' };

const reading = (guest: GuestEntity, config: JsonObject, facts: object = {}) =>
  ({ node: guest.nodeId, name: guest.name, readAt: SEEN + 60_000, config, ...facts }) as GuestReading;
const kept = (config: JsonObject) => ({ config }) as GuestConfigEntity;
const beside = (
  facts: {
    ofOthers?: boolean;
    nodes?: string[];
    telling?: TaskEntity[];
    arrival?: 'migrated';
    start?: number;
    dead?: string[];
  } = {},
) => ({
  missed: { ofOthers: facts.ofOthers ?? false, nodes: facts.nodes ?? [] },
  telling: facts.telling ?? [],
  arrival: () => facts.arrival ?? null,
  startBefore: () => (facts.start === undefined ? null : clusterTime(facts.start)),
  lastSeen: () => SEEN,
  deadNodes: new Set(facts.dead),
  clockSteady: true,
});

// Kills: whoever has a container's VMID by now told as edits of the one before, by a look that could not see the tasks.
describe('a container that changed while the tasks of others cannot be read', () => {
  const box = aGuest(200, { type: 'container', name: 'box', nodeId: 'pve1' });
  test.each<[string, JsonObject | null, JsonObject, string, boolean]>([
    ['has another card: it may be another one', { net0: CARD }, { net0: OTHER_CARD }, 'box', true],
    ['has its card still: it was edited', { net0: CARD, cores: 1 }, { net0: CARD, cores: 2 }, 'box', false],
    ['has its card in another place', { net0: CARD }, { net0: OTHER_CARD, net1: CARD }, 'box', false],
    ['has no card and other settings', { cores: 1 }, { cores: 2 }, 'box', true],
    ['has no card and its settings', { cores: 1 }, { cores: 1 }, 'box', false],
    ['has no card, its settings and another name', { cores: 1 }, { cores: 1 }, 'bin', true],
    ['was never read before', null, { cores: 1 }, 'bin', false],
  ])('%s', (_, former, config, name, isDoubtful) => {
    const config0 = former && kept(former);
    const answer = reading(box, config, { name });
    expect(taskDoubt(box, config0, answer, beside({ ofOthers: true }))).toEqual(isDoubtful ? UNREAD : null);
    expect(taskDoubt(box, config0, answer, beside())).toBeNull();
  });
});

// Kills: a VM that went away and came back told as a restart, where only the tasks that were not read tell that.
describe('a VM whose uptime began anew where it stood', () => {
  const vm = aGuest(101, {
    ...{
      name: 'web',
      nodeId: 'pve1',
      status: 'running',
      bootAt: SEEN - 900_000,
      uptime: 900,
      lastSeen: SEEN,
    },
  });
  const anew = reading(
    vm,
    {},
    { live: { status: 'running', lock: null, bootAt: SEEN + 30_000, uptime: 30 } },
  );
  const left = (endTime: number) =>
    aTask(1, {
      type: 'qmigrate',
      resourceId: '101',
      startTime: clusterTime(endTime - 9),
      endTime: clusterTime(endTime),
    });

  test.each<[string, Parameters<typeof beside>[0], object | null]>([
    ['was started anew where all tasks were read', {}, null],
    ['is in doubt without those of others', { ofOthers: true }, UNREAD],
    ['is in doubt without those of its node', { nodes: ['pve1'] }, UNREAD],
    ['was started anew though those of another node are missing', { nodes: ['pve2'] }, null],
    [
      'is in doubt without those of another node if it had left its own',
      { nodes: ['pve2'], telling: [left(SEEN + 10_000)] },
      { code: 'tasks-unread', node: 'pve2' },
    ],
    ['had left long before', { nodes: ['pve2'], telling: [left(SEEN - 60_000)] }, null],
    ['came by a migration that is known', { ofOthers: true, arrival: 'migrated' }, null],
  ])('%s', (_, around, doubt) => expect(taskDoubt(vm, null, anew, beside(around))).toEqual(doubt));

  // Kills: the arrival of a VM that was started and sent on told as its start.
  test.each<[string, Parameters<typeof beside>[0], object | null]>([
    ['was started where it runs, where all tasks were read', {}, null],
    ['may have come running without those of others', { ofOthers: true }, UNREAD],
    [
      'may have come running without those of the node it was on',
      { nodes: ['pve2'] },
      { ...UNREAD, node: 'pve2' },
    ],
    ['may have come running by way of a third', { nodes: ['pve3'] }, { ...UNREAD, node: 'pve3' }],
    ['began with the start that is known', { ofOthers: true, nodes: ['pve2'], start: SEEN + 20_000 }, null],
  ])('that was off and runs elsewhere %s', (_, around, doubt) =>
    expect(
      taskDoubt({ ...vm, nodeId: 'pve2', status: 'stopped', bootAt: null }, null, anew, beside(around)),
    ).toEqual(doubt));

  // Kills: a VM that left a node before that died told as started anew, where nobody could read that it was not.
  test.each<[string, Parameters<typeof beside>[0], object | null]>([
    ['was started there, where all tasks were read', {}, null],
    ['may have come running without those of others', { ofOthers: true }, UNREAD],
    ['may have come running without those of its node', { nodes: ['pve1'] }, UNREAD],
    ['was started there by a task that is known', { ofOthers: true, start: SEEN + 20_000 }, null],
    ['came from a node that is not dead', { ofOthers: true, dead: ['pve3'] }, null],
  ])('that was on a dead node and runs elsewhere %s', (_, around, doubt) => {
    const lost = { ...vm, nodeId: 'pve2', unseenReason: { code: 'node-not-online', node: 'pve2' } } as const;
    expect(taskDoubt(lost, null, anew, beside({ dead: ['pve2'], ...around }))).toEqual(doubt);
  });

  test.each<[string, GuestEntity, object]>([
    ['started', { ...vm, status: 'stopped', bootAt: null }, {}],
    ['moved', { ...vm, nodeId: 'pve2' }, {}],
    ['went on', vm, { live: { status: 'running', lock: null, bootAt: SEEN - 900_000, uptime: 960 } }],
    ['stopped', vm, { live: { status: 'stopped', lock: null, bootAt: undefined, uptime: undefined } }],
  ])('nothing is in doubt of one that %s', (_, known, facts) =>
    expect(taskDoubt(known, null, { ...anew, ...facts }, beside({ ofOthers: true }))).toBeNull());
});

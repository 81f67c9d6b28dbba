import { describe, expect, test } from 'vitest';
import { creationEvidence, destroyedGuests } from '../../../src/discovery/guests/evidence.ts';
import type { TaskLists } from '../../../src/discovery/tasks/findings.ts';
import type { TaskEntity } from '../../../src/model/entity.ts';
import type { GuestObservation, GuestReading } from '../../../src/model/observation.ts';
import type { GuestType } from '../../../src/model/resource.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { aGuest, aTask } from '../../support/database-fixtures.ts';

const findings = (...tasks: TaskEntity[]): TaskLists => ({
  ...{ tasks, fresh: tasks, failed: new Map(), unread: [], complete: true },
});

describe('a guest was destroyed', () => {
  const CREATED = 1_000_000;
  const NOW = 2_000_000;
  const known = new Map([
    ['vm/101', aGuest(101, { createdAt: clusterTime(CREATED) })],
    ['vm/102', aGuest(102, { createdAt: clusterTime(NOW + 1) })],
    ['vm/103', aGuest(103, { createdAt: clusterTime(NOW) })],
    ['container/200', aGuest(200, { type: 'container', createdAt: clusterTime(CREATED) })],
  ]);
  const destroy = (facts: Partial<TaskEntity> = {}) =>
    aTask(1, {
      type: 'qmdestroy',
      startTime: clusterTime(CREATED + 1000),
      endTime: clusterTime(CREATED + 2000),
      ...facts,
    });
  test.each<[string, TaskEntity, string[]]>([
    ['by its task', destroy(), ['vm/101']],
    ['by one with warnings', destroy({ status: 'warning' }), ['vm/101']],
    ['not by one that runs', destroy({ status: 'running', endTime: null }), []],
    ['not by one that failed', destroy({ status: 'error' }), []],
    ['not by one that went out of sight while it ran', destroy({ status: 'unknown' }), []],
    ['not by another task', destroy({ type: 'qmstop' }), []],
    ['not when nobody knew it', destroy({ resourceId: '999' }), []],
    ['not when the other type had its VMID', destroy({ resourceType: 'container' }), []],
    [
      'when it is a container',
      destroy({ type: 'vzdestroy', resourceType: 'container', resourceId: '200' }),
      ['container/200'],
    ],
    ['in the second it was first seen', destroy({ endTime: clusterTime(CREATED - 999) }), ['vm/101']],
    ['not before that: it was its predecessor', destroy({ endTime: clusterTime(CREATED - 1000) }), []],
    [
      'at the start of a task without an end',
      destroy({ startTime: clusterTime(CREATED), endTime: null }),
      ['vm/101'],
    ],
    ['though it seems to be from the future', destroy({ resourceId: '102' }), ['vm/102']],
    ['not before the present in which it was first seen', destroy({ resourceId: '103' }), []],
  ])('$0: $2', (_, task, destroyed) =>
    expect([...destroyedGuests(findings(task), known, NOW).keys()]).toEqual(destroyed));

  test('by none that is known, where no tasks were read', () =>
    expect(destroyedGuests(null, known, NOW).size).toBe(0));
});

describe('a guest was created since the last listing', () => {
  const LISTED = 10_000_000;
  const SLACK = 60_000;
  const row = (type: GuestType = 'vm') => ({ type, id: 101, node: 'pve1' }) as GuestObservation;
  const reading = (createdAt: number | null) =>
    ({ type: 'vm', id: 101, node: 'pve1', createdAt }) as GuestReading;
  const made = (type: string, facts: Partial<TaskEntity> = {}) =>
    aTask(1, { type, startTime: clusterTime(LISTED), ...facts });
  const ofContainer = { resourceType: 'container' } as const;
  const judge = (
    tasks: TaskEntity[],
    { newSight = false, type = 'vm' as GuestType, createdAt = null as number | null } = {},
  ) => madeAt(tasks, { newSight, type, createdAt }) !== null;
  const madeAt = (
    tasks: TaskEntity[],
    { newSight = false, type = 'vm' as GuestType, createdAt = null as number | null } = {},
  ) =>
    creationEvidence(findings(...tasks), LISTED, newSight, node => (node === 'pve1' ? 5_000 : 0))(
      row(type),
      reading(createdAt),
    );

  test.each<[string, TaskEntity, boolean]>([
    ['created', made('qmcreate'), true],
    ['restored', made('qmrestore'), true],
    ['cloned from another', made('qmclone', { resourceId: '900' }), true],
    ['created by a task that failed', made('qmcreate', { status: 'error' }), false],
    ['the source of a clone', made('qmclone'), false],
    ['cloned by a task that failed', made('qmclone', { status: 'error' }), false],
    ['created under another VMID', made('qmcreate', { resourceId: '900' }), false],
    ['cloned as a container', made('vzclone'), false],
    ['started', made('qmstart'), false],
    [
      'created just before, as clocks differ',
      made('qmcreate', { startTime: clusterTime(LISTED - SLACK) }),
      true,
    ],
    ['created before', made('qmcreate', { startTime: clusterTime(LISTED - SLACK - 1) }), false],
  ])('when it was $0: $2', (_, task, is) => expect(judge([task])).toBe(is));

  const once = (type: string, minutes: number, facts: Partial<TaskEntity> = {}) =>
    made(type, { startTime: clusterTime(LISTED - SLACK - minutes * 60_000), ...facts });
  const copying = { resourceId: '900', logEntries: ['creating a clone of VM 900 with ID 101'] };
  // Kills: a guest that one listing lacked told as made by what was restored over it since.
  test.each<[string, TaskEntity[], boolean]>([
    ['created', [once('qmcreate', 1)], false],
    ['restored', [once('qmrestore', 1)], false],
    ['cloned', [once('qmclone', 1, copying)], false],
    ['created by a task that failed', [once('qmcreate', 1, { status: 'error' })], true],
    ['created and destroyed', [once('qmdestroy', 1), once('qmcreate', 2)], true],
    ['created where one was destroyed', [once('qmdestroy', 2), once('qmcreate', 1)], false],
    [
      'created, and another destroyed',
      [once('qmdestroy', 1, { resourceId: '900' }), once('qmcreate', 2)],
      false,
    ],
  ])('when it was restored after it was $0: $2', (_, tasks, is) =>
    expect(judge([...tasks, made('qmrestore')])).toBe(is));

  test('when a container was created, restored or cloned', () => {
    for (const type of ['vzcreate', 'vzrestore'])
      expect(judge([made(type, ofContainer)], { type: 'container' }), type).toBe(true);
    expect(judge([made('vzclone', { ...ofContainer, resourceId: '900' })], { type: 'container' })).toBe(true);
    expect(judge([made('qmclone')], { type: 'container' })).toBe(false);
  });

  // Who comes into sight may have been restored or cloned before: both also concern guests that are there.
  test('where sight is new, a guest is dated only by its own creation', () => {
    const kinds = ['qmcreate', 'qmrestore', 'qmclone'];
    expect(kinds.map(kind => judge([made(kind)], { newSight: true }))).toEqual([true, false, false]);
  });

  test('when it says so itself, by the clock of its node', () => {
    const first = LISTED - SLACK + 5_000;
    expect(judge([], { createdAt: first })).toBe(true);
    expect(judge([], { createdAt: first - 1 })).toBe(false);
    expect(judge([made('qmcreate')], { createdAt: first - 1 })).toBe(true);
    expect(creationEvidence(null, LISTED, false, () => 0)(row(), reading(null))).toBe(null);
    expect(creationEvidence(null, 0, false, () => 0)(row(), reading(null))).toBe(null);
  });

  // Kills: a window that begins at a listing which lacked who was there by then.
  test('since the first of what tells it, other guests aside', () => {
    const early = made('qmcreate', { startTime: clusterTime(LISTED - 30_000) });
    const clone = made('qmclone', { resourceId: '900', startTime: clusterTime(LISTED - 50_000) });
    expect(madeAt([early, clone])).toBe(LISTED - 33_000);
    expect(madeAt([clone])).toBe(LISTED - 53_000);
    expect(madeAt([early], { createdAt: LISTED - 30_000 })).toBe(LISTED - 38_000);
  });
});

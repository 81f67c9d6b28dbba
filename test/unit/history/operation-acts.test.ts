import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Seen } from '../../../src/history/acts.ts';
import { causesOf } from '../../../src/history/causes.ts';
import type { FieldChange } from '../../../src/model/change.ts';
import type { LogLineEntity, TaskEntity } from '../../../src/model/entity.ts';
import type { OperationEntity } from '../../../src/model/operation.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { anOperation, aTask } from '../../support/database-fixtures.ts';

const at = Date.UTC(2026, 10, 28, 12);

function seen(...fields: FieldChange[]): Seen {
  return { change: 'updated', facet: 'config', fields, windowAfter: at - 60_000, windowBefore: at + 10_000 };
}

function write(more: Partial<OperationEntity> = {}): OperationEntity {
  return anOperation('p-1.1', {
    plan: 'p-1',
    wanted: [
      { key: 'memory', from: '512', to: '640' },
      { key: 'tags', from: 'a', to: 'b;a' },
      { key: 'net0', from: null, to: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20' },
      { key: 'description', from: null, to: 'a note' },
      { key: 'hostname', from: 'x', to: 'web' },
      { key: 'onboot', from: '1', to: null },
    ],
    sentAt: at,
    judgedAt: at + 2_000,
    state: 'verified',
    why: 'ticket 7',
    ...more,
  });
}

const line = (message: string, user = 'mcp@pve!write'): LogLineEntity => ({
  id: `pve1:1:${at / 1000}`,
  at: clusterTime(at + 1_000),
  nodeId: 'pve1',
  user,
  vmid: 101,
  message,
  pid: null,
});
const whose = (change: Seen, log: LogLineEntity[], operations: OperationEntity[], tasks: TaskEntity[] = []) =>
  causesOf(change, tasks, log, [], [], operations).causes.map(
    ({ source, plan, user, fields }) => `${source} ${plan ?? user}${fields ? ` ${fields}` : ''}`,
  );

describe('a write of a plan', () => {
  test.each<FieldChange>([
    { path: 'config.memory', from: 512, to: 640 },
    { path: 'pending.memory', from: null, to: 640 },
    { path: 'tags', from: ['a'], to: ['a', 'b'] },
    { path: 'config.net0.tag', from: null, to: 20 },
    { path: 'config.description', from: null, to: 'a note\n' },
    { path: 'name', from: 'x', to: 'web' },
    { path: 'config.onboot', from: 1, to: null },
  ])('is the cause of the value it set: $path', field => {
    expect(whose(seen(field), [], [write()])).toEqual(['operation p-1']);
  });

  test.each<FieldChange>([
    { path: 'config.memory', from: 512, to: 700 },
    { path: 'tags', from: ['a'], to: ['a', 'c'] },
    { path: 'config.net0.bridge', from: 'vmbr0', to: 'vmbr1' },
    { path: 'config.cores', from: 1, to: 2 },
    { path: 'config.onboot', from: null, to: 1 },
    { path: 'status', from: 'stopped', to: 'running' },
  ])('is not the cause of another value: $path', field => {
    expect(whose(seen(field), [], [write()])).toEqual([]);
  });

  test.each([
    ['it never reached the node', { state: 'not_sent' }],
    ['it is certain that it wrote nothing', { mayBeCause: false }],
    ['it was sent after the change was seen', { sentAt: at + 60_000, judgedAt: at + 61_000 }],
    ['it was over before the last look', { sentAt: at - 200_000, judgedAt: at - 190_000 }],
  ] as const)('is no cause where %s', (_, more) => {
    expect(whose(seen({ path: 'config.memory', from: 512, to: 640 }), [], [write(more)])).toEqual([]);
  });

  const ours = [{ path: 'config.memory', from: 512, to: 640 }];
  const upid = 'UPID:pve1:00000001:00000002:6AFFE230:qmconfig:101:mcp@pve!write:';

  test('takes the place of the line and the task that it left, and of no other', () => {
    const task = aTask(1, {
      upid,
      type: 'qmconfig',
      startTime: clusterTime(at),
      endTime: clusterTime(at + 1_000),
      status: 'ok',
    });
    const log = [line('update VM 101: -memory 640')];
    expect(whose(seen(...ours), log, [write({ upid })], [task])).toEqual(['operation p-1']);
    const theirs = { path: 'config.cores', from: 1, to: 2 };
    const both = [...log, line('update VM 101: -cores 2', 'bob@pve')];
    expect(whose(seen(...ours, theirs), both, [write({ upid })], [task]).sort()).toEqual([
      'log bob@pve config.cores',
      'operation p-1 config.memory',
    ]);
  });

  test('tells who asked and why, and the token that wrote', () => {
    const [cause] = causesOf(seen(...ours), [], [], [], [], [write()]).causes;
    expect(cause).toMatchObject({
      source: 'operation',
      user: 'mcp@pve!write',
      asker: 'claude of 1000@desk',
      why: 'ticket 7',
      status: 'verified',
    });
  });

  test('whatever it set, another value has another cause', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 9_000 }), fc.integer({ min: 16, max: 9_000 }), (to, found) => {
        const one = write({ wanted: [{ key: 'memory', from: null, to: String(to) }] });
        const change = seen({ path: 'config.memory', from: null, to: found });
        expect(whose(change, [], [one])).toEqual(to === found ? ['operation p-1'] : []);
      }),
    );
  });
});

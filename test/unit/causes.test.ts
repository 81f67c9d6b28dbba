import { expect, test } from 'vitest';
import type { LogLineEntity, TaskEntity } from '../../src/model/entity.ts';
import { causesOf } from '../../src/state/causes.ts';

/** Rows of tasks lag, and windows are ours. */
const SLACK = 30_000;
/** The change happened after 100,000 and not later than 200,000. */
const WINDOW = { windowAfter: 100_000, windowBefore: 200_000 };

const task = (startTime: number, endTime: number | null, facts: Partial<TaskEntity> = {}): TaskEntity => ({
  ...{ upid: 'UPID:1', nodeId: 'pve1', type: 'qmstop', status: 'ok', exitStatus: 'OK' },
  ...{ resourceType: 'vm', resourceId: '101', user: 'root@pam', tokenId: null, startTime, endTime },
  ...facts,
});
const line = (at: number): LogLineEntity => ({
  ...{ id: '1', at, nodeId: 'pve1', user: 'alice@pve', vmid: 101, message: 'update VM 101: -memory 3072' },
});

// Kills: a window without its slack on either side, and one wider than it.
test.each<[string, TaskEntity, boolean]>([
  ['ended as the window began', task(0, 100_000 - SLACK), true],
  ['ended before it', task(0, 100_000 - SLACK - 1), false],
  ['began as the window ended', task(200_000 + SLACK, 300_000), true],
  ['began after it', task(200_000 + SLACK + 1, 300_000), false],
  ['ran all through it', task(0, 300_000), true],
  ['has been running since long before', task(0, null), true],
  ['runs since after it', task(200_000 + SLACK + 1, null), false],
  ['failed', task(150_000, 150_000, { status: 'error', exitStatus: 'no space' }), true],
  ['only saved the guest', task(150_000, 150_000, { type: 'vzdump' }), false],
  ['showed its screen', task(150_000, 150_000, { type: 'vncproxy' }), false],
  ['showed its terminal', task(150_000, 150_000, { type: 'termproxy' }), false],
  ['showed its desktop', task(150_000, 150_000, { type: 'spiceproxy' }), false],
])('a task that %s is a cause: %s', (_, ran, is) =>
  expect(causesOf(WINDOW, [ran], [])).toHaveLength(is ? 1 : 0));

test.each([
  [100_000 - SLACK, 1],
  [100_000 - SLACK - 1, 0],
  [200_000 + SLACK, 1],
  [200_000 + SLACK + 1, 0],
])('of lines written at %i, %i is a cause', (at, count) =>
  expect(causesOf(WINDOW, [], [line(at)])).toHaveLength(count));

test('at first sight the window is the moment it ends', () => {
  const window = { windowAfter: null, windowBefore: 200_000 };
  const early = 200_000 - SLACK - 1;
  expect(causesOf(window, [task(0, early), task(0, early + 1)], [line(early), line(early + 1)])).toHaveLength(
    2,
  );
});

test('who it was, by which token, and how it ended', () => {
  const found = causesOf(
    WINDOW,
    [
      task(150_000, null, { status: 'running', exitStatus: null, tokenId: 'terraform' }),
      task(150_000, 160_000),
    ],
    [line(150_000)],
  );
  expect(found).toEqual([
    { upid: 'UPID:1', type: 'qmstop', user: 'root@pam!terraform', status: 'running', source: 'task' },
    { upid: 'UPID:1', type: 'qmstop', user: 'root@pam', status: 'OK', source: 'task' },
    { type: 'update: -memory 3072', user: 'alice@pve', source: 'log' },
  ]);
});

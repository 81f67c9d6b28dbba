import { expect, test } from 'vitest';
import { fillsDue } from '../../../src/discovery/storage/fill.ts';
import type { Detail } from '../../../src/model/detail.ts';
import type { NodeStorageEntity, StorageEntity } from '../../../src/model/entity.ts';
import { ourTime } from '../../../src/model/time.ts';
import { someOf } from '../../support/given.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const storage = (id: string, shared: boolean) =>
  someOf<StorageEntity>({ id, shared, totalBytes: 100, usedBytes: 40 });
const view = (
  nodeId: string,
  storageId: string,
  parts: Partial<NodeStorageEntity> = {},
): NodeStorageEntity => ({
  nodeId,
  storageId,
  active: true,
  totalBytes: 50,
  usedBytes: 10,
  availableBytes: 40,
  lastSeen: ourTime(NOW),
  unconfirmed: null,
  ...parts,
});
const past = (subject: string, source: string, ...hours: number[]): Detail<'storage_fill'> => ({
  topic: 'storage_fill',
  subject,
  source,
  data: { samples: hours.map(hour => ({ at: NOW + hour * HOUR, totalBytes: 100, usedBytes: 30 })) },
  observedAt: ourTime(NOW),
});
const due = (previous: Detail<'storage_fill'>[], onNodes: NodeStorageEntity[]) =>
  fillsDue(previous, { storages: [storage('nas', true), storage('zfs', false)], onNodes }, ourTime(NOW)).map(
    ({ subject, source, data }) =>
      `${subject}@${source} ${data.samples.map(one => `${(one.at - NOW) / HOUR}h ${one.usedBytes}`).join(', ')}`,
  );

test('a shared storage is written down once, a local one for each node', () => {
  const views = [view('a', 'nas'), view('b', 'nas'), view('a', 'zfs'), view('b', 'zfs')];
  expect(due([], views)).toEqual(['nas@ 0h 40', 'zfs@a 0h 10', 'zfs@b 0h 10']);
});

test('what was written down within six hours waits; older looks stay', () => {
  expect(due([past('nas', '', -9, -5)], [view('a', 'nas')])).toEqual([]);
  expect(due([past('nas', '', -12, -6)], [view('a', 'nas')])).toEqual(['nas@ -12h 30, -6h 30, 0h 40']);
});

test('what was not seen at this look, is out of reach or tells no size is not written down', () => {
  for (const parts of [
    { lastSeen: ourTime(NOW - 1) },
    { active: false },
    { totalBytes: 0 },
    { usedBytes: null },
  ])
    expect(due([], [view('a', 'zfs', parts)])).toEqual([]);
});

test('looks of a clock that has been set back since count no more', () => {
  expect(due([past('nas', '', -7, 3)], [view('a', 'nas')])).toEqual(['nas@ -7h 30, 0h 40']);
});

test('no more than sixty days are kept', () => {
  const many = past('nas', '', ...Array.from({ length: 240 }, (_, at) => (at - 240) * 6));
  const [row] = fillsDue(
    [many],
    { storages: [storage('nas', true)], onNodes: [view('a', 'nas')] },
    ourTime(NOW),
  );
  expect(row!.data.samples).toHaveLength(240);
  expect(row!.data.samples.at(-1)!.at).toBe(NOW);
});

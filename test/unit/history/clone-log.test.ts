import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { madeBy, tellingLines } from '../../../src/history/clone-log.ts';
import { elsewhereOf, type SeenOf } from '../../../src/history/elsewhere.ts';
import type { TaskEntity } from '../../../src/model/entity.ts';
import { aTask } from '../../support/database-fixtures.ts';
import { propertyRuns } from '../../support/soak.ts';

const clone = (id: string, log: string[] | null, more: Partial<TaskEntity> = {}) =>
  aTask(1, {
    ...{ type: 'qmclone', resourceId: id, startTime: 120_000, endTime: 130_000 },
    logEntries: log && tellingLines(log),
    ...more,
  });

// The lines of PVE 9.2 as recorded; those of LVM as lvcreate words them.
const FULL = [
  'create full clone of drive scsi0 (local:100/vm-100-disk-1.qcow2)',
  "Formatting '/var/lib/vz/images/150/vm-150-disk-0.qcow2', fmt=qcow2 cluster_size=65536 extended_l2=off size=2147483648",
  "allocated target volume 'local:150/vm-150-disk-0.qcow2'",
  'transferred 0.0 B of 2.0 GiB (0.00%)',
];
const LINKED = [
  'creating a clone of VM 150 with ID 151',
  'create linked clone of drive scsi0 (local:150/base-150-disk-0.qcow2)',
  'clone 150/base-150-disk-0.qcow2: images, vm-151-disk-0.qcow2, 151 to vm-151-disk-0.qcow2 (base=../150/base-150-disk-0.qcow2)',
  "Formatting '/var/lib/vz/images/151/vm-151-disk-0.qcow2', fmt=qcow2 backing_file=../150/base-150-disk-0.qcow2",
];

describe('the log of a clone names the guest it makes', () => {
  test.each<[string, string, string[], string | null]>([
    ['a full clone', '100', FULL, '150'],
    ['a linked clone', '150', LINKED, '151'],
    ['a container on LVM', '200', ['  Logical volume "vm-250-disk-0" created.'], '250'],
    [
      'a container in a directory',
      '200',
      ["Formatting '/var/lib/vz/images/250/vm-250-disk-0.raw', fmt=raw"],
      '250',
    ],
    ['a VM on ZFS', '100', ["allocated target volume 'local-zfs:vm-150-disk-0'"], '150'],
    ['a volume of a container', '200', ["allocated target volume 'zfs:subvol-250-disk-0'"], '250'],
    [
      'a dataset, made without a word',
      '200',
      ['create full clone of mountpoint rootfs (zfs:subvol-200-disk-0)'],
      null,
    ],
    ['two clones at once', '100', [...FULL, "allocated target volume 'local:152/vm-152-disk-0.qcow2'"], null],
    ['the original itself', '100', ["allocated target volume 'local:100/vm-100-disk-2.qcow2'"], null],
    ['a line of another one', '100', ['creating a clone of VM 150 with ID 151'], null],
    ['no lines', '100', [], null],
  ])('$0, cloned from $1: $3', (_, id, log, made) => {
    expect(madeBy(clone(id, log))).toBe(made);
  });

  test('a task that is no clone, or has no log, made no guest', () => {
    expect(madeBy(clone('150', null))).toBeNull();
    expect(madeBy(clone('150', LINKED, { type: 'qmmove' }))).toBeNull();
    expect(madeBy(clone('150', LINKED, { type: 'constructor' }))).toBeNull();
  });

  test('only lines that tell the guest are kept, and few kilobytes of them', () => {
    const long = `allocated target volume '${'x'.repeat(5_000)}:vm-150-disk-0'`;
    expect(JSON.stringify(tellingLines(Array.from({ length: 1_000 }, () => long))).length).toBeLessThan(
      6_000,
    );
    expect(tellingLines(['-----BEGIN PRIVATE KEY-----', 'TASK OK'])).toEqual([]);
  });
});

// Kills: a clone that made another guest for this one's author, and the only one that was seen for the only one there was.
test('of clones in one window each made one guest: the one its log names, or the last that is left', () => {
  const born: SeenOf = {
    ...{ key: { type: 'vm', id: '150' }, change: 'created', facet: 'inventory', fields: [] },
    ...{ windowAfter: 100_000, windowBefore: 200_000 },
  };
  const others = fc.array(
    fc.record({ told: fc.boolean(), status: fc.constantFrom('ok', 'running', 'error') }),
    {
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(others, fc.constantFrom('told', 'silent', 'none'), fc.boolean(), (some, own, complete) => {
      const tasks = some.map(({ told, status }, n) =>
        clone('100', told ? [`creating a clone of VM 100 with ID ${160 + n}`] : null, {
          upid: `other ${n}`,
          status,
        }),
      );
      const mine = clone('100', own === 'told' ? ['creating a clone of VM 100 with ID 150'] : [], {
        upid: 'mine',
      });
      const all = own === 'none' ? tasks : [...tasks, mine];
      const { claims, ambiguous } = elsewhereOf(born, all, complete);
      const silent = all.filter(task => madeBy(task) === null);
      const named = claims.map(({ task }) => task.upid);
      if (own === 'told') expect([named, ambiguous]).toEqual([['mine'], false]);
      else expect(named).toEqual(complete && silent.length === 1 ? [silent[0]!.upid] : []);
      if (own !== 'told') expect(ambiguous).toBe(silent.length > 1);
    }),
    { numRuns: propertyRuns(100) },
  );
});

// Kills: a clone whose guest was met while it was filled, or taken away again, named for its arrival alone.
test('a clone fills the guest it made, and takes away what it could not make', () => {
  const key = { type: 'vm' as const, id: '151' };
  const window = { windowAfter: 100_000, windowBefore: 200_000 };
  const uuid = { path: 'config.smbios1.uuid', from: null, to: 'x' };
  const disk = { path: 'config.scsi0.volume', from: null, to: 'local:151/vm-151-disk-0.qcow2' };
  const together = new Map([uuid, disk].map(field => [field.path, field]));
  const of = (seen: SeenOf, status: string) =>
    elsewhereOf(seen, [clone('150', LINKED, { status })], true).claims;
  const filled = of({ ...window, key, change: 'updated', facet: 'config', fields: [uuid, disk] }, 'ok');
  expect(filled.map(claim => claim.explains({ ...disk, together }))).toEqual([true]);
  expect(filled.map(claim => claim.explains({ ...disk, together: new Map([[disk.path, disk]]) }))).toEqual([
    false,
  ]);
  const goes = { path: 'deleted', from: true, to: null, together: new Map() };
  const gone: SeenOf = { ...window, key, change: 'deleted', facet: 'inventory', fields: [] };
  expect(of(gone, 'error').map(claim => claim.mayExplain?.(goes))).toEqual([true]);
  expect(of(gone, 'ok').map(claim => claim.explains(goes) || claim.mayExplain?.(goes))).toEqual([false]);
});

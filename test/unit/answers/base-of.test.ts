import { expect, test } from 'vitest';
import { baseOf } from '../../../src/answers/resource/belongings.ts';

test.each([
  ['local-zfs:base-103-disk-0/vm-110-disk-0', 103],
  ['local-lvm:base-9000-disk-1/vm-110-disk-1', 9000],
  ['ceph:base-103-disk-0/vm-110-disk-0', 103],
  ['local:103/base-103-disk-0.qcow2/110/vm-110-disk-0.qcow2', 103],
  ['local-zfs:basevol-200-disk-0/subvol-210-disk-0', 200],
  ['local-zfs:base-103-disk-0', null],
  ['local:103/base-103-disk-0.qcow2', null],
  ['local-zfs:vm-110-disk-0', null],
  ['/mnt/base-103-disk-0/x', null],
])('%s is laid over %s', (volume, base) => expect(baseOf(volume)).toBe(base));

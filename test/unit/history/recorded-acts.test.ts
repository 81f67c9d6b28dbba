import { expect, test } from 'vitest';
import { causesOf } from '../../../src/history/causes.ts';
import { diffStates } from '../../../src/history/diff.ts';
import { normaliseConfig } from '../../../src/history/normalise.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { aTask } from '../../support/database-fixtures.ts';

/**
 * What acts on a running PVE 9.2 changed (`key: [before, after]`), by its task or by its line in the cluster's log: a
 * witness of its own beside the simulator, whose authors know the table.
 */
type Changed = { [key: string]: [before: string | number | null, after: string | number | null] };
const DISK = 'local:100/vm-100-disk-0.qcow2,size=2G';
const RECORDED: [act: string, changed: Changed][] = [
  ['update VM 100: -cores 2', { cores: [1, 2] }],
  [
    'update VM 100: -cores 1 -description first -memory 512 -tags a;b',
    { cores: [2, 1], description: ['two\nlines', 'first'], memory: ['768', '512'] },
  ],
  ['update VM 100: -delete description -scsi5 local:9000000', { description: ['first', null] }],
  [
    'update VM 100: -net0 virtio,bridge=vmbr0',
    { net0: ['virtio=BC:24:11:F0:2D:C2,bridge=vmbr0', 'virtio=BC:24:11:73:A0:43,bridge=vmbr0'] },
  ],
  ['update VM 100: -scsi1 local:1', { scsi1: [null, 'local:100/vm-100-disk-1.raw,size=1G'] }],
  [
    'update VM 100: -delete scsi1',
    { scsi1: ['local:100/vm-100-disk-2.raw,size=1G', null], unused1: [null, 'local:100/vm-100-disk-2.raw'] },
  ],
  ['update VM 100: -delete unused1', { unused1: ['local:100/vm-100-disk-2.raw', null] }],
  [
    'update VM 100: -ide2 local:iso/lab.iso,media=cdrom',
    {
      boot: ['order=scsi0;net0', 'order=scsi0;net0;ide2'],
      ide2: [null, 'local:iso/lab.iso,media=cdrom,size=13392K'],
    },
  ],
  [
    'update VM 100: -cipassword <hidden> -ciuser bob',
    { cipassword: [null, '**********'], ciuser: [null, 'bob'] },
  ],
  [
    'update VM 101: -revert net0,memory',
    {
      memory: ['1024', '512'],
      net0: ['virtio=BC:24:11:42:D6:52,bridge=vmbr8', 'virtio=BC:24:11:42:D6:52,bridge=vmbr1'],
    },
  ],
  [
    'update VM 100: -delete scsi0',
    {
      boot: ['order=scsi0;net0', 'order=net0'],
      scsi0: [DISK, null],
      unused1: [null, 'local:100/vm-100-disk-0.qcow2'],
    },
  ],
  [
    'update VM 100: resize --disk scsi0 --size +1G',
    { scsi0: ['local:100/vm-100-disk-0.qcow2,size=1G', DISK] },
  ],
  ['qmconfig', { scsi1: [null, 'local:101/vm-101-disk-1.raw,size=1G'] }],
  [
    'qmrollback',
    {
      memory: ['1024', '512'],
      net0: ['virtio=BC:24:11:00:00:01,bridge=vmbr1', 'virtio=BC:24:11:F0:2D:C2,bridge=vmbr0'],
      scsi1: ['local:100/vm-100-disk-1.raw,size=1G', null],
      unused0: [null, 'local:100/vm-100-disk-1.raw'],
      vmgenid: ['c4309e86-6bc8-430e-a470-e101f668c500', 'db848c86-fb7c-48e0-aad5-c5ac638392b1'],
    },
  ],
  ['resize', { scsi0: ['local:100/vm-100-disk-0.qcow2,size=1G', DISK] }],
  ['resize', { rootfs: ['local:200/vm-200-disk-0.raw,size=1G', 'local:200/vm-200-disk-0.raw,size=1088M'] }],
  [
    'qmmove',
    {
      scsi0: [DISK, 'dir2:100/vm-100-disk-0.qcow2,size=2G'],
      unused0: [null, 'local:100/vm-100-disk-0.qcow2'],
    },
  ],
  [
    'qmtemplate',
    { scsi0: ['local:150/vm-150-disk-0.qcow2,size=2G', 'local:150/base-150-disk-0.qcow2,size=2G'] },
  ],
];

test.each(RECORDED)('%s explains all that it changed on PVE, and no more: %o', (act, changed) => {
  const side = (n: 0 | 1) =>
    normaliseConfig(
      Object.fromEntries(
        Object.entries(changed).flatMap(([key, both]) => (both[n] === null ? [] : [[key, both[n]]])),
      ),
    );
  const fields = diffStates({ config: side(0) }, { config: side(1) });
  expect(fields.length).toBeGreaterThan(0);
  const others = [
    { path: 'config.onboot', from: 0, to: 1 },
    { path: 'pool', from: null, to: 'prod' },
    { path: 'ha', from: 'started', to: 'stopped' },
  ].filter(({ path }) => !(path === 'config.onboot' && /^qm(?:config|rollback)$/.test(act)));
  const seen = { change: 'updated', facet: 'config', windowAfter: 1_000, windowBefore: 9_000 } as const;
  const isTask = !act.includes(' ');
  const { unexplained } = causesOf(
    { ...seen, fields: [...fields, ...others] },
    isTask
      ? [aTask(1, { type: act, status: 'ok', startTime: clusterTime(5_000), endTime: clusterTime(6_000) })]
      : [],
    isTask
      ? []
      : [
          {
            id: '1',
            at: clusterTime(5_000),
            nodeId: 'pve1',
            user: 'a@pve',
            vmid: 100,
            message: act,
            pid: null,
          },
        ],
  );
  expect(unexplained).toEqual(others.map(({ path }) => path));
});

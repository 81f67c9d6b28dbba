import { expect } from 'vitest';
import type { TruthGuest } from '../../../src/simulator/index.ts';
import type { Answer } from '../../support/answer.ts';
import { type Family, question } from '../question.ts';
import { keyOf, ODD } from '../stage.ts';

const named = ({ guests }: Answer<'list_guests'>) => guests.map(row => row.resource).sort();
const those = (guests: TruthGuest[], fits: (guest: TruthGuest) => boolean) =>
  guests.filter(fits).map(keyOf).sort();
const isVm = (guest: TruthGuest) => guest.type === 'qemu';

/** Lists by any field. */
export const lists: Family = {
  title: 'Which machines ...',
  questions: [
    question({
      ask: 'Which machines start by themselves after a power cut, and in which order?',
      calls: [['list_guests', { where: ['onboot=1'], show: ['onboot', 'startup'], limit: 200 }]],
      tells: 'The guests with onboot, with their start order.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(those(guests, one => Number(one.config['onboot']) === 1));
      },
    }),
    question({
      ask: 'Which machines are on VLAN 20?',
      calls: [['list_guests', { where: ['nic.tag=20'] }]],
      tells: 'The guests with a network card in that VLAN.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(
          those(guests, one => /,tag=20(?:,|$)/.test(String(one.config['net0']))),
        );
      },
    }),
    question({
      ask: 'Which VMs lack the guest agent?',
      calls: [['list_guests', { type: 'vm', where: ['!agent'] }]],
      tells: 'The VMs whose agent option is off or not set.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(those(guests, one => isVm(one) && one.config['agent'] === undefined));
      },
    }),
    question({
      ask: 'Which machines have more than 8 GiB of memory?',
      calls: [['list_guests', { where: ['memory>8192'], show: ['memory'] }]],
      tells: 'Those guests, with their memory in MiB.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(those(guests, one => Number(one.config['memory']) > 8192));
      },
    }),
    question({
      ask: 'Which machines have a disk on nas?',
      calls: [['list_guests', { where: ['disk.storage=nas'] }]],
      tells: 'The guests with a disk there; CD-ROMs do not count.',
      check: ([answer], { guests }) => {
        const onNas = (one: TruthGuest) =>
          Object.values(one.config).some(value => /^nas:(?!iso\/)/.test(String(value)));
        expect(named(answer)).toEqual(those(guests, onNas));
        expect(named(answer)).toHaveLength(ODD.onNas.length);
      },
    }),
    question({
      ask: 'Which machines run Windows?',
      calls: [['list_guests', { where: ['ostype=win*'], show: ['ostype'] }]],
      tells: 'Those whose operating system type is one of Windows.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(those(guests, one => /^win/.test(String(one.config['ostype']))));
        expect(answer.guests.length).toBeGreaterThan(0);
      },
    }),
    question({
      ask: 'Which machines have a disk of more than 100 GB?',
      calls: [['list_guests', { where: ['disk>100G'], show: ['disk.size'] }]],
      tells: 'Those with such a disk, and the sizes of all their disks in GiB.',
      check: ([answer], { guests }) => {
        const large = (one: TruthGuest) =>
          Object.entries(one.config).some(
            ([key, value]) =>
              /^(?:scsi|ide|sata|virtio|rootfs|mp)\d*$/.test(key) &&
              Number(/size=(\d+)G/.exec(String(value))?.[1]) > 100,
          );
        expect(named(answer)).toEqual(those(guests, large));
        expect(answer.guests.length).toBeGreaterThan(0);
      },
    }),
    question({
      ask: 'Which machines should be up but are not?',
      calls: [['list_guests', { where: ['onboot=1', 'status=stopped', 'template=0'] }]],
      tells: 'Those that start at boot and are off now.',
      check: ([answer], { guests }) => {
        const isDown = (one: TruthGuest) =>
          Number(one.config['onboot']) === 1 && one.status === 'stopped' && !one.template;
        expect(named(answer)).toEqual(those(guests, isDown));
      },
    }),
    question({
      ask: 'Which machines have no tag?',
      calls: [['list_guests', { where: ['tags is empty'] }]],
      tells: 'Those; conditions may be written as in SQL.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(those(guests, one => one.tags.length === 0));
      },
    }),
    question({
      ask: 'Which running machines sit in no pool?',
      calls: [['list_guests', { where: ['pool=', 'status=running'] }]],
      tells: 'Those guests.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(those(guests, one => one.pool === null && one.status === 'running'));
      },
    }),
    question({
      ask: 'Which VMs use the CPU type host?',
      calls: [['list_guests', { type: 'vm', where: ['cpu=host'] }]],
      tells: 'Those VMs: they can be live-migrated to a like processor only.',
      check: ([answer], { guests }) => {
        expect(named(answer)).toEqual(
          those(guests, one => isVm(one) && /^host\b/.test(String(one.config['cpu']))),
        );
      },
    }),
    question({
      ask: 'How many machines run on each node, with how much memory?',
      calls: [['list_guests', { where: ['status=running'], group: ['node'] }]],
      tells: 'For each node: how many run, with their CPUs and memory.',
      check: ([{ groups }], { guests }) => {
        for (const group of groups) {
          const there = guests.filter(one => one.node === group.node);
          const running = there.filter(one => one.status === 'running');
          expect(group.running).toBe(running.length);
          const mib = running.reduce((sum, one) => sum + Number(one.config['memory']), 0);
          expect(group.memory_gib).toBeCloseTo(mib / 1024, 1);
        }
        expect(groups).toHaveLength(3);
      },
    }),
    question({
      ask: 'Are web01 and web02 configured alike?',
      calls: [['diff_state', { resource: 'web01', with: 'web02' }]],
      tells: 'What differs between them, identity aside.',
      check: ([{ differences }], { guests }) => {
        const [one, other] = ['web01', 'web02'].map(name => guests.find(guest => guest.name === name)!);
        const paths = differences.map(row => row.path);
        expect(paths).toContain('node');
        expect(paths.some(path => /uuid|macaddr|vmgenid/.test(path))).toBe(false);
        const row = differences.find(difference => difference.path === 'node')!;
        expect([row.left, row.right]).toEqual([one!.node, other!.node]);
      },
    }),
  ],
};

import { expect } from 'vitest';
import type { Answer } from '../../support/answer.ts';
import { type Family, question } from '../question.ts';
import { keyOf, ODD } from '../stage.ts';

const named = ({ findings }: Answer<'check_health'>) =>
  findings.map(one => `${one.check} ${one.resource}`).sort();

/** What is wrong, or about to be. */
export const findings: Family = {
  title: 'What is wrong',
  questions: [
    question({
      ask: 'Is anything wrong with my cluster?',
      calls: [['check_health', { severity: 'warning' }]],
      tells: 'Every finding with its evidence, since when, and what to do; nothing where all is well.',
      check: ([answer]) => {
        expect(named(answer)).toEqual([
          'backup-failed vm/109',
          'backup-of-predecessor vm/107',
          `lock-without-task vm/${ODD.locked}`,
        ]);
      },
    }),
    question({
      ask: 'Do two machines have the same MAC address?',
      calls: [['check_health', { check: 'mac-twice' }]],
      tells: 'Each such pair on one bridge and VLAN; nothing where every card has its own.',
      check: ([{ findings: found }]) => {
        expect(found).toEqual([]);
      },
    }),
    question({
      ask: 'Which VMs have a disk on IDE?',
      calls: [['check_health', { check: 'ide-disk' }]],
      tells: 'Each VM with such a disk, by key and volume; CD-ROM drives are none.',
      check: ([answer], { guests }) => {
        const onIde = guests.filter(one =>
          Object.entries(one.config).some(
            ([key, value]) => /^ide\d/.test(key) && !/media=cdrom/.test(String(value)),
          ),
        );
        expect(onIde.length).toBeGreaterThan(0);
        expect(named(answer)).toEqual(onIde.map(one => `ide-disk ${keyOf(one)}`).sort());
      },
    }),
    question({
      ask: 'Why can I not start a backup of k8s-master02?',
      calls: [['check_health', { resource: 'k8s-master02' }]],
      tells: 'That it is locked though no task works on it, and how to unlock it.',
      check: ([{ findings }]) => {
        expect(findings.map(one => one.check)).toContain('lock-without-task');
        const { what, next } = findings.find(one => one.check === 'lock-without-task')!;
        expect(`${what} ${next}`).toMatch(/locked \(snapshot\).*qm unlock/);
      },
    }),
    question({
      ask: 'Are there disks that nobody uses?',
      calls: [['check_health', { check: 'disk-unused' }]],
      tells: 'Detached volumes that still take room, by guest, and since when.',
      check: ([answer]) => {
        expect(named(answer)).toEqual([`disk-unused vm/${ODD.unused}`]);
        expect(answer.findings[0]!.evidence.volumes).toEqual([`unused0 local-zfs:vm-${ODD.unused}-disk-7`]);
      },
    }),
    question({
      ask: 'Which machines would not come back after a power cut, though their twins do?',
      calls: [['check_health', { check: 'onboot-missing' }]],
      tells: 'Running guests without onboot whose siblings by name have it.',
      check: ([answer], { guests }) => {
        for (const { resource } of answer.findings) {
          const guest = guests.find(one => keyOf(one) === resource)!;
          expect([guest.status, guest.config['onboot'], guest.ha]).toEqual(['running', undefined, null]);
        }
        expect(named(answer)).toContain('onboot-missing vm/117');
      },
    }),
    question({
      ask: 'Is a certificate about to expire, or a clock off?',
      calls: [
        ['check_health', { check: 'certificate' }],
        ['check_health', { check: 'clock' }],
      ],
      tells: 'Findings of all nodes; where there is none, which check found nothing.',
      check: ([certificate, clock]) => {
        expect([...certificate.findings, ...clock.findings]).toEqual([]);
        expect(`${certificate.hint} ${clock.hint}`).toMatch(
          /certificate-expiring found nothing.*clock-off found nothing/,
        );
      },
    }),
    question({
      ask: 'Which tasks failed today, and why?',
      calls: [['list_tasks', { result: 'error', since: '2026-11-20' }]],
      tells: 'Each failed task with its error, who began it and when; get_task shows its log.',
      check: ([{ tasks }]) => {
        const failed = tasks.map(row => `${row.type} ${row.id}`);
        expect(failed.some(one => one.startsWith('vzdump') && one.includes('109'))).toBe(true);
        expect(failed.some(one => one.startsWith('qmstart') && one.includes('106'))).toBe(true);
        expect(tasks.every(row => row.status !== 'OK')).toBe(true);
      },
    }),
  ],
};

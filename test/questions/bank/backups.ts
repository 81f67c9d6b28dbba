import { expect } from 'vitest';
import { type Family, question } from '../question.ts';
import { keyOf, ODD } from '../stage.ts';

/** Whether what is lost can be had back. */
export const backups: Family = {
  title: 'Backups',
  questions: [
    question({
      ask: 'Will the backups run tonight?',
      calls: [['get_cluster_status', {}]],
      tells:
        'How many jobs there are and are enabled, when the next one runs, when a backup last ran, and what failed; attention names a job whose storage is out of reach.',
      check: ([{ backups, attention }]) => {
        expect(backups).toMatchObject({ jobs: 1, enabled: 1, failed: 1 });
        expect(backups.next_run).toMatch(/^2026-11-21T0/);
        expect(backups.last_run).toMatch(/^2026-11-20T10:20/);
        expect(JSON.stringify(attention)).not.toContain('backup-job');
      },
    }),
    question({
      ask: 'Which machines have no backup?',
      calls: [['check_health', { check: 'backup-missing' }]],
      tells: 'Each guest without one, and whether a job will make its first.',
      check: ([{ findings }], { guests, lab }) => {
        void lab;
        const young = guests.filter(one => ['ci-clone', 'reborn', 'ct-reborn'].includes(one.name ?? ''));
        expect(findings.map(one => one.resource).sort()).toEqual(young.map(keyOf).sort());
      },
    }),
    question({
      ask: 'Which disks are in no backup?',
      calls: [['check_health', { check: 'backup-disk-left-out' }]],
      tells: 'Mount points of containers and disks that the backups of their guests leave out.',
      check: ([{ findings: found }], { guests }) => {
        const out = guests.filter(one =>
          Object.entries(one.config).some(([key, value]) =>
            one.type === 'lxc'
              ? /^mp\d+$/.test(key) && !/^\/|,backup=1/.test(String(value))
              : /backup=0/.test(String(value)),
          ),
        );
        expect(found.map(one => one.resource).sort()).toEqual(out.map(keyOf).sort());
      },
    }),
    question({
      ask: 'Did the backups work?',
      calls: [['check_health', { check: 'backup' }]],
      tells:
        'All that is wrong with backups: what failed last and has not succeeded since, with the error; who has none, or no job.',
      check: ([{ findings }]) => {
        expect(findings.every(({ check }) => check.startsWith('backup-'))).toBe(true);
        expect(new Set(findings.map(one => one.check)).size).toBeGreaterThan(2);
        const failed = findings.filter(({ check }) => check === 'backup-failed');
        expect(failed).toMatchObject([{ resource: 'vm/109', severity: 'warning' }]);
        expect(failed[0]!.what).toContain('job errors');
      },
    }),
    question({
      ask: 'Is a machine in no backup job?',
      calls: [['check_health', { check: 'backup-no-job' }]],
      tells: 'Guests that no enabled job chooses; those that were excluded on purpose only as info.',
      check: ([{ findings }]) => {
        expect(findings.map(one => `${one.severity} ${one.resource}`)).toEqual([
          `info vm/${ODD.notBackedUp}`,
        ]);
      },
    }),
    question({
      ask: 'Can I restore vm 107 from its backup?',
      calls: [['check_health', { resource: '107' }]],
      tells: 'That the backups under its VMID are of the machine that had it before.',
      check: ([{ findings }]) => {
        expect(findings.map(one => one.check)).toContain('backup-of-predecessor');
      },
    }),
    question({
      ask: 'When was db01 last backed up, and where to?',
      calls: [['get_resource', { resource: 'db01' }]],
      tells: 'How many backups it has, the newest, their size and storage.',
      check: ([{ resource }]) => {
        expect(resource.backups).toMatchObject({ count: 1, on: ['nas'] });
        expect(resource.backups.last_backup_at).toMatch(/^2026-11-20T06:00/);
      },
    }),
    question({
      ask: 'Which backups ran today?',
      calls: [['list_tasks', { type: 'backup', since: '2026-11-20T06:30:00Z' }]],
      tells: 'Each backup task with its guest, result and duration.',
      check: ([{ tasks }]) => {
        expect(tasks.map(row => `${row.id}`.replace(/.*\//, '')).sort()).toEqual(['106', '109']);
      },
    }),
  ],
};

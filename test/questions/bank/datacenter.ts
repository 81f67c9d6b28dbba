import { expect } from 'vitest';
import type { Change } from '../../support/answer.ts';
import { type Family, question } from '../question.ts';
import { keyOf, ODD } from '../stage.ts';

const first = (history: Change[], change: string) => history.find(one => one.change === change)!;

/** What is set for the datacenter as a whole, which leaves neither task nor log line. */
export const datacenter: Family = {
  title: 'Jobs, pools and high availability',
  questions: [
    question({
      ask: 'Did anybody touch the nightly backup job?',
      calls: [['show_history', { resource: 'backup-job/backup-nightly' }]],
      tells:
        'Each edit of it, field by field, with the span in which it happened; why no author can be named.',
      check: ([{ history }]) => {
        const edit = first(history, 'updated');
        expect(edit.fields).toEqual([{ path: 'exclude', from: [], to: [ODD.notBackedUp] }]);
        expect(edit).toMatchObject({
          causes: [],
          why_unknown: expect.stringContaining('neither task nor log'),
        });
      },
    }),
    question({
      ask: 'Will dev01 be backed up tonight?',
      calls: [['get_resource', { resource: `vm/${ODD.notBackedUp}`, include: ['usage'] }]],
      tells: 'The jobs that are meant for it with their next run; none where no job is.',
      check: ([{ resource }]) => {
        expect(resource.backup_jobs).toBeUndefined();
        expect(resource.backups.count).toBeGreaterThan(0);
      },
    }),
    question({
      ask: 'Who is in the pool prod, and when is it backed up?',
      calls: [
        ['get_resource', { resource: 'pool/prod' }],
        ['get_resource', { resource: 'backup-job/backup-nightly' }],
      ],
      tells:
        'The guests of the pool, and the jobs that are meant for it: for how many of them; of a job its guests and its next run.',
      check: ([{ resource: pool }, { resource: job }], { guests }) => {
        const members = guests.filter(guest => guest.pool === 'prod').map(keyOf);
        expect((pool.guests as string[]).map(one => one.split(' ')[0]).sort()).toEqual(members.sort());
        const all = `${members.length} of ${members.length}`;
        expect(pool.backup_jobs).toMatchObject([{ job: 'backup-job/backup-nightly', guests: all }]);
        expect(job.next_run_at).toMatch(/^2026-11-21T0/);
        const meant = (job.guests as string[]).map(one => one.split(' ')[0]);
        expect(meant.sort()).toEqual(
          guests
            .filter(guest => guest.vmid !== ODD.notBackedUp)
            .map(keyOf)
            .sort(),
        );
      },
    }),
    question({
      ask: 'Since when is k8s-worker01 under high availability?',
      calls: [['show_history', { resource: `ha/vm:${ODD.ha}` }]],
      tells:
        'When it came under it, within the span of two looks, and every change of what is asked for since.',
      check: ([{ history }]) => {
        expect(first(history, 'created').window.before).toMatch(/^2026-11-20T22:0/);
      },
    }),
    question({
      ask: 'Where is the storage nas used besides by guests?',
      calls: [['find_resources', { query: 'nas' }]],
      tells:
        'Everything that names it: the storage itself, backup jobs, disks of guests, each with the field.',
      check: ([{ matches }]) => {
        expect(matches).toContainEqual(
          expect.objectContaining({ resource: 'backup-job/backup-nightly', field: 'storage', value: 'nas' }),
        );
        for (const vmid of ODD.onNas) expect(matches.some(one => one.resource === `vm/${vmid}`)).toBe(true);
      },
    }),
  ],
};

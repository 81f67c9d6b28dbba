import { badParameters } from '../api-error.ts';
import { shownName } from '../guest-facts.ts';
import type { Route } from '../route.ts';
import type { BackupJob, Guest } from '../types.ts';

const check = { on: '/', privileges: ['Sys.Audit'] };

/** Backup jobs and which guests none of them covers. */
export const backupRoutes: Route[] = [
  {
    path: '/cluster/backup',
    check,
    answer: ({ state }) =>
      state.backupJobs.map(job => ({ ...job, type: 'vzdump', 'next-run': state.clock.seconds() + 3600 * 5 })),
  },
  {
    path: '/cluster/backup/{id}',
    check,
    answer: ({ state, path }) => {
      const job = state.backupJobs.find(one => one.id === path.id);
      if (job === undefined) throw badParameters({ id: `No such job '${path.id}'` });
      return { ...job, type: 'vzdump' };
    },
  },
  {
    path: '/cluster/backup-info/not-backed-up',
    check,
    answer: ({ state }) =>
      [...state.guests.values()]
        .filter(guest => !state.backupJobs.some(job => covers(job, guest)))
        .map(guest => ({ vmid: guest.vmid, type: guest.type, name: shownName(guest) })),
  },
];

function covers(job: BackupJob, guest: Guest): boolean {
  const id = String(guest.vmid);
  if (job.enabled !== 1 || job.exclude?.split(',').includes(id)) return false;
  return (
    job.all === 1 ||
    job.vmid?.split(',').includes(id) === true ||
    (job.pool !== undefined && job.pool === guest.pool)
  );
}

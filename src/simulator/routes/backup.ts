import { badParameters } from '../api-error.ts';
import { shownName } from '../guest-facts.ts';
import type { Route } from '../route.ts';
import { day, hour, second } from '../timing.ts';
import type { BackupJob, Guest } from '../types.ts';

const check = { on: '/', privileges: ['Sys.Audit'] };

/** Backup jobs, and the guests that none of them covers. */
export const backupRoutes: Route[] = [
  {
    path: '/cluster/backup',
    check,
    answer: ({ state }) =>
      state.backupJobs.map(job => ({
        ...job,
        type: 'vzdump',
        'next-run': nextRun(job.schedule, state.clock.now()) / second,
      })),
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

/** The next `01:00` or `sat 03:00` (UTC) after a moment (ms); for any other schedule, some hours later. */
function nextRun(schedule: string, now: number): number {
  const [, weekday, hours, minutes] = /^(?:([a-z]{3})[a-z]* )?(\d\d?):(\d\d)$/.exec(schedule) ?? [];
  if (hours === undefined) return Math.floor(now / second) * second + 5 * hour;
  const midnight = Math.floor(now / day) * day;
  const at = midnight + Number(hours) * hour + Number(minutes) * 60 * second;
  const fits = (time: number) =>
    time > now && (weekday === undefined || new Date(time).toUTCString().toLowerCase().startsWith(weekday));
  return [0, 1, 2, 3, 4, 5, 6, 7].map(days => at + days * day).find(fits)!;
}

function covers(job: BackupJob, guest: Guest): boolean {
  const id = String(guest.vmid);
  if (job.enabled !== 1 || job.exclude?.split(',').includes(id)) return false;
  return (
    job.all === 1 ||
    job.vmid?.split(',').includes(id) === true ||
    (job.pool !== undefined && job.pool === guest.pool)
  );
}

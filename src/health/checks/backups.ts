import { formatTime } from '../../history/moment.ts';
import { counted } from '../../text/counted.ts';
import { covers, longestPauseDays, selects } from '../backup-jobs.ts';
import type { Check, Unjudged } from '../check.ts';
import type { GuestHealth, HealthFacts } from '../facts.ts';

const DAY_MS = 86_400_000;
/** Allowance for runs that begin late, wait in a queue and take time (days). */
const GRACE_DAYS = 1.5;
/** How old the latest backup of a guest without a job may be (days). */
const WITHOUT_JOB_DAYS = 30;

/** Guests whose backups can be judged: templates are backed up by hand, if at all. */
function judged({ guests, backups }: HealthFacts): GuestHealth[] {
  return guests.filter(guest => !guest.template && !backups.unjudged.has(guest.key));
}

function* incomplete({ backups }: HealthFacts): Generator<Unjudged> {
  if (!backups.complete) yield { what: { code: 'backups' }, reason: { code: 'not-all-backups-seen' } };
}

/** Somebody decided that this guest needs no backup. */
function isExcluded({ jobs }: HealthFacts, guest: GuestHealth): boolean {
  return (jobs ?? []).some(job => job.enabled && job.exclude.includes(guest.id));
}

/** Why no job backs up a guest, in words; null if one does, or if that is unknown. */
function withoutJob(facts: HealthFacts, guest: GuestHealth): string | null {
  const { jobs } = facts;
  if (jobs === null || jobs.some(job => covers(job, guest))) return null;
  if (isExcluded(facts, guest)) return 'excluded from the backup job on purpose';
  return jobs.some(job => selects(job, guest))
    ? 'in no enabled backup job, only in a disabled one'
    : 'in no backup job';
}

/** The longest expected time between two backups of a guest (days); null if it is in no job. */
function pauseOf({ jobs }: HealthFacts, guest: GuestHealth): number | null {
  const pauses = (jobs ?? []).filter(job => covers(job, guest)).map(job => longestPauseDays(job.schedule));
  return pauses.length === 0 ? null : Math.min(...pauses);
}

/** A guest without any backup. */
export const backupMissing: Check = {
  name: 'backup-missing',
  severity: 'warning',
  reason: 'A guest without a backup is lost with its disk, or with one wrong command.',
  evidence: 'Backups on every storage, when they were looked for, and whether a job will make one.',
  next: 'back it up now, and put it into a backup job',
  reads: 'guests',
  unjudged: incomplete,
  *find(facts) {
    const { backups, now, timeZone } = facts;
    if (!backups.complete || backups.readAt === null) return;
    for (const guest of judged(facts)) {
      if (backups.newest.has(guest.key)) continue;
      const pause = pauseOf(facts, guest);
      const isNew =
        pause !== null && guest.createdAt !== null && now - guest.createdAt < (pause + GRACE_DAYS) * DAY_MS;
      const excluded = isExcluded(facts, guest);
      const predecessors = backups.ofPredecessor.has(guest.key)
        ? ' (only of the guest that had its VMID before)'
        : '';
      const without = withoutJob(facts, guest);
      const outlook = isNew
        ? ', but a job will make its first one'
        : without === null
          ? ''
          : `, and ${without}`;
      yield {
        resource: guest.key,
        what: `no backup at ${formatTime(backups.readAt, timeZone)}${predecessors}${outlook}`,
        evidence: {
          looked_for_at: formatTime(backups.readAt, timeZone),
          in_enabled_job: facts.jobs === null ? null : pause !== null,
          ...(excluded && { excluded_by_job: true }),
        },
        severity: isNew || excluded ? 'info' : undefined,
      };
    }
  },
};

/** A guest whose latest backup is older than its job's schedule allows. */
export const backupStale: Check = {
  name: 'backup-stale',
  severity: 'warning',
  reason:
    'What happened since the latest backup is lost with the guest; a job that should have made a newer one did not.',
  evidence: `The latest backup and its age, and how often the guest's job runs (${WITHOUT_JOB_DAYS} days where it has none).`,
  next: 'list_tasks with type backup tells what became of the latest runs',
  reads: 'guests',
  *find(facts) {
    const { backups, now, timeZone } = facts;
    for (const guest of judged(facts)) {
      const newest = backups.newest.get(guest.key);
      if (newest === undefined || isExcluded(facts, guest)) continue;
      const pause = pauseOf(facts, guest);
      const days = Math.floor((now - newest) / DAY_MS);
      const allowed = pause === null ? WITHOUT_JOB_DAYS : pause + GRACE_DAYS;
      if (now - newest <= allowed * DAY_MS) continue;
      const due =
        pause === null ? '' : `, and its job runs every ${pause === 1 ? 'day' : counted(pause, 'day')}`;
      yield {
        resource: guest.key,
        what: `its latest backup is ${counted(days, 'day')} old${due}`,
        evidence: { last_backup_at: formatTime(newest, timeZone), age_days: days, job_every_days: pause },
        since: { at: newest },
      };
    }
  },
};

/** Backups under a guest's VMID that belong to another guest. */
export const backupOfPredecessor: Check = {
  name: 'backup-of-predecessor',
  severity: 'warning',
  reason:
    'Backups older than the guest are of whoever had its VMID before: restoring one brings back another machine.',
  evidence: 'Backups under its VMID from before it was created, and none since.',
  next: 'back it up; rename or move the older backups if they are still needed',
  reads: 'guests',
  *find(facts) {
    const { backups } = facts;
    for (const guest of judged(facts)) {
      if (!backups.ofPredecessor.has(guest.key) || backups.newest.has(guest.key)) continue;
      yield {
        resource: guest.key,
        what: 'the only backups under its VMID are of the guest that had it before',
        evidence: { own_backups: backups.complete ? 0 : 'none seen' },
      };
    }
  },
};

/** A guest that no enabled job backs up. */
export const backupNoJob: Check = {
  name: 'backup-no-job',
  severity: 'warning',
  reason: 'A guest in no backup job is backed up only when somebody thinks of it.',
  evidence: 'The enabled jobs and whom they choose: all but some, by VMID, by pool, by node.',
  next: 'add it to a backup job, or exclude it there if it needs none',
  reads: 'guests',
  saidBy: 'backup-missing',
  *unjudged({ jobs }) {
    if (jobs === null) yield { what: { code: 'backup-jobs' }, reason: { code: 'jobs-not-readable' } };
  },
  *find(facts) {
    const { jobs, guests } = facts;
    if (jobs === null || !guests.some(guest => !guest.template)) return;
    if (jobs.length === 0) {
      yield { resource: 'cluster', what: 'there is no backup job', evidence: { jobs: 0 } };
      return;
    }
    // If all jobs are disabled, that is a finding of its own, and the cause of this one.
    if (!jobs.some(job => job.enabled)) return;
    for (const guest of guests) {
      const what = guest.template ? null : withoutJob(facts, guest);
      if (what === null) continue;
      const disabled = jobs.filter(job => selects(job, guest)).map(job => job.id);
      yield {
        resource: guest.key,
        what,
        evidence: { disabled_jobs: disabled, pool: guest.pool },
        severity: isExcluded(facts, guest) ? 'info' : undefined,
      };
    }
  },
};

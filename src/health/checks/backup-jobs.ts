import { counted } from '../../text/counted.ts';
import { covers } from '../backup-jobs.ts';
import type { Check } from '../check.ts';
import type { HealthFacts, JobHealth, StorageHealth } from '../facts.ts';
import { isOn, reachOf } from '../placement.ts';
import { shortList } from '../words.ts';

/** A job as people know it: its name, and when it runs. */
function called({ id, schedule }: JobHealth): string {
  return schedule === null ? id : `${id} (${schedule})`;
}

/** Nothing at all will be backed up. */
export const backupJobsDisabled: Check = {
  name: 'backup-jobs-disabled',
  severity: 'critical',
  reason: 'With every job disabled nothing is backed up any more, and no task fails to tell.',
  evidence: 'All backup jobs with their schedules.',
  next: 'enable the jobs under Datacenter, Backup',
  *find({ jobs }) {
    if (jobs === null || jobs.length === 0 || jobs.some(job => job.enabled)) return;
    yield {
      resource: 'cluster',
      what:
        jobs.length === 1
          ? 'the only backup job is disabled: no backups will run'
          : `all ${jobs.length} backup jobs are disabled: no backups will run`,
      evidence: { jobs: jobs.map(called) },
    };
  },
};

/** A job that cannot store its backups. */
export const backupJobStorage: Check = {
  name: 'backup-job-storage',
  severity: 'critical',
  reason: 'A job whose storage is disabled, out of reach or not meant for backups fails every time it runs.',
  evidence: 'The storage of each enabled job, how it is defined, and which nodes reach it.',
  next: 'mend the storage before the next run, or choose another one',
  *find(facts) {
    for (const job of facts.jobs ?? []) {
      if (!job.enabled || job.storage === null) continue;
      const storage = facts.storages.find(one => one.id === job.storage);
      // A storage that is not seen may exist; only if every storage can be seen is one known to be missing.
      if (storage === undefined ? !facts.backups.complete : storage.out !== null) continue;
      const nodes = nodesOf(job, facts);
      const fault = storage === undefined ? { why: 'does not exist' } : faultOf(storage, nodes);
      if (fault === null) continue;
      yield {
        resource: `backup-job/${job.id}`,
        what: `stores on storage/${job.storage}, which ${fault.why}`,
        evidence: { storage: job.storage, schedule: job.schedule, nodes },
        severity: 'partly' in fault ? 'warning' : undefined,
      };
    }
  },
};

/** The nodes with guests that a job backs up; all nodes if not all guests were read. */
function nodesOf(job: JobHealth, { guests, nodes, isGlance }: HealthFacts): string[] {
  if (job.node !== null) return [job.node];
  if (isGlance) return nodes.filter(node => !node.left).map(node => node.id);
  return [...new Set(guests.filter(guest => covers(job, guest)).map(guest => guest.node))].sort();
}

function faultOf(storage: StorageHealth, nodes: string[]): { why: string; partly?: true } | null {
  if (!storage.enabled) return { why: 'is disabled' };
  if (!storage.content.includes('backup')) return { why: 'does not hold backups' };
  const lacking = nodes.filter(node => !isOn(storage, node) || reachOf(storage, node) === false);
  if (lacking.length === 0) return null;
  const every = lacking.length === nodes.length;
  const why = `${shortList(lacking)} cannot reach`;
  return every ? { why: `none of its nodes reaches (${shortList(lacking)})` } : { why, partly: true };
}

/** A job that backs up no guest. */
export const backupJobEmpty: Check = {
  name: 'backup-job-empty',
  severity: 'info',
  reason:
    'An enabled job that chooses no guest any more, such as by a pool that is gone, succeeds and backs nothing up.',
  evidence: 'Whom the job chooses, and how many of them exist.',
  next: 'correct its selection, or remove it',
  reads: 'guests',
  *find(facts) {
    // Without seeing all guests, nobody can tell that a job selects none.
    if (facts.guests.length === 0 || !facts.backups.complete) return;
    for (const job of facts.jobs ?? []) {
      if (!job.enabled || facts.guests.some(guest => covers(job, guest))) continue;
      const selection = job.pool !== null ? `pool ${job.pool}` : counted(job.vmids.length, 'VMID');
      yield {
        resource: `backup-job/${job.id}`,
        what: `enabled, but it backs up nobody: ${job.all ? 'all are excluded or elsewhere' : `${selection} holds no guest`}`,
        evidence: { pool: job.pool, vmids: job.vmids.map(String), node: job.node },
      };
    }
  },
};

import { formatTime } from '../../history/moment.ts';
import { LOCKS } from '../../model/status.ts';
import { counted } from '../../text/counted.ts';
import type { Check } from '../check.ts';
import type { Failure, GuestHealth, HealthFacts } from '../facts.ts';

const DAY_MS = 86_400_000;
/** Allowance for rows that lag behind and clocks read in whole seconds (ms). */
const SLACK_MS = 20_000;

function evidenceOf(failure: Failure, timeZone: string) {
  return {
    task: failure.upid,
    user: failure.user,
    times: failure.times,
    last_at: formatTime(failure.lastAt, timeZone),
    error: failure.exitStatus,
  };
}

function isBackup({ type }: Failure): boolean {
  return type === 'vzdump';
}

function isAgain(failure: Failure): boolean {
  return failure.times > 1 && !failure.mended;
}

/** The latest backup failed, and none has succeeded since. */
export const backupFailed: Check = {
  name: 'backup-failed',
  severity: 'warning',
  reason:
    'The backup that failed is missing when it is needed, and the cause often stands for the next one too.',
  evidence: 'Backup tasks of the last seven days: the last failure, and that none succeeded after it.',
  next: 'get_task with its log tells why; then run the backup again',
  *find({ tasks, timeZone }) {
    for (const failure of tasks.failures) {
      if (!isBackup(failure) || failure.mended) continue;
      const again =
        failure.times > 1
          ? `, ${counted(failure.times, 'time')} since ${formatTime(failure.firstAt, timeZone)}`
          : '';
      yield {
        resource: failure.resource,
        what: `vzdump failed at ${formatTime(failure.lastAt, timeZone)} (${failure.user})${again}: ${failure.exitStatus}`,
        evidence: evidenceOf(failure, timeZone),
        since: { at: failure.firstAt },
      };
    }
  },
};

/** The same task fails repeatedly. */
export const taskFailing: Check = {
  name: 'task-failing',
  severity: 'warning',
  reason: 'A task that failed again after it was repeated will not mend itself.',
  evidence: 'Failures of one kind at one thing in the last seven days without a success since.',
  next: 'get_task with its log tells why',
  *find({ tasks, timeZone }) {
    for (const failure of tasks.failures) {
      if (isBackup(failure) || !isAgain(failure)) continue;
      yield {
        resource: failure.resource,
        what: `${failure.type} failed ${counted(failure.times, 'time')}, last at ${formatTime(failure.lastAt, timeZone)} (${failure.user}): ${failure.exitStatus}`,
        evidence: evidenceOf(failure, timeZone),
        since: { at: failure.firstAt },
      };
    }
  },
};

/** A task that failed recently, in case nobody has noticed. */
export const taskFailed: Check = {
  name: 'task-failed',
  severity: 'info',
  reason: 'What failed in the last 24 hours may still wait to be done.',
  evidence: 'The task, who began it, its error, and whether the same has succeeded since.',
  next: 'get_task with its log tells why',
  *find({ tasks, timeZone, now }) {
    for (const failure of tasks.failures) {
      const reported = isBackup(failure) ? !failure.mended : isAgain(failure);
      if (reported || now - failure.lastAt > DAY_MS) continue;
      yield {
        resource: failure.resource,
        what: `${failure.type} failed at ${formatTime(failure.lastAt, timeZone)} (${failure.user}): ${failure.exitStatus}`,
        evidence: { ...evidenceOf(failure, timeZone), succeeded_since: failure.mended },
        since: { at: failure.lastAt },
      };
    }
  },
};

/** A lock left behind by a task that no longer runs. */
export const lockWithoutTask: Check = {
  name: 'lock-without-task',
  severity: 'warning',
  reason:
    'A lock that a task left behind, such as when its node lost power, refuses every start, edit and backup.',
  evidence: 'The lock, and that no task that could hold it ran when it was seen.',
  next: 'make sure that nothing works on it, then qm unlock VMID or pct unlock VMID',
  *unjudged({ tasks }) {
    if (tasks.ownOnly)
      yield {
        what: { code: 'locks' },
        reason: { code: 'own-tasks-only' },
      };
  },
  *find(facts) {
    for (const guest of facts.guests) {
      const { lock } = guest;
      if (lock === null || Object.hasOwn(LOCKS, lock) || guest.out !== null) continue;
      if (!canTell(guest, facts) || isHeld(guest, facts)) continue;
      yield {
        resource: guest.key,
        what: `locked (${lock}), but no task works on it`,
        evidence: { lock, seen_at: formatTime(guest.seenAt!, facts.timeZone) },
      };
    }
  },
};

/** Only if its node's tasks were read after the lock was seen is it known that none held it. */
function canTell({ seenAt, node }: GuestHealth, { tasks }: HealthFacts): boolean {
  return (
    !tasks.ownOnly &&
    seenAt !== null &&
    tasks.readAt !== null &&
    tasks.readAt >= seenAt &&
    tasks.nodes.includes(node)
  );
}

/** A clone and a restore are tasks of another guest; a whole backup job is one of its node. */
function isHeld({ key, node, lock, seenAt }: GuestHealth, { tasks }: HealthFacts): boolean {
  const isOfOther = lock === 'clone' || lock === 'create';
  const mayHold = (task: { type: string; resource: string | null; node: string }) =>
    task.resource === key ||
    (isOfOther && /^(?:qm|vz)(?:clone|create|restore)$/.test(task.type)) ||
    (task.type === 'vzdump' && task.node === node && !/^(?:vm|container)\//.test(task.resource ?? ''));
  return (
    tasks.running.some(mayHold) ||
    tasks.ended.some(task => mayHold(task) && task.endedAt >= seenAt! - SLACK_MS)
  );
}

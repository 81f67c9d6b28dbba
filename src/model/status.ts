/*
 * What the words that Proxmox VE shows as a status mean. Filters, sums, attention and docs/statuses.md follow these
 * tables.
 */

/** What is known of one status of a guest. */
export interface StatusMeaning {
  /** What people call it: filters take this word besides Proxmox's own. */
  called: string;
  /** It has a process, so its memory and processors count as in use. */
  process: boolean;
  /** It passes by itself within a snapshot, rollback, migration or resumption: history leaves it out. */
  passing?: true;
  /** Somebody has to do something about it: why, and what. */
  trouble?: Trouble;
}

/** Why something needs attention, and what to do next. */
export interface Trouble {
  why: string;
  next: string;
}

const passing: StatusMeaning = { called: 'running', process: true, passing: true };
const halted = (why: string, next: string): StatusMeaning => ({
  called: 'error',
  process: true,
  trouble: { why, next },
});

/** Statuses of guests: `RunState` in QEMU's QMP schema, those of containers, and what a row shows where neither is known. */
export const GUEST_STATUSES: Readonly<Record<string, StatusMeaning>> = {
  running: { called: 'running', process: true },
  stopped: { called: 'stopped', process: false },
  paused: { called: 'paused', process: true },
  suspended: { called: 'suspended', process: true },
  prelaunch: { called: 'paused', process: true },
  preconfig: { called: 'paused', process: true },
  debug: { called: 'paused', process: true },
  frozen: { called: 'paused', process: true },
  colo: { called: 'running', process: true },
  'io-error': halted(
    'a disk could not be read or written, and QEMU halted it',
    'see that its storage is reachable and not full, then resume it',
  ),
  'internal-error': halted(
    'QEMU halted it after an error of its own',
    "look at the node's journal, then reset or stop and start it",
  ),
  'guest-panicked': halted('its kernel panicked', 'look at its console, then reset it'),
  watchdog: halted('its watchdog ran out, and QEMU halted it', 'look at its console, then reset it'),
  shutdown: halted('it has shut down, but its process is still there', 'stop it, then start it again'),
  inmigrate: passing,
  postmigrate: passing,
  'finish-migrate': passing,
  'save-vm': passing,
  'restore-vm': passing,
  unknown: { called: 'unknown', process: false },
};

/** Any status that the table does not know, as a newer version may have: only a process has such. */
export const OTHER_STATUS: StatusMeaning = { called: 'other', process: true };

/** What a guest's status means; of a word that is not known, that it has a process. */
export function guestStatus(word: string): StatusMeaning {
  return Object.hasOwn(GUEST_STATUSES, word) ? GUEST_STATUSES[word]! : OTHER_STATUS;
}

/** Whether a guest in this status has a process; null and undefined mean not known. */
export function hasProcess(status: string | null | undefined): boolean {
  return guestStatus(status ?? 'unknown').process;
}

/** A stopped VM with this lock is suspended to disk: its memory lies there. */
export const HIBERNATED = { status: 'stopped', lock: 'suspended' } as const;

/** The status a guest is shown in: a VM suspended to disk is `suspended`, as people call it. */
export function shownStatus(status: string | null | undefined, lock: string | null | undefined): string {
  if (status === HIBERNATED.status && lock === HIBERNATED.lock) return 'suspended';
  return status ?? 'unknown';
}

/** Whether a guest that is shown in this status is asked for by this word: Proxmox's own, or what people call it. */
export function isStatus(shown: string, asked: string): boolean {
  return shown === asked || guestStatus(shown).called === asked;
}

/** The statuses of the table that a word asks for; those that it does not know are asked for by `OTHER_STATUS`. */
export function statusesCalled(asked: string): string[] {
  return Object.keys(GUEST_STATUSES).filter(word => isStatus(word, asked));
}

const lasting = Object.entries(GUEST_STATUSES).filter(([, meaning]) => !meaning.passing);

/** Every word that finds guests by their status, the plainest first. */
export const GUEST_STATUS_WORDS: readonly string[] = [
  ...new Set([...lasting.map(([, { called }]) => called), OTHER_STATUS.called]),
  ...lasting.flatMap(([word, { called }]) => (word === called ? [] : [word])),
];

/** States of high availability that a person requested or must act on; the manager's steps in between are not among them. */
export const HA_STATES: Readonly<Record<string, { trouble?: Trouble }>> = {
  started: {},
  stopped: {},
  disabled: {},
  ignored: {},
  error: {
    trouble: {
      why: 'HA state error: high availability gave up on it',
      next: 'mend the cause its tasks tell, then set its HA state to disabled and back to started',
    },
  },
  fence: {
    trouble: {
      why: 'HA state fence: its node is being fenced',
      next: 'wait for its recovery elsewhere, and look at the node',
    },
  },
};

/** Locks that last until somebody acts; the others (backup, snapshot, migrate, clone, rollback ...) pass by themselves. */
export const LOCKS: Readonly<Record<string, { trouble?: Trouble }>> = {
  suspended: {
    trouble: { why: 'suspended to disk', next: 'start it to go on where it was' },
  },
  suspending: {},
};

/** Words of a table that need attention. */
export function troubled(table: Readonly<Record<string, { trouble?: Trouble }>>): string[] {
  return Object.keys(table).filter(word => table[word]!.trouble !== undefined);
}

/** Statuses of nodes; `unknown` where it cannot be judged. */
export const NODE_STATUSES = ['online', 'offline', 'unknown'] as const;

/** Statuses of storages as lists show them; one that some nodes do not reach is `unreachable from pve2`. */
export const STORAGE_STATUSES = ['available', 'unreachable', 'disabled', 'unknown'] as const;

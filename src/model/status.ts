/*
 * The meaning of the words that Proxmox VE shows as a status. Filters, sums, attention and docs/statuses.md follow these
 * tables.
 */

/** The meaning of one status of a guest. */
export interface StatusMeaning {
  /** What people call it: filters accept this word besides Proxmox's own. */
  called: string;
  /** The guest has a process, so its memory and CPUs count as in use. */
  process: boolean;
  /** It passes by itself during a snapshot, rollback, migration or resumption: history leaves it out. */
  passing?: true;
  /** Somebody has to act: why, and what to do. */
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

/** Any status not in the table, as a newer version may have: only a process can have one. */
export const OTHER_STATUS: StatusMeaning = { called: 'other', process: true };

/** The meaning of a guest's status; an unknown word means that it has a process. */
export function guestStatus(word: string): StatusMeaning {
  return Object.hasOwn(GUEST_STATUSES, word) ? GUEST_STATUSES[word]! : OTHER_STATUS;
}

/** Whether a guest in this status has a process; null and undefined mean that it is not known. */
export function hasProcess(status: string | null | undefined): boolean {
  return guestStatus(status ?? 'unknown').process;
}

/** A stopped VM with this lock is suspended to disk, with its memory. */
export const HIBERNATED = { status: 'stopped', lock: 'suspended' } as const;

/** The status in which a guest is shown: a VM suspended to disk is `suspended`. */
export function shownStatus(status: string | null | undefined, lock: string | null | undefined): string {
  if (status === HIBERNATED.status && lock === HIBERNATED.lock) return 'suspended';
  return status ?? 'unknown';
}

/** Whether this word asks for guests shown in this status: Proxmox's own word, or what people call it. */
export function isStatus(shown: string, asked: string): boolean {
  return shown === asked || guestStatus(shown).called === asked;
}

/** The statuses in the table that a word asks for; other statuses are asked for by `OTHER_STATUS`. */
export function statusesCalled(asked: string): string[] {
  return Object.keys(GUEST_STATUSES).filter(word => isStatus(word, asked));
}

const lasting = Object.entries(GUEST_STATUSES).filter(([, meaning]) => !meaning.passing);

/** Every word that finds guests by their status, the commonest first. */
export const GUEST_STATUS_WORDS: readonly string[] = [
  ...new Set([...lasting.map(([, { called }]) => called), OTHER_STATUS.called]),
  ...lasting.flatMap(([word, { called }]) => (word === called ? [] : [word])),
];

/** HA states that a person requested, or has to act on; the manager's passing states are not among them. */
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

/** Locks that last until somebody acts; others (backup, snapshot, migrate, clone, rollback ...) pass by themselves. */
export const LOCKS: Readonly<Record<string, { trouble?: Trouble }>> = {
  suspended: {
    trouble: { why: 'suspended to disk', next: 'start it to go on where it was' },
  },
  suspending: {},
};

/** The words of a table that need attention. */
export function troubled(table: Readonly<Record<string, { trouble?: Trouble }>>): string[] {
  return Object.keys(table).filter(word => table[word]!.trouble !== undefined);
}

/** Statuses of nodes; `unknown` where it cannot be determined. */
export const NODE_STATUSES = ['online', 'offline', 'unknown'] as const;

/** Statuses of storages in lists; one that only some nodes cannot reach is `unreachable from pve2`. */
export const STORAGE_STATUSES = ['available', 'unreachable', 'disabled', 'unknown'] as const;

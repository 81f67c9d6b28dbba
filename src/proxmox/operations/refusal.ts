import { oneLine } from '../proxmox-error.ts';
import type { Operation } from './operation.ts';

/**
 * Why Proxmox refused a write. `busy`: another call held the guest's configuration for 10 s. `protected`: protection mode.
 * `power`: it is already running, or not running. `invalid`: parameters this version does not accept. `unplugged`: a device could
 * not be plugged or unplugged. `failed`: anything else, in Proxmox's words.
 */
export type RefusalCode =
  | 'digest-moved'
  | 'locked'
  | 'busy'
  | 'unauthorized'
  | 'forbidden'
  | 'no-quorum'
  | 'missing'
  | 'protected'
  | 'power'
  | 'invalid'
  | 'unplugged'
  | 'failed';

/**
 * What a refused write may have left behind. `perhaps`: read what is pending, since a VM's keys are written one by one.
 * `pending`: the values of `keys` wait for a restart, all others were written. `live`: what a running container took before the
 * failure stays in force, while its configuration is unchanged.
 */
export type Leftover = 'nothing' | 'perhaps' | 'pending' | 'live';

/** A write that Proxmox answered with an error, or whose task ended with one. */
export interface Refusal {
  code: RefusalCode;
  /** What Proxmox said, as one line without secrets. */
  says: string;
  leaves: Leftover;
  /** The keys whose values wait (`pending`), or that Proxmox complained about. */
  keys: readonly string[];
  /** For `locked`: what holds the lock, such as `backup`. */
  lock?: string;
}

/** The parts of an error answer that tell one refusal from another. */
export interface ErrorAnswer {
  status: number;
  /** The reason phrase. */
  reason: string;
  /** Complaints by key (400). */
  errors?: Readonly<Record<string, string>> | undefined;
}

/** Whether the error says that the node in the path was not reached at all: no connection, or no such name. */
export function neverArrived(status: number, reason: string): boolean {
  return status === 595 || (status === 500 && reason.startsWith('hostname lookup'));
}

/** The refusal for an error answer (400, 401, 403, 500, 501, 506) to an operation. */
export function refusalOf(operation: Operation, answer: ErrorAnswer): Refusal {
  const complaints = Object.entries(answer.errors ?? {}).map(([key, text]) => `${key}: ${text}`);
  const says = oneLine([answer.reason, ...complaints].join(' '));
  const keys = Object.keys(answer.errors ?? {});
  if (answer.status === 401) return { code: 'unauthorized', says, leaves: 'nothing', keys };
  if (answer.status === 400) return complained(operation, says, keys);
  if (answer.status === 501 || answer.status === 506)
    return { code: 'invalid', says, leaves: 'nothing', keys };
  // A 403 before anything is written looks like one after some keys were.
  if (answer.status === 403) return { code: 'forbidden', says, leaves: keyByKey(operation), keys };
  return said(operation, says, keys);
}

/** The refusal for a task that ended with an error. */
export function taskRefusal(operation: Operation, exitstatus: string): Refusal {
  const says = oneLine(exitstatus);
  const complaint = /^400 Parameter verification failed\.\s*(.*)$/s.exec(says)?.[1];
  if (complaint === undefined) return said(operation, says, []);
  const keys = [...complaint.matchAll(/(?:^|\s)([a-z]+\d*): (?=hotplug problem|unable to)/g)].map(
    ([, key]) => key!,
  );
  return complained(operation, says, keys);
}

function complained(operation: Operation, says: string, keys: readonly string[]): Refusal {
  if (/hotplug problem/.test(says)) return { code: 'unplugged', says, leaves: 'pending', keys };
  if (/unable to (?:hotplug|apply pending change)/.test(says))
    return { code: 'unplugged', says, leaves: 'live', keys };
  // Complaints about the schema come before anything is written; unknown words may come later.
  const early = operation.kind !== 'config' || keys.length > 0;
  return { code: 'invalid', says, leaves: early ? 'nothing' : keyByKey(operation), keys };
}

/** What Proxmox says before it writes anything, tried in this order. */
const EARLY: readonly (readonly [RefusalCode, RegExp])[] = [
  ['digest-moved', /checksum mismatch|detected modified configuration/],
  ['locked', /\b(?:VM|CT) is locked\b/],
  ['busy', /can't lock file .* got timeout|got lock request timeout/],
  ['no-quorum', /no quorum/],
  ['missing', /does not exist$/],
  ['power', /already running$|\bnot running$/],
  ['protected', /protection mode enabled/],
  ['forbidden', /^(?:403 )?Permission check failed|: 403 Permission check failed/],
  ['invalid', /^only root can|unable to modify read-only option|unable to delete required option/],
];

/** A VM may also say these after it has written other keys of the same request. */
const PERHAPS_LATE = new Set<RefusalCode>(['protected', 'forbidden', 'missing']);

function said(operation: Operation, says: string, keys: readonly string[]): Refusal {
  const code = EARLY.find(([, words]) => words.test(says))?.[0];
  if (code === undefined) return { code: 'failed', says, leaves: keyByKey(operation), keys };
  const lock = code === 'locked' ? /locked \(([^)]+)\)/.exec(says)?.[1] : undefined;
  const leaves = PERHAPS_LATE.has(code) ? keyByKey(operation) : 'nothing';
  return { code, says, leaves, keys, ...(lock !== undefined && { lock }) };
}

/** What an operation may have left that failed at an unknown point. */
function keyByKey({ kind, guest }: Operation): Leftover {
  if (kind !== 'config' && kind !== 'revert') return kind === 'snapshot' ? 'perhaps' : 'nothing';
  return guest.type === 'vm' ? 'perhaps' : 'live';
}

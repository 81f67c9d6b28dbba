import { oneLine } from '../proxmox-error.ts';
import type { Operation } from './operation.ts';

/**
 * What Proxmox refused a write for. `busy`: another call held the guest's configuration for 10 s. `protected`: protection
 * mode. `power`: it is (or is not) running already. `invalid`: parameters this version does not take. `unplugged`: a
 * device could not be plugged or unplugged. `failed`: anything else, in Proxmox's words.
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
 * What a refused write may have left: `nothing`; `perhaps`: read what waits, a VM's keys are written one by one;
 * `pending`: the values of `keys` wait for a restart, all other keys were written; `live`: what a running container took
 * before the failure stays in force in it, its configuration is as it was.
 */
export type Leftover = 'nothing' | 'perhaps' | 'pending' | 'live';

/** A write that Proxmox answered with an error, or whose task ended with one. */
export interface Refusal {
  code: RefusalCode;
  /** What Proxmox said, in one line without secrets. */
  says: string;
  leaves: Leftover;
  /** Keys whose values wait (`pending`), or of which Proxmox complained. */
  keys: readonly string[];
  /** Of `locked`: what holds the guest, such as `backup`. */
  lock?: string;
}

/** An error answer as far as it tells a refusal from another. */
export interface ErrorAnswer {
  status: number;
  /** The reason phrase. */
  reason: string;
  /** Complaints by key (400). */
  errors?: Readonly<Record<string, string>> | undefined;
}

/** Whether an error says that the node the path names could not be reached at all: no connection, or no such name. */
export function neverArrived(status: number, reason: string): boolean {
  return status === 595 || (status === 500 && reason.startsWith('hostname lookup'));
}

/** The refusal an error answer (400, 401, 403, 500, 501, 506) to an operation stands for. */
export function refusalOf(operation: Operation, answer: ErrorAnswer): Refusal {
  const complaints = Object.entries(answer.errors ?? {}).map(([key, text]) => `${key}: ${text}`);
  const says = oneLine([answer.reason, ...complaints].join(' '));
  const keys = Object.keys(answer.errors ?? {});
  if (answer.status === 401) return { code: 'unauthorized', says, leaves: 'nothing', keys };
  if (answer.status === 400) return complained(operation, says, keys);
  if (answer.status === 501 || answer.status === 506)
    return { code: 'invalid', says, leaves: 'nothing', keys };
  // A 403 before anything is written and one after some keys were look alike.
  if (answer.status === 403) return { code: 'forbidden', says, leaves: keyByKey(operation), keys };
  return said(operation, says, keys);
}

/** The refusal that the error of a task stands for. */
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
  // Schema complaints come before anything is written; words not known here may be of a later stage.
  const early = operation.kind !== 'config' || keys.length > 0;
  return { code: 'invalid', says, leaves: early ? 'nothing' : keyByKey(operation), keys };
}

/** What Proxmox says before it writes anything, in order of trial. */
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

/** Of these, a VM may say it only after it has written other keys of the same request. */
const PERHAPS_LATE = new Set<RefusalCode>(['protected', 'forbidden', 'missing']);

function said(operation: Operation, says: string, keys: readonly string[]): Refusal {
  const code = EARLY.find(([, words]) => words.test(says))?.[0];
  if (code === undefined) return { code: 'failed', says, leaves: keyByKey(operation), keys };
  const lock = code === 'locked' ? /locked \(([^)]+)\)/.exec(says)?.[1] : undefined;
  const leaves = PERHAPS_LATE.has(code) ? keyByKey(operation) : 'nothing';
  return { code, says, leaves, keys, ...(lock !== undefined && { lock }) };
}

/** What can be left of an operation that failed at an unknown point. */
function keyByKey({ kind, guest }: Operation): Leftover {
  if (kind !== 'config' && kind !== 'revert') return kind === 'snapshot' ? 'perhaps' : 'nothing';
  return guest.type === 'vm' ? 'perhaps' : 'live';
}

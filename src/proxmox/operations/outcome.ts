import { oneLine, ProxmoxError } from '../proxmox-error.ts';
import type { RawAnswer } from '../refusal.ts';
import type { Operation } from './operation.ts';
import { neverArrived, type Refusal, refusalOf } from './refusal.ts';

/**
 * What is known after a write was sent. None of these says that the guest has the value: only reading it again does. `written`:
 * Proxmox accepted it, though it may wait for a restart or differ from what was sent. `task`: accepted; the task tells the rest.
 * `refused`: see `leaves`. `not-sent`: it never reached the node. `unknown`: it may have been delivered, and may still take
 * effect for 30 s.
 */
export type WriteOutcome =
  | { kind: 'written' }
  | { kind: 'task'; upid: string }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'not-sent'; why: string }
  | { kind: 'unknown'; why: string };

/** Statuses of Proxmox's own errors; any other comes from something in between and says nothing about the write. */
const OWN_ERRORS = new Set([400, 401, 403, 500, 501, 506]);

/** The outcome of an answer, whose texts must be free of secrets. */
export function outcomeOf(operation: Operation, answer: RawAnswer): WriteOutcome {
  const { status } = answer;
  const reason = oneLine(answer.reason || 'no reason given');
  if (status === 200) return accepted(operation, answer.body);
  if (neverArrived(status, reason)) return { kind: 'not-sent', why: `${status} ${reason}` };
  // 596 to 599: the node was reached, and carries on with what it received.
  if (!OWN_ERRORS.has(status)) return { kind: 'unknown', why: `${status} ${reason}` };
  const errors = complaintsIn(answer.body);
  return { kind: 'refused', refusal: refusalOf(operation, { status, reason, errors }) };
}

/** The outcome where no complete answer came. `connected`: the connection stood, so the write may have been delivered. */
export function outcomeWithoutAnswer(error: unknown, connected: boolean): WriteOutcome {
  const why = error instanceof ProxmoxError ? error.message : 'the connection failed';
  return { kind: connected ? 'unknown' : 'not-sent', why };
}

function accepted(operation: Operation, body: string): WriteOutcome {
  const data = parsed(body)?.['data'];
  const config = operation.kind === 'config' || operation.kind === 'revert';
  if (data === null && config) return { kind: 'written' };
  if (typeof data === 'string' && /^UPID:[^:]+(?::[0-9A-F]{8,9}){3}:[^:]+:[^:]*:[^:]+:$/.test(data))
    return { kind: 'task', upid: data };
  return { kind: 'unknown', why: '200 with an answer that is not what Proxmox VE sends here' };
}

function complaintsIn(body: string): Record<string, string> | undefined {
  const errors = parsed(body)?.['errors'];
  if (typeof errors !== 'object' || errors === null) return undefined;
  return Object.fromEntries(Object.entries(errors).map(([key, text]) => [key, oneLine(String(text))]));
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

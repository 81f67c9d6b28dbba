import { UsageError } from '../errors.ts';
import type { WantedValue } from '../model/operation.ts';
import type { GuestAddress, Operation } from '../proxmox/operations/index.ts';
import type { Composed, FieldStep } from './compose.ts';
import type { Reading } from './standing.ts';

/** Fields of a guest outside its configuration, changed by a task rather than by setting a value. */
export const TASK_FIELDS = ['status', 'node', 'snapshots'] as const;
/** One of `TASK_FIELDS`. */
export type TaskField = (typeof TASK_FIELDS)[number];

/**
 * The operation for a step to another status, another node, or a new snapshot, from a reading made just before. A guest is shut
 * down, never stopped hard, and a running one is migrated live (a container by a restart).
 * @throws UsageError for any other step
 */
export function composeTask(guest: GuestAddress, step: FieldStep, reading: Reading): Composed {
  const path = step.path as TaskField;
  const to = String(step.to);
  const now = reading.values[path] ?? null;
  if (path === 'snapshots' ? taken(reading, to) : now === to) return { kind: 'nothing' };
  if (path !== 'snapshots' && now !== step.from)
    return { kind: 'moved', moved: [{ path, from: step.from, now }] };
  const key = path === 'snapshots' ? snapshotKey(to) : path;
  const wanted: WantedValue[] = [{ key, from: path === 'snapshots' ? null : now, to }];
  return { kind: 'operation', operation: operationOf(guest, step, reading), wanted };
}

/** The key of a snapshot in a reading; its value is its name. */
export function snapshotKey(name: string): string {
  return `snapshot:${name}`;
}

function taken({ values }: Reading, name: string): boolean {
  return Object.hasOwn(values, snapshotKey(name));
}

function operationOf(guest: GuestAddress, { path, to }: FieldStep, { values }: Reading): Operation {
  if (path === 'status' && (to === 'running' || to === 'stopped'))
    return { kind: 'power', guest, action: to === 'running' ? 'start' : 'shutdown' };
  if (path === 'node' && typeof to === 'string')
    return { kind: 'migrate', guest, target: to, live: values['status'] === 'running' };
  if (path === 'snapshots' && typeof to === 'string') return { kind: 'snapshot', guest, name: to };
  throw new UsageError(`${path} of a ${guest.type} cannot be brought to ${String(to)}`);
}

import type { GuestAddress } from '../proxmox/operations/index.ts';
import { type Composed, composeConfig, keyOf } from './compose.ts';
import { composeTask } from './compose-task.ts';
import type { Reading } from './standing.ts';
import type { Stage } from './work.ts';

/**
 * The write of a stage, from a reading made just before.
 * @throws UsageError for a field that is never written
 */
export function composeStage(guest: GuestAddress, stage: Stage, reading: Reading): Composed {
  if (stage.kind === 'task') return composeTask(guest, stage.steps[0]!, reading);
  if (stage.kind === 'restart') return composeRestart(guest, stage, reading);
  const open = stage.steps.filter(step => !waitsAlready(guest, stage, step.path, reading));
  return open.length === 0 ? { kind: 'nothing' } : composeConfig(guest, open, reading);
}

/** Whether a step that needs a restart has its value pending already, so that nothing has to be written. */
function waitsAlready(guest: GuestAddress, { steps }: Stage, path: string, reading: Reading): boolean {
  const step = steps.find(one => one.path === path)!;
  if (step.effect !== 'restarts it' || !Object.hasOwn(reading.waiting, keyOf(guest.type, path).key))
    return false;
  const asPlanned = { path, from: step.to, to: step.to };
  return composeConfig(guest, [asPlanned], reading).kind === 'nothing';
}

/** A restart applies what is pending of these steps; without any of it, there is no reason to restart. */
function composeRestart(guest: GuestAddress, { steps }: Stage, { values, waiting }: Reading): Composed {
  const keys = [...new Set(steps.map(step => keyOf(guest.type, step.path).key))];
  const wanted = keys
    .filter(key => Object.hasOwn(waiting, key))
    .map(key => ({ key, from: values[key] ?? null, waited: waiting[key]!, to: waiting[key]! }));
  if (wanted.length === 0) return { kind: 'nothing' };
  return { kind: 'operation', operation: { kind: 'power', guest, action: 'reboot' }, wanted };
}

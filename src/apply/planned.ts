import type { PlanStep } from '../model/plan.ts';
import type { GuestType } from '../model/resource.ts';
import { type GuestAddress, type Operation, writableKey } from '../proxmox/operations/index.ts';

/** A guest of a plan that was just made, as far as the rights its steps will need depend on it. */
export interface PlannedAt {
  guest: GuestAddress;
  /** The bridge of each card: `{net0: 'vmbr0'}`. */
  bridges: { readonly [card: string]: string };
}

/**
 * What is going to be sent for the steps of one guest, as far as rights depend on it: which keys, and over which bridges. Values
 * are none, since nothing is sent from here.
 */
export function plannedOperations({ guest, bridges }: PlannedAt, steps: readonly PlanStep[]): Operation[] {
  const set: { [key: string]: string } = {};
  const operations: Operation[] = [];
  for (const { path, to, effect } of steps) {
    const [key, part] = keyOf(guest.type, path);
    const bridge = part === 'bridge' ? String(to) : key && bridges[key];
    if (key !== undefined && (!(key in set) || part === 'bridge'))
      set[key] = bridge === undefined ? '' : `bridge=${bridge}`;
    if (effect === 'restarts it') operations.push({ kind: 'power', guest, action: 'reboot' });
    if (path === 'status') operations.push({ kind: 'power', guest, action: 'shutdown' });
    if (path === 'node') operations.push({ kind: 'migrate', guest, target: String(to), live: false });
    if (path === 'snapshots') operations.push({ kind: 'snapshot', guest, name: String(to) });
  }
  const config: Operation = { kind: 'config', guest, set, remove: [], digest: '' };
  return Object.keys(set).length > 0 ? [config, ...operations] : operations;
}

function keyOf(type: GuestType, path: string): [key: string | undefined, part?: string | undefined] {
  if (path === 'name') return [type === 'vm' ? 'name' : 'hostname'];
  const [key = '', part] = path.replace(/^config\./, '').split('.');
  return writableKey(type, key) === undefined ? [undefined] : [key, part];
}

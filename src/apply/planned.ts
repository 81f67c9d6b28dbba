import type { PlanStep } from '../model/plan.ts';
import type { GuestType } from '../model/resource.ts';
import { type GuestAddress, type Operation, writableKey } from '../proxmox/operations/index.ts';

/** A guest of a newly made plan, with what decides the rights that its steps will need. */
export interface PlannedAt {
  guest: GuestAddress;
  /** The bridge of each card: `{net0: 'vmbr0'}`. */
  bridges: { readonly [card: string]: string };
}

/**
 * The operations that the steps of one guest will need, as far as rights depend on them: which keys, and over which bridges. They
 * have no values, because nothing is sent from here.
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

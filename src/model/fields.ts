import { HA_STATES, LOCKS } from './status.ts';

/*
 * Which of the fields that Proxmox sends make history: discovery and `history` decide by these tables. Each field's source,
 * class and unit is in field-catalogue.ts.
 */

/** Locks that last until somebody acts. */
export const LASTING_LOCKS: ReadonlySet<string> = new Set(Object.keys(LOCKS));

/** HA states that make history. */
export const LASTING_HA_STATES: ReadonlySet<string> = new Set(Object.keys(HA_STATES));

/** Configuration keys that are kept elsewhere in the state. */
export const PROMOTED_CONFIG_KEYS: ReadonlySet<string> = new Set(['name', 'hostname', 'tags', 'template']);

/** Configuration keys that change by themselves, or repeat another source. */
export const IGNORED_CONFIG_KEYS: ReadonlySet<string> = new Set([
  'digest',
  'parent',
  'lock',
  'snaptime',
  'snapstate',
  'runningmachine',
  'runningcpu',
  'vmstate',
  'meta',
  'lxc',
]);

/** Configuration keys that are free text: never split, never read as numbers. */
export const TEXT_CONFIG_KEYS: ReadonlySet<string> = new Set([
  'description',
  'args',
  'ciuser',
  'cipassword',
  'sshkeys',
  'searchdomain',
  'nameserver',
  'hookscript',
  'vmgenid',
  'ostype',
  'arch',
  'cmode',
  'timezone',
  'startdate',
]);

/** Whether the values at this path are moments in milliseconds, to be shown as times. */
export function isTimePath(path: string): boolean {
  return path === 'started_at' || path.startsWith('snapshots.');
}

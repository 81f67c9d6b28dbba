import type { Facet } from './facet.ts';
import type { ResourceType } from './resource.ts';

/** `state` makes history; `usage` is kept current only; `ignored` is neither. */
export type FieldClass = 'state' | 'usage' | 'ignored';

/** One field of a resource: its one source, its class, and where it stands in our words. */
export interface FieldDeclaration {
  resources: ResourceType[];
  /** Path in the state, or the row's field for usage. `*` stands for any key, `[n]` for a number. */
  path: string;
  class: FieldClass;
  facet: Facet;
  /** The endpoint it is read from. */
  source: string;
  /** The field's name there. */
  field: string;
  unit?: 'bytes' | 'seconds' | 'fraction' | 'time' | 'cores' | 'MiB';
  note?: string;
}

/** Locks that last until somebody acts; the others (backup, snapshot, migrate, clone, rollback ...) pass by themselves. */
export const LASTING_LOCKS: ReadonlySet<string> = new Set(['suspended', 'suspending']);

/** HA states that a person requested or must act on; the manager's steps in between are transients. */
export const LASTING_HA_STATES: ReadonlySet<string> = new Set([
  'started',
  'stopped',
  'disabled',
  'ignored',
  'error',
  'fence',
]);

/** Config keys that live elsewhere in the state. */
export const PROMOTED_CONFIG_KEYS: ReadonlySet<string> = new Set(['name', 'hostname', 'tags', 'template']);

/** Config keys that move by themselves or repeat what another source says. */
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

/** Config keys that are free text: never split, never read as numbers. */
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

const GUESTS: ResourceType[] = ['vm', 'container'];
const rows = '/cluster/resources';
const pending = '/nodes/{node}/{qemu|lxc}/{vmid}/pending';

/** Every field the store knows, by its one source. docs/fields.md is generated from it. */
export const FIELDS: readonly FieldDeclaration[] = [
  {
    resources: GUESTS,
    path: 'status',
    class: 'state',
    facet: 'inventory',
    source: rows,
    field: 'status',
    note: 'A move is confirmed at the guest (`status/current`) before it makes history. `unknown` is not an observation; a start for a backup is ignored.',
  },
  { resources: GUESTS, path: 'node', class: 'state', facet: 'inventory', source: rows, field: 'node' },
  {
    resources: GUESTS,
    path: 'pool',
    class: 'state',
    facet: 'inventory',
    source: rows,
    field: 'pool',
    note: 'Its absence counts only while the token may audit the former pool.',
  },
  {
    resources: GUESTS,
    path: 'ha',
    class: 'state',
    facet: 'inventory',
    source: rows,
    field: 'hastate',
    note: 'Lasting states only: started, stopped, disabled, ignored, error, fence.',
  },
  {
    resources: GUESTS,
    path: 'lock',
    class: 'state',
    facet: 'inventory',
    source: rows,
    field: 'lock',
    note: 'Only `suspended` and `suspending`; passing locks are shown but make no history.',
  },
  {
    resources: GUESTS,
    path: 'started_at',
    class: 'state',
    facet: 'inventory',
    source: rows,
    field: 'uptime',
    unit: 'time',
    note: 'Now minus uptime, moved when the boot time moved by more than a minute while running on the same node.',
  },
  {
    resources: GUESTS,
    path: 'name',
    class: 'state',
    facet: 'config',
    source: pending,
    field: 'name, hostname',
    note: 'Shown from the listing until the configuration has been read. The placeholders `VM 104` and `CT201` are no names.',
  },
  {
    resources: GUESTS,
    path: 'tags',
    class: 'state',
    facet: 'config',
    source: pending,
    field: 'tags',
    note: 'Sorted; `,`, `;` and blanks separate.',
  },
  {
    resources: GUESTS,
    path: 'template',
    class: 'state',
    facet: 'config',
    source: pending,
    field: 'template',
  },
  {
    resources: GUESTS,
    path: 'config.*',
    class: 'state',
    facet: 'config',
    source: pending,
    field: 'value',
    note: 'Running values; property strings are split into subfields.',
  },
  {
    resources: GUESTS,
    path: 'pending.*',
    class: 'state',
    facet: 'config',
    source: pending,
    field: 'pending, delete',
    note: 'Values waiting for a restart; a pending deletion is `(deleted)`.',
  },
  {
    resources: GUESTS,
    path: 'snapshots.*',
    class: 'state',
    facet: 'config',
    source: '/nodes/{node}/{qemu|lxc}/{vmid}/snapshot',
    field: 'snaptime',
    unit: 'time',
    note: 'The pseudo entry `current` is no snapshot.',
  },
  {
    resources: GUESTS,
    path: 'config.digest, parent, lock, meta, snaptime, runningmachine',
    class: 'ignored',
    facet: 'config',
    source: pending,
    field: '(same)',
  },
  {
    resources: GUESTS,
    path: 'cpuUsage',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'cpu',
    unit: 'fraction',
  },
  {
    resources: GUESTS,
    path: 'cpuCores',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'maxcpu',
    unit: 'cores',
    note: 'Capped at the host; the configured number is `config.cores` x `config.sockets`.',
  },
  {
    resources: GUESTS,
    path: 'memoryUsage',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'mem',
    unit: 'bytes',
  },
  {
    resources: GUESTS,
    path: 'memoryBytes',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'maxmem',
    unit: 'bytes',
  },
  {
    resources: GUESTS,
    path: 'diskUsage',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'disk',
    unit: 'bytes',
    note: 'Always 0 for VMs, and therefore not kept for them.',
  },
  {
    resources: GUESTS,
    path: 'diskSize',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'maxdisk',
    unit: 'bytes',
    note: 'For containers it depends on whether they run.',
  },
  {
    resources: GUESTS,
    path: 'networkIn',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'netin',
    unit: 'bytes',
  },
  {
    resources: GUESTS,
    path: 'networkOut',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'netout',
    unit: 'bytes',
  },
  {
    resources: GUESTS,
    path: 'uptime',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'uptime',
    unit: 'seconds',
  },
  {
    resources: ['node'],
    path: 'status',
    class: 'state',
    facet: 'inventory',
    source: rows,
    field: 'status',
    note: 'Must agree with /cluster/status where that is readable; not judged without quorum.',
  },
  {
    resources: ['node'],
    path: 'started_at',
    class: 'state',
    facet: 'inventory',
    source: rows,
    field: 'uptime',
    unit: 'time',
  },
  {
    resources: ['node'],
    path: 'version',
    class: 'state',
    facet: 'details',
    source: '/nodes/{node}/version',
    field: 'version',
  },
  {
    resources: ['node'],
    path: 'cpuUsage',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'cpu',
    unit: 'fraction',
  },
  {
    resources: ['node'],
    path: 'cpuMax',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'maxcpu',
    unit: 'cores',
  },
  {
    resources: ['node'],
    path: 'memoryUsage',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'mem',
    unit: 'bytes',
  },
  {
    resources: ['node'],
    path: 'memoryMax',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'maxmem',
    unit: 'bytes',
  },
  {
    resources: ['node'],
    path: 'uptime',
    class: 'usage',
    facet: 'inventory',
    source: rows,
    field: 'uptime',
    unit: 'seconds',
  },
  {
    resources: ['storage'],
    path: 'type',
    class: 'state',
    facet: 'storage',
    source: '/storage',
    field: 'type',
  },
  {
    resources: ['storage'],
    path: 'content',
    class: 'state',
    facet: 'storage',
    source: '/storage',
    field: 'content',
  },
  {
    resources: ['storage'],
    path: 'shared',
    class: 'state',
    facet: 'storage',
    source: '/storage',
    field: 'shared',
  },
  {
    resources: ['storage'],
    path: 'enabled',
    class: 'state',
    facet: 'storage',
    source: '/storage',
    field: 'disable',
  },
  {
    resources: ['storage'],
    path: 'nodes',
    class: 'state',
    facet: 'storage',
    source: '/storage',
    field: 'nodes',
  },
  {
    resources: ['storage'],
    path: 'options.*',
    class: 'state',
    facet: 'storage',
    source: '/storage',
    field: '(the rest of the definition)',
  },
  {
    resources: ['storage'],
    path: 'unreachable',
    class: 'state',
    facet: 'storage',
    source: '/nodes/{node}/storage',
    field: 'active',
    note: 'Nodes on which an enabled storage is not active.',
  },
  {
    resources: ['storage'],
    path: 'totalBytes',
    class: 'usage',
    facet: 'storage',
    source: '/nodes/{node}/storage',
    field: 'total',
    unit: 'bytes',
    note: '0 is no size.',
  },
  {
    resources: ['storage'],
    path: 'usedBytes',
    class: 'usage',
    facet: 'storage',
    source: '/nodes/{node}/storage',
    field: 'used',
    unit: 'bytes',
  },
  {
    resources: ['storage'],
    path: 'availableBytes',
    class: 'usage',
    facet: 'storage',
    source: '/nodes/{node}/storage',
    field: 'avail',
    unit: 'bytes',
  },
  {
    resources: ['storage'],
    path: 'digest',
    class: 'ignored',
    facet: 'storage',
    source: '/storage',
    field: 'digest',
    note: 'It belongs to the file: one edited storage changes all.',
  },
];

/** Whether the values at this path are moments in milliseconds, to be shown as times. */
export function isTimePath(path: string): boolean {
  return path === 'started_at' || path.startsWith('snapshots.');
}

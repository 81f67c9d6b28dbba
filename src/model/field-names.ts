import type { ConfigValue } from './config/value.ts';
import type { ResourceType } from './resource.ts';
import { GUEST_STATUS_WORDS, NODE_STATUSES, STORAGE_STATUSES } from './status.ts';

/*
 * The catalogue by name: what conditions, columns, groups and settings call a field. field-catalogue.ts has each field's source
 * and class. A guest's configuration keys (config/keys.ts) go by their own names.
 */

/** A field with the name by which people ask for it. */
export interface NamedField extends ConfigValue {
  name: string;
  resources: readonly ResourceType[];
  /** Its path in field-catalogue.ts; null where it is derived from others. */
  path: string | null;
  /** Other names for it. */
  aliases?: readonly string[];
  /** The only words allowed as its value. */
  words?: readonly string[];
  /** Other words for these. */
  synonyms?: Readonly<Record<string, string>>;
  /** Only kept current: its value at a past moment is not known. */
  currentOnly?: true;
  note?: string;
}

const GUESTS = ['vm', 'container'] as const satisfies ResourceType[];
type More = Omit<NamedField, 'name' | 'resources' | 'kind' | 'path'>;
const now = { currentOnly: true } as const;
const seenAt = [
  ['unseen', 'flag', null, { note: 'It cannot be seen now: everything else is as last seen.' }],
  ['unseen_since', 'time', null],
  ['unseen_reason', 'text', null],
] as const;

function named<const N extends string>(
  resources: readonly ResourceType[],
  lines: readonly (readonly [name: N, kind: ConfigValue['kind'], path: string | null, more?: More])[],
) {
  return lines.map(
    ([name, kind, path, more]) => ({ name, resources, kind, path, ...more }) as NamedField & { name: N },
  );
}

/** Other words that people use for a guest's status. */
export const STATUS_SYNONYMS = {
  up: 'running',
  online: 'running',
  started: 'running',
  down: 'stopped',
  off: 'stopped',
  offline: 'stopped',
  hibernated: 'suspended',
  crashed: 'error',
  halted: 'error',
  failed: 'error',
};

/** The fields of guests, beyond their configuration. */
export const GUEST_FIELDS = named(GUESTS, [
  ['resource', 'text', null, { note: '`vm/101`, `container/200`.' }],
  ['type', 'text', null, { words: GUESTS, synonyms: { qemu: 'vm', lxc: 'container', ct: 'container' } }],
  ['vmid', 'number', null, { aliases: ['id'] }],
  ['name', 'text', 'name', { aliases: ['hostname'] }],
  ['node', 'text', 'node'],
  [
    'status',
    'text',
    'status',
    {
      words: GUEST_STATUS_WORDS,
      synonyms: STATUS_SYNONYMS,
      note: '`unknown` where it cannot be seen now. `error`, `paused` ... take every status that is called so.',
    },
  ],
  ['last_status', 'text', 'status', { note: 'What it was when last seen, also where that is the present.' }],
  ...seenAt,
  ['template', 'flag', 'template'],
  ['tag', 'list', 'tags', { aliases: ['tags'] }],
  ['pool', 'text', 'pool'],
  ['lock', 'text', 'lock'],
  ['ha', 'text', 'ha', { aliases: ['ha_state', 'hastate'] }],
  [
    'cpus',
    'number',
    'cpuCores',
    { unit: 'cores', note: 'At most those of the node; at a past moment cores x sockets.' },
  ],
  ['memory_gib', 'number', 'memoryBytes', { unit: 'GiB' }],
  ['boot_disk_gib', 'number', 'diskSize', { unit: 'GiB' }],
  ['started_at', 'time', 'started_at', { note: 'Of one that has a process.' }],
  ['uptime', 'span', 'uptime', { aliases: ['uptime_seconds'] }],
  ['cpu_percent', 'number', 'cpuUsage', { unit: 'percent', ...now }],
  ['memory_percent', 'number', 'memoryUsage', { unit: 'percent', ...now }],
  ['network_in_gib', 'number', 'networkIn', { unit: 'GiB', ...now }],
  ['network_out_gib', 'number', 'networkOut', { unit: 'GiB', ...now }],
  ['disk_used_gib', 'number', 'diskUsage', { unit: 'GiB', ...now }],
  ['pending', 'list', 'pending.*', { note: 'The keys that wait for a restart.' }],
  ['last_backup', 'time', 'backups', { aliases: ['last_backup_at'], ...now }],
  ['backup_size_gib', 'number', 'backups', { unit: 'GiB', ...now, note: 'Of all its backups together.' }],
]);

/** The fields of nodes. */
export const NODE_FIELDS = named(
  ['node'],
  [
    ['resource', 'text', null, { note: '`node/pve1`.' }],
    ['node', 'text', null, { aliases: ['name', 'id'] }],
    ['status', 'text', 'status', { words: NODE_STATUSES }],
    ['last_status', 'text', 'status'],
    ...seenAt,
    ['version', 'version', 'version', { aliases: ['pve_version'] }],
    ['cpus', 'number', 'cpuMax', { unit: 'cores', ...now }],
    ['cpu_percent', 'number', 'cpuUsage', { unit: 'percent', ...now }],
    ['memory_gib', 'number', 'memoryMax', { unit: 'GiB', ...now }],
    ['memory_percent', 'number', 'memoryUsage', { unit: 'percent', ...now }],
    ['memory_used_gib', 'number', 'memoryUsage', { unit: 'GiB', ...now }],
    ['memory_free_gib', 'number', 'memoryUsage', { unit: 'GiB', ...now }],
    ['allocated_cpus', 'number', null, { unit: 'cores', note: 'Of its guests that have a process.' }],
    ['allocated_memory_gib', 'number', null, { unit: 'GiB' }],
    ['guests', 'number', null, { note: 'Templates aside.' }],
    ['unseen_guests', 'number', null],
    ['started_at', 'time', 'started_at'],
    ['uptime', 'span', 'uptime', { aliases: ['uptime_seconds'] }],
    ['kernel', 'version', 'kernel, cpu_model, load, root, swap', now],
    ['cpu_model', 'text', 'kernel, cpu_model, load, root, swap', now],
    ['cpu_sockets', 'number', 'kernel, cpu_model, load, root, swap', now],
    ['load', 'number', 'kernel, cpu_model, load, root, swap', { ...now, note: 'Over one minute.' }],
    ['root_gib', 'number', 'kernel, cpu_model, load, root, swap', { unit: 'GiB', ...now }],
    ['root_percent', 'number', 'kernel, cpu_model, load, root, swap', { unit: 'percent', ...now }],
    ['swap_gib', 'number', 'kernel, cpu_model, load, root, swap', { unit: 'GiB', ...now }],
    ['swap_percent', 'number', 'kernel, cpu_model, load, root, swap', { unit: 'percent', ...now }],
  ],
);

/** The fields of storages, on each node for one that is not shared. */
export const STORAGE_FIELDS = named(
  ['storage'],
  [
    ['resource', 'text', null, { note: '`storage/local-zfs`.' }],
    ['storage', 'text', null, { aliases: ['name', 'id'] }],
    ['type', 'text', 'type'],
    ['node', 'list', 'nodes', { aliases: ['nodes'], note: 'Where it can be used.' }],
    ['shared', 'flag', 'shared'],
    ['enabled', 'flag', 'enabled'],
    ['status', 'text', 'unreachable', { words: STORAGE_STATUSES }],
    ['last_status', 'text', 'unreachable'],
    ...seenAt,
    ['content', 'list', 'content'],
    ['total_gib', 'number', 'totalBytes', { unit: 'GiB', ...now }],
    ['used_gib', 'number', 'usedBytes', { unit: 'GiB', ...now }],
    ['free_gib', 'number', 'availableBytes', { unit: 'GiB', ...now }],
    ['used_percent', 'number', 'usedBytes', { unit: 'percent', ...now }],
  ],
);

/** Every field by name. docs/fields.md is generated from it as well. */
export const NAMED_FIELDS: readonly NamedField[] = [...GUEST_FIELDS, ...NODE_FIELDS, ...STORAGE_FIELDS];

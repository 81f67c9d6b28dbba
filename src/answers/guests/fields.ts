import { UsageError } from '../../errors.ts';
import {
  asText,
  CONFIG_KEYS,
  type ConfigKey,
  type ConfigValue,
  configKey,
  type Effective,
  effectiveValue,
} from '../../model/config/index.ts';
import { GUEST_FIELDS } from '../../model/field-names.ts';
import { reasonText } from '../../model/reason-text.ts';
import { GUEST_TYPES, type GuestType, guestKey } from '../../model/resource.ts';
import type { JsonValue } from '../../model/state.ts';
import { isStatus } from '../../model/status.ts';
import { isSecretPath } from '../../text/secret-words.ts';
import { sum } from '../cluster/words.ts';
import { fractionPercent, gib, percent } from '../format/units.ts';
import { fieldsOf, type Readers } from '../where/book.ts';
import type { Element, ElementField, Field, FieldBook, Named } from '../where/field.ts';
import { DEVICE_ELEMENTS } from './elements.ts';
import type { GuestFact } from './fact.ts';
import type { GuestFacts } from './sources.ts';

type Read = (facts: GuestFacts) => Effective | undefined;
const ofRow =
  (read: (row: GuestFact) => Effective): Read =>
  ({ row }) =>
    row === undefined ? undefined : read(row);

/** How each named field is read; `needs` is what it takes besides the row. */
const READERS: Readers<GuestFacts, (typeof GUEST_FIELDS)[number]['name']> = {
  resource: { read: ({ type, vmid }) => guestKey({ type, id: vmid }) },
  type: { read: ({ type }) => type },
  vmid: { read: ({ vmid }) => vmid },
  name: { read: ofRow(row => row.name) },
  node: { read: ofRow(row => row.node) },
  status: { read: ofRow(row => row.status), same: isStatus },
  last_status: { read: ofRow(row => row.lastStatus), same: isStatus },
  unseen: { read: ofRow(row => row.out !== null) },
  unseen_since: { read: ofRow(row => row.out?.since ?? null) },
  unseen_reason: { read: ofRow(row => (row.out === null ? null : reasonText(row.out.reason))) },
  template: { read: ofRow(row => row.template) },
  tag: { read: ofRow(row => some(row.tags)) },
  pool: { read: ofRow(row => row.pool) },
  lock: { read: ofRow(row => row.lock) },
  ha: { read: ofRow(row => row.ha) },
  cpus: { read: ofRow(row => row.cpus) },
  memory_gib: { read: ofRow(row => gib(row.memoryBytes)) },
  boot_disk_gib: { read: ofRow(row => gib(row.bootDiskBytes)) },
  started_at: { read: ofRow(row => row.startedAt) },
  uptime: { read: ofRow(row => (row.isUp ? row.uptimeSeconds : null)) },
  cpu_percent: { read: ofRow(row => fractionPercent(row.usage?.cpuFraction ?? null)) },
  memory_percent: { read: ofRow(row => percent(row.usage?.memoryBytes ?? null, row.memoryBytes)) },
  network_in_gib: { read: ofRow(row => gib(row.usage?.networkInBytes ?? null)) },
  network_out_gib: { read: ofRow(row => gib(row.usage?.networkOutBytes ?? null)) },
  disk_used_gib: { read: ofRow(row => gib(row.usage?.diskBytes ?? null)) },
  pending: {
    needs: 'config',
    read: ({ config }) => (config?.pending ? some(Object.keys(config.pending)) : undefined),
  },
  last_backup: { needs: 'backups', read: lastBackup, isAtLeast: ({ backups }) => backups?.complete !== true },
  backup_size_gib: {
    needs: 'backups',
    read: ({ backups }) => (backups?.complete ? gib(sum(backups.on.map(on => on.bytes))) : undefined),
  },
};

function some(values: readonly string[]): readonly string[] | null {
  return values.length === 0 ? null : values;
}

function lastBackup({ backups }: GuestFacts): number | null | undefined {
  if (!backups) return undefined;
  const known = backups.on.flatMap(on => on.newestAt ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

const FIELDS = fieldsOf(GUEST_FIELDS, READERS);

type Listed = { [name: string]: ConfigValue & { read: (one: Element) => Effective | undefined } };

function listed(
  name: string,
  needs: string,
  elements: ElementField<GuestFacts>['elements'],
  parts: Listed,
  more: Pick<ElementField<GuestFacts>, 'isPartial' | 'currentOnly'> = {},
): ElementField<GuestFacts> {
  const names = Object.keys(parts);
  return {
    name,
    needs,
    elements,
    ...more,
    parts: names,
    shown: names,
    defaultPart: names[0]!,
    part: asked => {
      const own = ALIASES[asked] ?? asked;
      return Object.hasOwn(parts, own) ? { name: asked, ...parts[own]! } : undefined;
    },
  };
}

/** Other names for parts. */
const ALIASES: { [name: string]: string } = {
  age: 'created_at',
  at: 'created_at',
  interface: 'device',
  ip: 'address',
};

const plain = (kind: ConfigValue['kind'], part: string): Listed[string] => ({
  kind,
  read: one => one[part] as Effective,
});

const SNAPSHOT = listed(
  'snapshot',
  'config',
  ({ config }) => (config ? Object.entries(config.snapshots).map(([name, at]) => ({ name, at })) : undefined),
  { name: plain('text', 'name'), created_at: plain('time', 'at') },
);

const BACKUP = listed(
  'backup',
  'backups',
  ({ backups }) => backups?.on.map(on => ({ ...on })),
  {
    storage: { kind: 'text', read: one => String(one['source']).split('@')[0]! },
    node: { kind: 'text', read: one => String(one['source']).split('@')[1] ?? null },
    created_at: { kind: 'time', read: one => one['newestAt'] as number | null },
    count: plain('number', 'count'),
    size_gib: { kind: 'number', unit: 'GiB', read: one => gib(one['bytes'] as number) },
  },
  { isPartial: ({ backups }) => backups?.complete !== true, currentOnly: true },
);

const ADDRESS = listed(
  'address',
  'interfaces',
  ({ interfaces }) =>
    interfaces?.flatMap(({ name, mac, ips }) => ips.map(ip => ({ address: ip, device: name, mac }))),
  {
    address: {
      kind: 'text',
      // Without its prefix, as people ask for it.
      read: one => String(one['address']).split('/')[0]!,
    },
    device: plain('text', 'device'),
    mac: plain('text', 'mac'),
  },
  { currentOnly: true },
);

const ELEMENTS: ReadonlyMap<string, ElementField<GuestFacts>> = new Map(
  [...DEVICE_ELEMENTS, SNAPSHOT, BACKUP, ADDRESS].flatMap(element =>
    [element.name, `${element.name}${element.name === 'address' ? 'es' : 's'}`].map(name => [name, element]),
  ),
);

/** A configuration key, or a part of one, for the guests that have it. */
function configField(path: string): Field<GuestFacts> | undefined {
  const values = new Map<GuestType, ConfigValue>();
  for (const type of GUEST_TYPES) {
    const value = declared(type, path);
    if (value !== undefined) values.set(type, value);
  }
  const [value] = values.values();
  if (value === undefined) return undefined;
  const { default: _, ...shown } = value;
  const [key = '', ...parts] = path.split('.');
  return {
    ...shown,
    name: path,
    needs: 'config',
    keys: [key],
    secret: isSecretPath(`config.${path}`),
    applies: ({ type }) => values.has(type),
    read: ({ type, config }) => (config ? effectiveValue(type, config.config, path) : undefined),
    whole: ({ type, config }) =>
      parts.length === 0 && config ? propertyText(configKey(type, key), config.config[key]) : undefined,
    isSet: ({ config }) => {
      if (!config) return undefined;
      const set = config.config[key];
      if (set === undefined || set === null || parts.length === 0) return (set ?? null) !== null;
      return typeof set === 'object' && !Array.isArray(set) && Object.hasOwn(set, parts.join('.'));
    },
  };
}

function declared(type: GuestType, path: string): ConfigValue | undefined {
  const [key = '', ...parts] = path.split('.');
  const known = configKey(type, key);
  if (known === undefined || parts.length === 0) return known;
  const part = parts.join('.');
  return known.parts !== undefined && Object.hasOwn(known.parts, part) ? known.parts[part] : undefined;
}

/** A property string with more than its default part, as Proxmox writes it. */
function propertyText(known: ConfigKey | undefined, value: JsonValue | undefined): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const { [known?.defaultPart ?? '']: first, ...others } = value;
  if (first !== undefined && Object.keys(others).length === 0) return undefined;
  return [first === undefined ? '' : String(first), asText(others)].filter(part => part !== '').join(',');
}

/** A value that waits for a restart, `pending.memory`; null if no value of that key does. */
function pendingField(path: string): Field<GuestFacts> | undefined {
  const field = configField(path);
  if (field === undefined) return undefined;
  const key = path.split('.')[0]!;
  const waits = ({ config }: GuestFacts) =>
    config?.pending ? Object.hasOwn(config.pending, key) : undefined;
  const { keys: _, ...whole } = field;
  return {
    ...whole,
    name: `pending.${path}`,
    isSet: waits,
    read: facts => {
      const waiting = waits(facts);
      if (!waiting) return waiting === undefined ? undefined : null;
      return effectiveValue(facts.type, { [key]: facts.config!.pending![key]! }, path);
    },
  };
}

/** What people and the views of query_sql call fields that have another name here. */
const CALLED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...['mem', 'ram', 'memory_mib'].map(name => [name, 'memory'] as const),
  ...['cpu_type', 'cpu.type', 'cputype'].map(name => [name, 'cpu'] as const),
  ...['ip', 'ips', 'ip_address'].map(name => [name, 'address'] as const),
  ['mac', 'nic.mac'],
  ['vlan', 'nic.tag'],
  ['bridge', 'nic.bridge'],
  ['storage', 'disk.storage'],
  ['os', 'ostype'],
]);

function find(asked: string): Named<GuestFacts> | undefined {
  const name = CALLED_ELSEWHERE.get(asked) ?? asked;
  const named = FIELDS.get(name);
  if (named !== undefined) return { kind: 'field', field: named };
  const path = name.replace(/^config\./, '');
  const [first = '', ...rest] = path.split('.');
  const element = ELEMENTS.get(first);
  if (element !== undefined) {
    const part = rest.length === 0 ? null : element.part(rest.join('.'));
    if (part !== undefined) return { kind: 'element', element, part };
  }
  const field = first === 'pending' ? pendingField(rest.join('.')) : configField(path);
  return field && { kind: 'field', field };
}

const KEYS = GUEST_TYPES.flatMap(type =>
  Object.entries(CONFIG_KEYS[type]).flatMap(([key, { parts = {} }]) =>
    key.endsWith('*') ? [] : [key, ...Object.keys(parts).map(part => `${key}.${part}`)],
  ),
);
const PARTS = [...new Set(ELEMENTS.values())].flatMap(({ name, parts }) =>
  parts.map(part => `${name}.${part}`),
);

const NAMES = [...new Set([...FIELDS.keys(), ...ELEMENTS.keys(), ...PARTS, ...KEYS])];
const CALLED = { vm: 'VMs', container: 'containers' };

/**
 * What conditions, columns and groups can name for guests of these types. @throws UsageError for what only the other type has.
 */
export function guestBook(types: readonly GuestType[]): FieldBook<GuestFacts> {
  return {
    names: NAMES,
    of: types.length === 1 ? CALLED[types[0]!] : 'guests',
    find: name => {
      const named = find(name);
      const applies = named && (named.kind === 'field' ? named.field : named.element).applies;
      const other = GUEST_TYPES.find(type => !types.includes(type));
      if (other !== undefined && applies !== undefined && !types.some(type => applies({ type, vmid: 0 })))
        throw new UsageError(`${name} is a field of ${CALLED[other]} alone.`, {
          hint: `Ask list_guests, which has both. Example: {"where":["${name}"],"type":"${other}"}.`,
        });
      return named;
    },
  };
}

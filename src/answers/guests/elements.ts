import {
  CONFIG_KEYS,
  type ConfigKey,
  type ConfigValue,
  configKey,
  effectivePart,
} from '../../model/config/index.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import type { GuestConfig, JsonObject, JsonValue } from '../../model/state.ts';
import type { Element, ElementField, Field } from '../where/field.ts';
import type { GuestFacts } from './sources.ts';

/** A device of a configuration: its key, and the parts that are set. */
interface Device extends Element {
  device: string;
  known: ConfigKey;
  parts: JsonObject;
}

const DRIVES = ['ide', 'sata', 'scsi', 'virtio'];
const VOLUMES = [...DRIVES, 'efidisk', 'tpmstate', 'rootfs', 'mp'];

/** A key without its number: `scsi0` is on the bus `scsi`. */
function busOf(key: string): string {
  let end = key.length;
  while (end > 0 && isDigit(key.charCodeAt(end - 1))) end--;
  return key.slice(0, end);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function devicesOf(type: GuestType, config: GuestConfig, buses: ReadonlySet<string>): Device[] {
  const devices: Device[] = [];
  for (const key in config) {
    const value = config[key];
    if (value === null || value === undefined || !buses.has(busOf(key))) continue;
    const known = configKey(type, key);
    if (known !== undefined) devices.push({ device: key, known, parts: partsOf(known, value) });
  }
  return devices;
}

/** A value that is not a property string is its default part. */
function partsOf({ defaultPart = 'value' }: ConfigKey, value: JsonValue): JsonObject {
  const isParts = value !== null && typeof value === 'object' && !Array.isArray(value);
  return isParts ? value : { [defaultPart]: value };
}

/** The parts that tell a CD-ROM drive from a disk. */
const TELLING_PARTS = ['media', 'volume~cloudinit'];

/** Whether it is a CD-ROM drive, which includes cloud-init drives. */
function isCdrom({ parts }: Device): boolean {
  return (
    parts['media'] === 'cdrom' || /(?:^|[:/])vm-\d+-cloudinit(?:\.|$)/.test(String(parts['volume'] ?? ''))
  );
}

/** The storage of a volume; null for a path, an empty drive or anything else without one. */
export function storageOf(volume: unknown): string | null {
  return typeof volume === 'string' && !volume.startsWith('/')
    ? (/^([^:]+):./.exec(volume)?.[1] ?? null)
    : null;
}

/** Computed parts, and the parts they are computed from; those that come from the key alone name themselves. */
type Derived = Readonly<
  Record<string, ConfigValue & { of: (device: Device) => string | number | null; from: readonly string[] }>
>;

const EVERY_DEVICE: Derived = {
  device: { kind: 'text', from: ['device'], of: ({ device }) => device },
};
const A_VOLUME: Derived = {
  ...EVERY_DEVICE,
  bus: { kind: 'text', from: ['bus'], of: ({ device }) => busOf(device) },
  storage: { kind: 'text', from: ['volume:'], of: ({ parts }) => storageOf(parts['volume']) },
};
const A_CARD: Derived = {
  ...EVERY_DEVICE,
  mac: {
    kind: 'text',
    from: ['macaddr', 'hwaddr'],
    of: ({ parts }) => textOf(parts['macaddr'] ?? parts['hwaddr']),
  },
};

/** Other names for parts. */
const PART_ALIASES: Readonly<Record<string, string>> = { vlan: 'tag', size_gib: 'size' };

function textOf(value: JsonValue | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}

/** One kind of device: its buses, and what is computed for it. */
interface DeviceKind {
  name: string;
  buses: readonly string[];
  derived: Derived;
  shown?: readonly string[];
  takes?: (device: Device) => boolean;
}

const KINDS: readonly DeviceKind[] = [
  {
    name: 'disk',
    buses: VOLUMES,
    derived: A_VOLUME,
    shown: ['device', 'volume', 'size_gib'],
    takes: device => !isCdrom(device),
  },
  { name: 'cdrom', buses: DRIVES, derived: A_VOLUME, shown: ['device', 'volume'], takes: isCdrom },
  { name: 'nic', buses: ['net'], derived: A_CARD, shown: ['device', 'model', 'mac', 'bridge', 'tag'] },
];

/** Every other device, named like its key: `hostpci`, `usb`, `unused`, `mp` ... */
const FAMILIES: readonly DeviceKind[] = [
  ...new Set(GUEST_TYPES.flatMap(type => Object.keys(CONFIG_KEYS[type]).filter(key => key.endsWith('*')))),
]
  .map(key => key.slice(0, -1))
  .filter(bus => bus !== 'numa')
  .map(bus => ({
    name: bus,
    buses: [bus],
    derived: VOLUMES.includes(bus) || bus === 'unused' ? A_VOLUME : bus === 'net' ? A_CARD : EVERY_DEVICE,
  }));

function deviceElement({ name, buses, derived, takes, shown }: DeviceKind): ElementField<GuestFacts> {
  const known = new Map(
    GUEST_TYPES.map(type => [
      type,
      buses.flatMap(bus => CONFIG_KEYS[type][`${bus}*`] ?? CONFIG_KEYS[type][bus] ?? []),
    ]),
  );
  const all = [...known.values()].flat();
  const wanted = new Set(buses);
  const values: { [part: string]: ConfigValue } = Object.assign(
    {},
    ...all.map(one => one.parts ?? {}),
    derived,
  );
  const defaultPart = all[0]?.defaultPart ?? 'value';
  if (values[defaultPart] === undefined) values[defaultPart] = { kind: 'text' };
  const part = (asked: string): Field<Element> | undefined => {
    const own = Object.hasOwn(values, asked) ? asked : (PART_ALIASES[asked] ?? asked);
    if (!Object.hasOwn(values, own)) return undefined;
    const { default: _, ...value } = values[own]!;
    const of = Object.hasOwn(derived, own) ? derived[own]!.of : undefined;
    return {
      ...value,
      name: asked,
      read: one => (of ? of(one as Device) : readPart(one as Device, own)),
      keys: Object.hasOwn(derived, own) ? derived[own]!.from : [own],
      isSet: one => (of ? of(one as Device) !== null : (one as Device).parts[own] !== undefined),
    };
  };
  return {
    name,
    needs: 'config',
    keys: buses.map(keyOf),
    // The key alone tells that the device exists, without reading any part.
    tellingParts: takes ? TELLING_PARTS : ['device'],
    keysWith: (asked, test) =>
      asked === 'bus' && Object.hasOwn(derived, 'bus')
        ? buses.filter(bus => test({ device: bus }) !== false).map(keyOf)
        : undefined,
    defaultPart,
    parts: Object.keys(values),
    shown: shown ?? ['device', defaultPart],
    part,
    applies: ({ type }) => known.get(type)!.length > 0,
    elements: ({ type, config }) => {
      const devices = config?.config && devicesOf(type, config.config, wanted);
      return takes ? devices?.filter(takes) : devices;
    },
  };
}

/** The key of a bus in a configuration, with a star for the number of the device. */
function keyOf(bus: string): string {
  return bus === 'rootfs' ? bus : `${bus}*`;
}

function readPart({ known, parts }: Device, part: string) {
  return effectivePart(known.parts ?? {}, parts, part);
}

/** The devices of guests, by name. */
export const DEVICE_ELEMENTS: readonly ElementField<GuestFacts>[] = [...KINDS, ...FAMILIES].map(
  deviceElement,
);

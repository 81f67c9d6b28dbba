import type { GuestConfig, JsonValue } from '../../model/state.ts';

const MIB = 1024 ** 2;
const UNITS: { [unit: string]: number } = { K: 1024, M: MIB, G: 1024 ** 3, T: 1024 ** 4 };

/** Configured cores of all sockets; null if the configuration is unknown. PVE's default is one of each. */
export function configuredCpus(config: GuestConfig | undefined): number | null {
  if (config === undefined) return null;
  const { cores, sockets } = config;
  return (typeof cores === 'number' ? cores : 1) * (typeof sockets === 'number' ? sockets : 1);
}

/** Configured memory (bytes); null if unknown. Newer PVE writes `memory: current=2048`. */
export function configuredMemoryBytes(config: GuestConfig | undefined): number | null {
  const memory = config?.['memory'];
  const mib = part(memory, 'current') ?? memory;
  return typeof mib === 'number' ? mib * MIB : null;
}

/** Size of the disk a guest boots from (bytes), by its boot order or else the first disk; null if unknown. */
export function bootDiskBytes(config: GuestConfig | undefined): number | null {
  if (config === undefined) return null;
  if (config['rootfs'] !== undefined) return sizeOf(config['rootfs']);
  const order = part(config['boot'], 'order');
  const listed = typeof order === 'string' ? order.split(';') : [];
  const disks = Object.keys(config)
    .filter(key => /^(?:scsi|virtio|sata|ide)\d+$/.test(key))
    .sort();
  const boot = [...listed, ...disks].find(key => {
    const volume = part(config[key], 'volume');
    return volume !== undefined && part(config[key], 'media') !== 'cdrom';
  });
  return boot === undefined ? null : sizeOf(config[boot]);
}

function sizeOf(disk: JsonValue | undefined): number | null {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(String(part(disk, 'size') ?? ''));
  return match === null ? null : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
}

function part(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value[name] : undefined;
}

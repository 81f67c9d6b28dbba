import type { GuestConfig, JsonValue } from '../model/state.ts';

/** A volume or a piece of hardware in a guest's configuration. */
export interface Device {
  /** The configuration's key: `scsi0`, `mp1`, `hostpci0`. */
  key: string;
  /**
   * `disk` includes containers' volumes; `bind` is a folder of the node in a container; `passthrough` is hardware of the node,
   * `mapped` hardware by a name that other nodes may have, too.
   */
  kind: 'disk' | 'cdrom' | 'cloudinit' | 'unused' | 'bind' | 'passthrough' | 'mapped';
  /** `scsi` of `scsi0`. */
  bus: string;
  /** The storage of the volume; null if it is on none. */
  storage: string | null;
  volume: string;
  /** Declared to exist on every node. */
  shared: boolean;
}

const VOLUME_KEY = /^(ide|sata|scsi|virtio|efidisk|tpmstate|rootfs|mp|unused)(\d*)$/;
const HARDWARE_KEY = /^(hostpci|usb|dev|serial|parallel)\d+$/;

/** A part of a property string; undefined if the value has no parts. */
export function partOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return value[name];
}

/** The value of a key with one main part: `agent` 1 or `enabled=1`. */
export function mainPart(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return partOf(value, name) ?? (typeof value === 'object' ? undefined : value);
}

/** Volumes and passed-through hardware of a guest, by key. An empty CD-ROM drive is no device. */
export function devicesOf(config: GuestConfig): Device[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const device = volumeOf(key, value) ?? hardwareOf(key, value);
    return device === null ? [] : [device];
  });
}

function volumeOf(key: string, value: JsonValue): Device | null {
  const bus = VOLUME_KEY.exec(key)?.[1];
  const volume = mainPart(value, 'volume');
  if (bus === undefined || typeof volume !== 'string' || volume === 'none') return null;
  const isPath = volume.startsWith('/');
  const storage = isPath ? null : (/^([^:/]+):/.exec(volume)?.[1] ?? null);
  const shared = partOf(value, 'shared') === 1;
  const device = { key, bus, storage, volume, shared };
  if (bus === 'unused') return { ...device, kind: 'unused' };
  if (isPath && bus === 'mp') return { ...device, kind: 'bind' };
  if (partOf(value, 'media') !== 'cdrom') return { ...device, kind: 'disk' };
  return { ...device, kind: volume.includes('cloudinit') ? 'cloudinit' : 'cdrom' };
}

function hardwareOf(key: string, value: JsonValue): Device | null {
  const bus = HARDWARE_KEY.exec(key)?.[1];
  if (bus === undefined) return null;
  const device = { key, bus, storage: null, shared: false };
  const mapping = partOf(value, 'mapping');
  if (typeof mapping === 'string') return { ...device, kind: 'mapped', volume: mapping };
  const host = mainPart(value, bus === 'dev' ? 'path' : 'host');
  // A SPICE redirection or a socket needs nothing of the node.
  if (typeof host !== 'string' || host === 'spice' || host === 'socket') return null;
  return { ...device, kind: 'passthrough', volume: host };
}

/** Whether the guest agent is enabled; containers need none. */
export function hasAgent(config: GuestConfig): boolean {
  const enabled = mainPart(config['agent'], 'enabled');
  return enabled === 1 || enabled === '1';
}

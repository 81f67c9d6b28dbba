import { ApiError } from '../api-error.ts';
import type { ClusterState } from '../state.ts';
import type { ConfigValue, Guest } from '../types.ts';

/** Keys of a VM that hold a drive. */
export const driveKey = /^(ide\d|sata\d|scsi\d+|virtio\d+|efidisk0|tpmstate0)$/;
/** Keys of a container that hold a volume. */
export const mountKey = /^(rootfs|mp\d+)$/;
/** A size in GiB beyond the capacity of any storage of the lab. */
const impossibleGib = 1_000_000;

/** A drive without a disk of its own: a CD-ROM, an ISO image in one, or the cloud-init image. */
export function isCdrom(value: ConfigValue | undefined): boolean {
  return /(^|,)media=cdrom|^(none|cdrom)(,|$)|cloudinit/.test(String(value ?? ''));
}

/** `local:100/vm-100-disk-0.qcow2` of a drive's text. */
export function volumeOf(value: ConfigValue): string {
  return String(value)
    .split(',')[0]!
    .replace(/^(file|volume)=/, '');
}

/** The storage in a volume id or in a request for a new volume (`local:8`); undefined if there is none. */
export function storageOf(value: ConfigValue): string | undefined {
  return /^([a-zA-Z][\w.-]*):/.exec(volumeOf(value))?.[1];
}

/** Whether the text requests a new volume: `STORAGE:GIGABYTES`. */
export function asksForVolume(value: ConfigValue): boolean {
  return /^[a-zA-Z][\w.-]*:\d+(\.\d+)?$/.test(volumeOf(value));
}

/** A drive's text as stored by PVE: a requested volume created, options sorted, the size measured whatever was sent. */
export function storedDrive(state: ClusterState, guest: Guest, key: string, value: ConfigValue): string {
  const volume = asksForVolume(value) ? allocate(state, guest, value) : volumeOf(value);
  const options = String(value)
    .split(',')
    .slice(1)
    .filter(option => !/^(size|format)=/.test(option));
  const size = sizeOf(state, volume);
  if (size !== undefined) options.push(`size=${size}`);
  if (key.startsWith('mp') && !options.some(option => option.startsWith('mp='))) options.push('mp=/');
  return [volume, ...options.sort()].join(',');
}

/** @throws 500 in qemu-img's words if the disk cannot be created */
function allocate(state: ClusterState, guest: Guest, wish: ConfigValue): string {
  const [, storage, gib] = /^([^:]+):(.+)$/.exec(volumeOf(wish))!;
  const format = /(?:^|,)format=(\w+)/.exec(String(wish))?.[1] ?? 'raw';
  const files = ['dir', 'nfs', 'cifs', 'cephfs', 'btrfs'].includes(
    state.storages.get(storage!)?.type ?? 'dir',
  );
  const taken = new Set(
    [
      ...Object.values(guest.config),
      ...[...guest.pending.values()].map(each => ('value' in each ? each.value : '')),
    ]
      .map(value => /disk-(\d+)/.exec(String(value))?.[1])
      .map(Number),
  );
  let number = 0;
  while (taken.has(number)) number++;
  const name = `vm-${guest.vmid}-disk-${number}`;
  const volume = files ? `${storage}:${guest.vmid}/${name}.${format}` : `${storage}:${name}`;
  if (Number(gib) >= impossibleGib) {
    const file = `/var/lib/vz/images/${guest.vmid}/${name}.${format}`;
    throw new ApiError(
      500,
      `unable to create image: qemu-img: ${file}: The image size is too large for file format '${format}'`,
    );
  }
  state.diskSizes.set(volume, `${gib}G`);
  return volume;
}

/** The size of a volume, wherever it is recorded; undefined if it is not (an empty CD-ROM). */
function sizeOf(state: ClusterState, volume: string): string | undefined {
  const known = state.diskSizes.get(volume);
  if (known !== undefined || volume === 'none') return known;
  for (const guest of state.guests.values()) {
    for (const value of Object.values(guest.config)) {
      if (volumeOf(value) !== volume) continue;
      const size = /(?:^|,)size=([^,]+)/.exec(String(value))?.[1];
      if (size !== undefined) return size;
    }
  }
  const image = state.volumes.find(each => each.volid === volume);
  return image === undefined ? undefined : `${Math.ceil(image.size / 1024)}K`;
}

/** Removes a drive from a config: its disk stays as the first free `unusedN`; a CD-ROM is just removed. */
export function detach(state: ClusterState, guest: Guest, key: string): void {
  const value = guest.config[key];
  if (value === undefined) return;
  const size = /(?:^|,)size=([^,]+)/.exec(String(value))?.[1];
  if (size !== undefined) state.diskSizes.set(volumeOf(value), size);
  delete guest.config[key];
  if (isCdrom(value)) return;
  let number = 0;
  while (guest.config[`unused${number}`] !== undefined) number++;
  guest.config[`unused${number}`] = volumeOf(value);
}

/** Removes the unused entry of a disk that is now attached. */
export function noLongerUnused(guest: Guest, value: ConfigValue): void {
  for (const [key, unused] of Object.entries(guest.config))
    if (/^unused\d+$/.test(key) && volumeOf(unused) === volumeOf(value)) delete guest.config[key];
}

/**
 * Destroys an unused disk's data with its entry.
 * @throws 500 while a snapshot of the guest uses it
 */
export function destroyUnused(guest: Guest, key: string): void {
  const value = guest.config[key];
  if (value === undefined) return;
  const volume = volumeOf(value);
  const used = guest.snapshots.some(({ config }) =>
    Object.values(config).some(each => volumeOf(each) === volume),
  );
  if (used) throw new ApiError(500, `unable to delete '${volume}' - volume is still in use (snapshot?)`);
  delete guest.config[key];
}

/** A boot order without a device; an empty `order=` has a blank. Undefined if it does not name the device. */
export function bootWithout(boot: ConfigValue | undefined, device: string): string | undefined {
  const devices = bootDevices(boot);
  if (!devices.includes(device)) return undefined;
  const left = devices.filter(each => each !== device);
  return left.length === 0 ? ' ' : `order=${left.join(';')}`;
}

/** The devices of a boot order, in order. */
export function bootDevices(boot: ConfigValue | undefined): string[] {
  return (/^order=(.*)$/.exec(String(boot ?? ''))?.[1] ?? '').split(';').filter(device => device !== '');
}
